import { assertEquals } from "../helpers/assert.ts";
import { startApi } from "./stage.ts";

interface Row {
  readonly id: string;
  readonly endpoint: string;
}

Deno.test("GET /connections finds by endpoint and address, window by window", async () => {
  await using stage = await startApi();
  await using _one = await stage.open("/ws");
  await using _two = await stage.open("/chat");
  await using _three = await stage.open("/ws");
  const list = async (query: string) =>
    (await stage.ask("GET", `/connections?${query}`)).body.connections as Row[];
  const all = await list("");
  assertEquals(all.map(({ endpoint }) => endpoint), ["/ws", "/chat", "/ws"]);
  assertEquals((await list("endpoint=/ws")).map(({ id }) => id), [all[0]!.id, all[2]!.id]);
  assertEquals((await list("ip=127.0.0.1")).length, 3);
  assertEquals(await list("ip=127.0.0.2"), []);
  assertEquals(await list("user=alice"), []);
  const first = await list("limit=2");
  const rest = await list(`limit=2&after=${encodeURIComponent(first[1]!.id)}`);
  assertEquals([...first, ...rest], [...first, { ...all[2]!, ...rest[0] }]);
});

Deno.test("DELETE /connections closes those that are meant, and asks which", async () => {
  await using stage = await startApi();
  await using one = await stage.open("/ws");
  await using other = await stage.open("/chat");
  assertEquals((await stage.ask("DELETE", "/connections")).status, 422);
  assertEquals((await stage.ask("DELETE", "/connections?code=1")).status, 422);
  const got = await stage.ask("DELETE", "/connections?endpoint=/ws&code=4500&reason=bye");
  assertEquals([got.status, got.body], [200, { closed: 1, missing: [] }]);
  assertEquals(await one.readClose(), { code: 4500, reason: "bye" });
  await stage.ask("DELETE", "/connections?ip=127.0.0.1");
  await other.readText();
  assertEquals(await other.readClose(), { code: 4503, reason: "kicked" });
});

import { OPCODE, RawClient } from "../../src/testing/mod.ts";
import { SOCKET_LIMITS } from "../../src/api/socket.ts";
import { assertEquals, assertStringIncludes } from "../helpers/assert.ts";
import { type ApiStage, startApi, TOKENS } from "./stage.ts";

const PATH = "/api/v1/socket";

async function open({ server }: ApiStage, token?: string) {
  const client = await RawClient.open({ port: server.adminAddr!.port, path: PATH });
  const say = (value: unknown) =>
    client.send({ opcode: OPCODE.text, payload: JSON.stringify(value) });
  if (token !== undefined) await say({ token });
  return {
    client,
    say,
    async ask(requests: unknown, id = 1) {
      await say({ id, requests });
      return JSON.parse(await client.readText());
    },
    [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
  };
}

for (const admin of [{}, { port: 0 }]) {
  const place = "port" in admin ? "a listener of its own" : "the main listener";
  Deno.test(`a socket on ${place} answers batches, with the rights of its token`, async () => {
    const tokens = Object.entries(TOKENS).map(([name, token]) => ({ name, token, scopes: [name] }));
    await using stage = await startApi({ admin: { ...admin, tokens } });
    await using socket = await open(stage, TOKENS.read);
    const requests = [
      { method: "GET", path: "/nodes" },
      { method: "GET", path: "/log" },
      { method: "DELETE", path: "/actors/echo" },
    ];
    const { id, status, body } = await socket.ask(requests, 7);
    assertEquals([id, status], [7, 200]);
    assertEquals(body.results.map(({ status }: { status: number }) => status), [200, 403, 403]);
    assertEquals(body.results[0].body.nodes[0].name, "troupe@localhost");
    const wrong = await socket.ask([{ method: "GET" }]);
    assertEquals([wrong.status, wrong.body.errors[0].path], [422, "requests.0.path"]);
  });
}

Deno.test("a socket with a bad token is told so, one without any and nonsense are closed", async () => {
  await using stage = await startApi();
  await using stranger = await open(stage, "no-such-token-0123456789");
  const { status, body } = await stranger.ask([{ method: "GET", path: "/nodes" }]);
  assertEquals(status, 401);
  assertStringIncludes(body.detail, "not known");
  for (const message of [{ id: 1, requests: [] }, [], 5, { token: 5 }]) {
    await using socket = await open(stage);
    await socket.say(message);
    assertEquals((await socket.client.readClose()).code, 4501);
  }
  await using binary = await open(stage, TOKENS.read);
  await binary.client.send({ opcode: OPCODE.binary, payload: new Uint8Array(3) });
  assertEquals((await binary.client.readClose()).code, 4501);
});

Deno.test("a socket of another origin is refused, as is one whose host was made to resolve here", async () => {
  await using stage = await startApi();
  const port = stage.server.adminAddr!.port;
  const foreign: readonly Record<string, string>[] = [
    { origin: "http://elsewhere.example" },
    { host: `rebound.example:${port}`, origin: `http://rebound.example:${port}` },
  ];
  for (const headers of foreign) {
    await using client = await RawClient.connect({ port });
    assertEquals((await client.handshake({ path: PATH, headers })).status, 403);
  }
});

Deno.test("questions of a socket are answered in order, and so many may wait", async () => {
  await using stage = await startApi();
  await using socket = await open(stage, TOKENS.admin);
  const slow = [{ method: "POST", path: "/actors/silent/ask?timeout=50ms", body: { message: 1 } }];
  stage.server.node.spawn(async (self) => {
    for await (const _ of self);
  }, { name: "silent" });
  const count = SOCKET_LIMITS.waiting + 2;
  for (let id = 1; id <= count; id++) await socket.say({ id, requests: slow });
  const answers: { readonly id: number; readonly status: number }[] = [];
  while (answers.length < count) answers.push(JSON.parse(await socket.client.readText()));
  const of = (status: number) =>
    answers.filter((each) => each.status === status).map(({ id }) => id);
  const ids = Array.from({ length: count }, (_, index) => index + 1);
  assertEquals(of(429).every((id) => id > SOCKET_LIMITS.waiting), true);
  assertEquals(of(200), ids.filter((id) => !of(429).includes(id)));
  assertEquals(of(429).length > 0, true);
});

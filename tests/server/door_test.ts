import { parseConfig } from "../../src/config/mod.ts";
import { ServerStartError } from "../../src/http/mod.ts";
import { serve } from "../../src/server/mod.ts";
import { settleUntil } from "../../src/testing/manual_clock.ts";
import { RawClient } from "../../src/testing/raw_client.ts";
import { temporaryFiles } from "./stage.ts";
import { assertEquals, assertRejects, assertStringIncludes } from "../helpers/assert.ts";

const ENGINES = ["native", "ws"] as const;

const ROOM = `
export default async function room(self) {
  const members = new Set();
  for await (const { message } of self) {
    if (message.kind === "connect") {
      members.add(message.id);
      self.send(message.id, { kind: "message", body: self.key + " " + members.size });
    } else if (message.kind === "disconnect") members.delete(message.id);
    else if (message.body === "crash") throw new Error("as told");
    else self.send(message.id, { kind: "message", body: self.key + " has " + members.size });
  }
}`;

const ACCEPT = `
import { refuse } from "${import.meta.resolve("../../src/mod.ts")}";
export default ({ request, params }) => {
  const user = new URL(request.url).searchParams.get("user");
  if (user === null) return refuse(401, "who are you?");
  return { attributes: { user, ...params }, headers: { "set-cookie": ["a=1", "b=2"] } };
};`;

const WHO = `
export default async function who(self) {
  for await (const { message } of self) {
    if (message.kind !== "connect") continue;
    self.send(message.id, { kind: "message", body: JSON.stringify(message.attributes) });
  }
}`;

for (const engine of ENGINES) {
  Deno.test(`a configured accept decides about handshakes, with engine ${engine}`, async () => {
    await using folder = await temporaryFiles({ "accept.ts": ACCEPT, "who.js": WHO });
    const config = parseConfig({
      listen: { port: 0 },
      processes: { who: { module: "./who.js" } },
      endpoints: { "/who/:room": { pool: ["who"], accept: "./accept.ts", engine } },
    });
    await using server = await serve(config, { baseDirectory: folder.path });
    const { port } = server.addr;
    {
      await using client = await RawClient.connect({ port });
      await client.request({ path: "/who/a" });
      const { status, body } = await client.readResponse();
      assertEquals([status, body], [401, "who are you?\n"]);
    }
    await using client = await RawClient.connect({ port });
    const head = await client.handshake({ path: "/who/lobby?user=ada" });
    assertEquals([head.status, head.headers.getSetCookie()], [101, ["a=1", "b=2"]]);
    assertEquals(JSON.parse(await client.readText()), { user: "ada", room: "lobby" });
  });

  Deno.test(`1,000 connections in 50 rooms have 50 processes, with engine ${engine}`, async () => {
    await using folder = await temporaryFiles({ "room.js": ROOM });
    const config = parseConfig({
      listen: { port: 0 },
      processes: { room: { module: "./room.js", keyed: true, idleTimeout: "200ms" } },
      endpoints: { "/room/:name": { target: "room/:name", engine } },
    });
    await using server = await serve(config, { baseDirectory: folder.path });
    const { port } = server.addr;
    const rooms = Array.from({ length: 50 }, (_, index) => `r${index}`);
    const clients: RawClient[] = [];
    for (let i = 0; i < 1_000; i++) {
      const room = rooms[i % 50]!;
      const client = await RawClient.open({ port, path: `/room/${room}` });
      clients.push(client);
      // Exactly the connections of this room have been told to its process.
      assertEquals(await client.readText(), `${room} ${Math.floor(i / 50) + 1}`);
    }
    const names = () => rooms.filter((room) => server.node.whereis(`room/${room}`) !== undefined);
    assertEquals(names().length, 50);
    assertEquals(server.node.whereis("room/other"), undefined);
    for (const client of clients) client.close();
    await settleUntil("the end of idle rooms", () => names().length === 0);
    // What comes to one that has ended, or is ending, begins anew.
    await using again = await RawClient.open({ port, path: "/room/r1" });
    assertEquals(await again.readText(), "r1 1");
  });

  Deno.test(`a keyed process that crashes loses its connections, with engine ${engine}`, async () => {
    await using folder = await temporaryFiles({ "room.js": ROOM });
    const config = parseConfig({
      listen: { port: 0 },
      processes: { room: { module: "./room.js", keyed: true, maxKeys: 2 } },
      endpoints: {
        "/close/:name": { target: "room/:name", engine },
        "/next/:name": { target: "room/:name", targetLost: "next", engine },
      },
    });
    await using server = await serve(config, { baseDirectory: folder.path });
    const { port } = server.addr;
    await using first = await RawClient.open({ port, path: "/close/a" });
    await using second = await RawClient.open({ port, path: "/next/a" });
    await using other = await RawClient.open({ port, path: "/close/b" });
    assertEquals(await first.readText(), "a 1");
    assertEquals(await second.readText(), "a 2");
    assertEquals(await other.readText(), "b 1");
    await using third = await RawClient.connect({ port });
    await third.request({ path: "/close/c" });
    assertEquals((await third.readResponse()).status, 503);
    await first.send({ opcode: 1, payload: "crash" });
    assertEquals((await first.readClose()).code, 1011);
    // A new process of the same key has taken it over, and nobody else noticed.
    assertEquals(await second.readText(), "a 1");
    await other.send({ opcode: 1, payload: "?" });
    assertEquals(await other.readText(), "b has 1");
  });

  Deno.test(`/ may be an endpoint and a page, with engine ${engine}`, async () => {
    const served = async (page: unknown) => {
      const config = parseConfig({
        listen: { port: 0 },
        processes: { echo: { behavior: "echo" } },
        endpoints: { "/": { pool: ["echo"], engine } },
        page,
      });
      await using server = await serve(config);
      const { port } = server.addr;
      await using client = await RawClient.open({ port, path: "/" });
      await client.send({ opcode: 1, payload: "hello" });
      assertEquals(await client.readText(), "hello");
      const answer = await fetch(`http://127.0.0.1:${port}/`);
      return [answer.status, (await answer.text()).includes("</html>")];
    };
    assertEquals(await served("auto"), [200, true]);
    assertEquals(await served(true), [200, true]);
    assertEquals(await served(false), [426, false]);
  });
}

Deno.test("the page is not there on a public address, unless it is asked for", async () => {
  for (const [page, status] of [["auto", 404], [true, 200]] as const) {
    const config = parseConfig({ listen: { hostname: "0.0.0.0", port: 0 }, page });
    await using server = await serve(config);
    const answer = await fetch(`http://127.0.0.1:${server.addr.port}/`);
    await answer.body?.cancel();
    assertEquals(answer.status, status);
  }
});

for (
  const [what, text, expected] of [
    ["is not there", undefined, "Cannot load accept module"],
    ["throws", "throw new Error('as told')", "as told"],
    ["exports nothing", "export {}", "its default export is missing"],
    ["exports a value", "export default 1", "of type number, expected a function"],
  ] as const
) {
  Deno.test(`serve() does not start with an accept that ${what}`, async () => {
    await using folder = await temporaryFiles(text === undefined ? {} : { "accept.js": text });
    const config = parseConfig({
      listen: { port: 0 },
      processes: { echo: { behavior: "echo" } },
      endpoints: { "/ws": { pool: ["echo"], accept: "./accept.js" } },
    });
    const starting = () => serve(config, { baseDirectory: folder.path });
    const error = await assertRejects(starting, ServerStartError);
    assertStringIncludes(error.message, expected);
  });
}

import { SignJWT } from "jose";
import { parseConfig } from "../../src/config/mod.ts";
import { serve } from "../../src/server/mod.ts";
import { OPCODE, RawClient } from "../../src/testing/mod.ts";
import { assertEquals } from "../helpers/assert.ts";
import { testWith } from "../helpers/needs.ts";
import { NATS, withBroker } from "../cluster/stage.ts";
import { configureLogs, type LogsHandle } from "../../src/telemetry/mod.ts";
import { LogCapture } from "../helpers/log_capture.ts";
import { askApi, tapEvents, TOKENS } from "./stage.ts";

const SECRET = "a secret of at least 32 characters";

function sign(user: string): Promise<string> {
  return new SignJWT({}).setSubject(user).setProtectedHeader({ alg: "HS256" })
    .sign(new TextEncoder().encode(SECRET));
}

function startNode(name: string, url: string, logs?: LogsHandle) {
  const config = parseConfig({
    node: { name },
    listen: { port: 0 },
    admin: { tokens: [{ name: "ops", token: TOKENS.admin, scopes: ["admin"] }] },
    cluster: { nats: { servers: url } },
    processes: { chat: { behavior: "chat" } },
    endpoints: {
      "/chat": { pool: ["chat"], auth: { jwt: { secret: SECRET, algorithms: ["HS256"] } } },
    },
  });
  return serve(config, logs === undefined ? {} : { logs });
}

async function enter(port: number, user: string): Promise<RawClient> {
  const authorization = `Bearer ${await sign(user)}`;
  const client = await RawClient.open({ port, path: "/chat", headers: { authorization } });
  await client.readText();
  await client.send({ opcode: OPCODE.text, payload: "m:join;0;lobby" });
  await client.readText();
  return client;
}

testWith(
  NATS,
  "one node's API reaches users, rooms and connections of the other",
  async (executable) => {
    await using broker = await withBroker(executable);
    await using one = await startNode("one@localhost", broker.url);
    await using two = await startNode("two@localhost", broker.url);
    await Promise.all([one.cluster!.whenUp("two@localhost"), two.cluster!.whenUp("one@localhost")]);
    const base = `http://127.0.0.1:${one.addr.port}/api/v1`;
    const ask = (method: string, path: string, body?: unknown) =>
      askApi(base, method, path, { body });
    await using alice = await enter(one.addr.port, "alice");
    await using bob = await enter(two.addr.port, "bob");

    const { body: { nodes } } = await ask("GET", "/nodes");
    assertEquals(nodes.map(({ name }: { name: string }) => name), [
      "one@localhost",
      "two@localhost",
    ]);
    assertEquals((await ask("POST", "/users/bob/send", { text: "to bob" })).body.connections, 1);
    assertEquals(await bob.readText(), "to bob");
    assertEquals((await ask("GET", "/rooms")).body.rooms, [{ room: "lobby", members: 2 }]);
    assertEquals((await ask("GET", "/rooms/lobby/members")).body.members.length, 2);
    const published = await ask("POST", "/rooms/lobby/publish", { text: "to all" });
    assertEquals(published.body, { nodes: 2, connections: 2, missing: [] });
    // Alice may have been told of Bob, who is on the other node.
    for (const client of [alice, bob]) while (await client.readText() !== "to all");

    const { body: { connections } } = await ask("GET", "/connections?user=bob");
    const path = `/actors/${encodeURIComponent(connections[0].id)}`;
    const asking = ask("POST", `${path}/ask`, { message: 1 });
    const question = JSON.parse(await bob.readText());
    const payload = JSON.stringify({ answer: question.ask, value: "bob" });
    await bob.send({ opcode: OPCODE.text, payload });
    assertEquals((await asking).body, { answer: "bob" });
    assertEquals((await ask("GET", path)).body.inspect.node, "two@localhost");
    assertEquals((await ask("DELETE", "/connections?user=bob")).body.closed, 1);
    assertEquals((await bob.readClose()).code, 4503);
  },
);

testWith(
  NATS,
  "what is looked at on one node shows the other, too: relations, taps, logs",
  async (executable) => {
    const capture = new LogCapture();
    await using logs = configureLogs({ level: "info", format: "json", write: capture.write });
    await using broker = await withBroker(executable);
    await using one = await startNode("one@localhost", broker.url, logs);
    await using two = await startNode("two@localhost", broker.url, logs);
    await Promise.all([one.cluster!.whenUp("two@localhost"), two.cluster!.whenUp("one@localhost")]);
    const base = `http://127.0.0.1:${one.addr.port}/api/v1`;
    const ask = (method: string, path: string, body?: unknown) =>
      askApi(base, method, path, { body });

    const watched = two.node.spawn(async (self) => {
      for await (const _ of self);
    });
    const watcher = two.node.spawn(async (self) => {
      self.monitor(watched);
      self.link(watched);
      for await (const _ of self);
    });
    const { body: details } = await ask("GET", `/actors/${encodeURIComponent(watched)}`);
    assertEquals([details.monitoredBy, details.linkedBy.concat(details.links)], [
      [watcher],
      [watcher],
    ]);

    await using bob = await enter(two.addr.port, "bob");
    await using tapped = await tapEvents(base, "user=bob");
    // The other node hears of the tap a moment later.
    const [first] = await Promise.all([
      tapped.next(),
      (async () => {
        for (let turn = 0; turn < 2_000 && !tapped.hasSome(); turn++) {
          await bob.send({ opcode: OPCODE.text, payload: "hello" });
          await bob.send({ opcode: OPCODE.ping, payload: "" });
          await bob.readFrame();
        }
      })(),
    ]);
    assertEquals([first.data.message.body, first.data.to], ["hello", two.node.whereis("chat")]);

    const { body: set } = await ask("PUT", "/log/level", { level: "debug", logger: "app" });
    assertEquals([set.nodes, set.missing], [2, []]);
    const { body: only } = await ask("PUT", "/log/level", {
      level: "debug",
      logger: "app",
      node: "two@localhost",
    });
    assertEquals(only.nodes, 1);
    for (const node of ["one@localhost", "two@localhost"]) {
      assertEquals((await ask("GET", `/log?node=${node}&limit=5`)).body.lines.length, 5);
    }
    assertEquals((await ask("GET", "/log?node=three@localhost")).status, 404);
    const away = { level: "debug", node: "three@localhost" };
    assertEquals((await ask("PUT", "/log/level", away)).status, 404);
  },
);

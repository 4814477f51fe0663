import { SignJWT } from "jose";
import { parseConfig } from "../../src/config/mod.ts";
import { serve } from "../../src/server/mod.ts";
import { OPCODE, RawClient } from "../../src/testing/mod.ts";
import { assertEquals } from "../helpers/assert.ts";
import { testWith } from "../helpers/needs.ts";
import { NATS, withBroker } from "../cluster/stage.ts";
import { askApi, TOKENS } from "./stage.ts";

const SECRET = "a secret of at least 32 characters";

function sign(user: string): Promise<string> {
  return new SignJWT({}).setSubject(user).setProtectedHeader({ alg: "HS256" })
    .sign(new TextEncoder().encode(SECRET));
}

function startNode(name: string, url: string) {
  return serve(parseConfig({
    node: { name },
    listen: { port: 0 },
    admin: { tokens: [{ name: "ops", token: TOKENS.admin, scopes: ["admin"] }] },
    cluster: { nats: { servers: url } },
    processes: { chat: { behavior: "chat" } },
    endpoints: {
      "/chat": { pool: ["chat"], auth: { jwt: { secret: SECRET, algorithms: ["HS256"] } } },
    },
  }));
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

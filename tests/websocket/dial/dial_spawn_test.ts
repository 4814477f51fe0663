import { createNode } from "../../../src/actor/mod.ts";
import { createConnection } from "../../../src/websocket/mod.ts";
import { assert, assertEquals } from "../../helpers/assert.ts";
import { inDeadline } from "../../../src/testing/deadline.ts";
import { echoes, Inbox } from "../inbox.ts";
import { serveWs } from "../ws_stage.ts";

Deno.test("a dialed connection that runs is not spawned a second time, and goes on", async () => {
  await using served = await serveWs({ parent: new Inbox(echoes) });
  await using node = createNode();
  const connection = await createConnection({ url: `ws://127.0.0.1:${served.port}/ws` });
  const inbox = new Inbox();
  node.spawn((self) => {
    self.spawnMeta(connection);
    return inbox.run(self);
  });
  const { id } = await inbox.take("connect");
  const down = Promise.withResolvers<unknown>();
  const second = node.spawn(async (self) => {
    const alias = self.spawnMeta(connection);
    self.monitor(alias);
    self.send(alias, { kind: "message", body: "astray" });
    for await (const { message } of self) down.resolve(message);
  });
  const { reason, detail } = await inDeadline("its end", down.promise) as Record<string, string>;
  assertEquals(reason, "panic");
  const text = "Cannot spawn the connection: it is running, expected one that is not";
  assert(Deno.inspect(detail, { strAbbreviateSize: 1_000 }).includes(text), detail);
  // Its process stops while it does, before it has begun to run.
  const third = node.spawn(async (self) => {
    self.spawnMeta(connection);
    await Promise.reject(new Error("stops"));
  });
  await Promise.all([node.exit(second), node.exit(third)]);
  node.send(id, { kind: "message", body: "still here" });
  assertEquals((await inbox.take("message")).body, "still here");
  assertEquals([served.parent.all("disconnect"), inbox.all("disconnect")], [[], []]);
  assertEquals([inbox.all("connect").length, inbox.all("message").length], [1, 1]);
});

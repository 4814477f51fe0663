import { createNode } from "../../src/actor/mod.ts";
import { echo } from "../../src/behaviors/mod.ts";
import { connectPeer, Inbox, settle } from "../../src/testing/mod.ts";
import { close, type FromConnection, MESSAGE_TYPE, text } from "../../src/websocket/mod.ts";
import { assertEquals, assertRejects } from "../helpers/assert.ts";

Deno.test("connectPeer() makes a process see a client, from connect to disconnect", async () => {
  await using node = createNode();
  const inbox = new Inbox<FromConnection>();
  const connect = { protocol: "chat", attributes: { user: "ada" } };
  const { alias, peer } = await connectPeer(node, node.spawn(inbox.run), { connect });
  peer.send(MESSAGE_TYPE.text, "hello");
  await settle();
  node.send(alias, text("welcome"));
  await settle();
  peer.end(4000, "bye");
  const [first, second, last] = await inbox.count(3);
  assertEquals(
    [first?.kind, first?.kind === "connect" && [first.protocol, first.attributes?.user], first?.id],
    ["connect", ["chat", "ada"], alias],
  );
  assertEquals(second?.kind === "message" && second.body, "hello");
  assertEquals(last?.kind === "disconnect" && [last.code, last.reason], [4000, "bye"]);
  assertEquals(peer.received.map(({ body }) => body), ["welcome"]);
});

Deno.test("connectPeer() shows what the server closes with", async () => {
  await using node = createNode();
  const { alias, peer } = await connectPeer(node, node.spawn(echo));
  node.send(alias, close(4500, "bad token"));
  await settle();
  assertEquals(peer.closes, [{ code: 4500, reason: "bad token" }]);
});

Deno.test("connectPeer() refuses options that a handler does not have", async () => {
  await using node = createNode();
  const handler = { maxMessageByte: 1 } as unknown as Record<string, never>;
  const target = node.spawn(echo);
  await assertRejects(() => connectPeer(node, target, { handler }), TypeError, "maxMessageByte");
});

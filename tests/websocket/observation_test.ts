import { EndpointCounts } from "../../src/telemetry/metrics/endpoint_meter.ts";
import { ConnectionObservation } from "../../src/websocket/observation.ts";
import { assertEquals } from "../helpers/assert.ts";
import { settle } from "../../src/testing/manual_clock.ts";
import { type ConnectionOptions, startConnection } from "./connection/connection_stage.ts";

async function start(options: ConnectionOptions = {}) {
  const meter = new EndpointCounts();
  return { ...await startConnection({ ...options, meter }), meter };
}

Deno.test("a connection counts messages and bytes in and out, not control frames", async () => {
  const { node, alias, peer, meter } = await start();
  peer.send(1, "h\u00e9");
  peer.send(2, new Uint8Array(5));
  peer.send(9, new Uint8Array(3));
  node.send(alias, { kind: "message", body: "abcd" });
  node.send(alias, { kind: "message", type: 10, body: new Uint8Array(2) });
  await settle();
  assertEquals([meter.messagesReceived, meter.bytesReceived], [2, 8]);
  assertEquals([meter.messagesSent, meter.bytesSent], [1, 4]);
  assertEquals([meter.connections, meter.active], [1, 1]);
  peer.end(4000);
  await settle();
  assertEquals([meter.connections, meter.active, [...meter.codes]], [1, 0, [["4000", 1]]]);
  await node.stop();
});

Deno.test("a slow client counts as slow once, and each message it loses as dropped", async () => {
  const limits = { sendQueueBytes: 10, slowConsumer: "drop-oldest", stalled: true } as const;
  const { node, alias, peer, meter } = await start(limits);
  for (const digit of "012345") node.send(alias, { kind: "message", body: digit.repeat(4) });
  await settle();
  const dropped = meter.messagesDropped;
  assertEquals([meter.consumersSlow, dropped > 1], [1, true]);
  assertEquals(meter.messagesSent + dropped < 6, true, "some must be waiting");
  peer.end(1006);
  await settle();
  // What waited is lost as well: nothing is in two counters, or in none.
  assertEquals(meter.messagesSent + meter.messagesDropped, 6);
  await node.stop();
});

Deno.test("a client that is closed for being slow counts as slow", async () => {
  const { node, alias, peer, meter } = await start({ sendQueueBytes: 10, stalled: true });
  node.send(alias, { kind: "message", body: "x".repeat(9) });
  node.send(alias, { kind: "message", body: "x".repeat(9) });
  await settle();
  assertEquals([peer.closes[0]?.code, meter.consumersSlow], [4002, 1]);
  peer.end(1006);
  await settle();
  assertEquals([...meter.codes], [["4002", 1]]);
  await node.stop();
});

Deno.test("a connection that never ran is counted nowhere, one that ended twice once", () => {
  const meter = new EndpointCounts();
  const never = new ConnectionObservation(meter, undefined);
  never.closed(1006, "");
  const twice = new ConnectionObservation(meter, undefined);
  twice.opened("alias");
  twice.closed(1000, "");
  twice.closed(1001, "");
  assertEquals([meter.connections, meter.active, [...meter.codes]], [1, 0, [["1000", 1]]]);
});

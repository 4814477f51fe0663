import { Outbox, type OutboxLimits } from "../../../src/websocket/connection/outbox.ts";
import { ConnectionObservation } from "../../../src/websocket/observation.ts";
import { assertEquals } from "../../helpers/assert.ts";
import { settle } from "../../../src/testing/manual_clock.ts";
import {
  createSocketPair,
  type PeerOptions,
  type SocketPeer,
} from "../../../src/websocket/socket_pair.ts";

const TEXT = 1;

function createOutbox(limits: OutboxLimits, options?: PeerOptions) {
  const { socket, peer } = createSocketPair(options);
  return {
    outbox: new Outbox(socket, limits, new ConnectionObservation(undefined, undefined)),
    peer,
  };
}

/** Bodies that have arrived, shortened to their first character. */
function arrived(peer: SocketPeer): string {
  return peer.received.map(({ body }) => String(body)[0]).join("");
}

const CLOSE = { sendQueueBytes: 100, slowConsumer: "close" } as const;
const DROP = { sendQueueBytes: 100, slowConsumer: "drop-oldest" } as const;

Deno.test("Outbox sends at once and in order while the client keeps up", () => {
  for (const limits of [CLOSE, DROP]) {
    const { outbox, peer } = createOutbox(limits);
    for (const digit of "0123456789") {
      assertEquals(outbox.offer(TEXT, digit.repeat(40)), true);
    }
    assertEquals([arrived(peer), outbox.bytes, outbox.dropped], ["0123456789", 0, 0]);
  }
});

Deno.test("Outbox close refuses the message that is one byte too many", () => {
  const { outbox, peer } = createOutbox(CLOSE, { stalled: true });
  assertEquals(outbox.offer(TEXT, "a".repeat(60)), true);
  assertEquals(outbox.offer(TEXT, "b".repeat(41)), false);
  assertEquals(outbox.offer(TEXT, "c".repeat(40)), true);
  assertEquals([outbox.bytes, outbox.offer(TEXT, "d")], [100, false]);
  peer.read();
  assertEquals([outbox.offer(TEXT, "e".repeat(100)), arrived(peer)], [true, "ac"]);
});

Deno.test("Outbox counts bytes on the wire, not characters", () => {
  const { outbox } = createOutbox(CLOSE, { stalled: true });
  assertEquals(outbox.offer(TEXT, "€".repeat(20)), true);
  assertEquals(outbox.offer(TEXT, "€".repeat(14)), false);
  assertEquals(outbox.offer(TEXT, "€".repeat(13)), true);
  assertEquals(outbox.offer(2, new Uint8Array(1)), true);
  assertEquals([outbox.bytes, outbox.offer(2, new Uint8Array(1))], [100, false]);
});

Deno.test("Outbox passes a message larger than the bound when nothing else is queued", () => {
  for (const limits of [CLOSE, DROP]) {
    const { outbox, peer } = createOutbox(limits, { stalled: true });
    assertEquals(outbox.offer(TEXT, "a".repeat(1_000)), true);
    assertEquals(outbox.bytes, 1_000);
    peer.read();
    assertEquals(arrived(peer), "a");
  }
});

Deno.test("Outbox drop-oldest drops those that wait, the oldest first, and counts them", async () => {
  const { outbox, peer } = createOutbox(DROP, { stalled: true });
  for (const digit of "0123456789") assertEquals(outbox.offer(TEXT, digit.repeat(20)), true);
  // Two are under way, three wait behind them.
  assertEquals([outbox.bytes, outbox.dropped], [100, 5]);
  peer.read();
  await settle();
  peer.read();
  await settle();
  peer.read();
  assertEquals([arrived(peer), outbox.bytes, outbox.dropped], ["01789", 0, 5]);
});

Deno.test("Outbox drop-oldest keeps the newest whatever its size", async () => {
  const { outbox, peer } = createOutbox(DROP, { stalled: true });
  for (const digit of "0123") outbox.offer(TEXT, digit.repeat(20));
  outbox.offer(TEXT, "x".repeat(500));
  assertEquals([outbox.bytes, outbox.dropped], [540, 2]);
  peer.read();
  await settle();
  peer.read();
  assertEquals(arrived(peer), "01x");
});

Deno.test("Outbox drop-oldest sends directly again after it has caught up", async () => {
  const { outbox, peer } = createOutbox(DROP, { stalled: true });
  for (const digit of "0123") outbox.offer(TEXT, digit.repeat(20));
  for (let i = 0; i < 3; i++) {
    peer.read();
    await settle();
  }
  assertEquals([arrived(peer), outbox.bytes], ["0123", 0]);
  outbox.offer(TEXT, "4".repeat(20));
  assertEquals(outbox.bytes, 20);
  peer.read();
  assertEquals([arrived(peer), outbox.dropped], ["01234", 0]);
});

Deno.test("Outbox drop-oldest keeps order between what waits and what comes while it does", async () => {
  const { outbox, peer } = createOutbox(DROP, { stalled: true });
  for (const digit of "0123") outbox.offer(TEXT, digit.repeat(20));
  peer.read(20);
  await settle();
  for (const digit of "45") outbox.offer(TEXT, digit.repeat(10));
  for (let i = 0; i < 4; i++) {
    peer.read();
    await settle();
  }
  assertEquals([arrived(peer), outbox.dropped], ["012345", 0]);
});

Deno.test("Outbox end() drops what waits, and nothing of it is sent later", async () => {
  const { outbox, peer } = createOutbox(DROP, { stalled: true });
  for (const digit of "0123") outbox.offer(TEXT, digit.repeat(20));
  outbox.end();
  assertEquals([outbox.bytes, outbox.dropped], [40, 2]);
  for (let i = 0; i < 2; i++) {
    peer.read();
    await settle();
  }
  assertEquals([arrived(peer), outbox.bytes], ["01", 0]);
  outbox.end();
  assertEquals(outbox.dropped, 2);
});

Deno.test("Outbox drops what waits when the socket ends, and waits no more", async () => {
  const { outbox, peer } = createOutbox(DROP, { stalled: true });
  for (const digit of "0123") outbox.offer(TEXT, digit.repeat(20));
  peer.end(1006);
  // Were the end not noticed, this would never come: the pump would spin.
  await settle();
  assertEquals([arrived(peer), outbox.dropped], ["", 2]);
});

Deno.test("Outbox reads its limits anew for each message", () => {
  const limits = { sendQueueBytes: 10, slowConsumer: "close" } as { sendQueueBytes: number };
  const { outbox } = createOutbox(limits as OutboxLimits, { stalled: true });
  assertEquals([outbox.offer(TEXT, "12345"), outbox.offer(TEXT, "678901")], [true, false]);
  limits.sendQueueBytes = 20;
  assertEquals(outbox.offer(TEXT, "678901"), true);
});

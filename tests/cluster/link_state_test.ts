import {
  confirms,
  fillBatch,
  hasCredit,
  type LinkEvent,
  type LinkState,
  openLink,
  stepLink,
} from "../../src/cluster/link_state.ts";
import { WIRE_LIMITS } from "../../src/cluster/limits.ts";
import { assert, assertEquals } from "../helpers/assert.ts";

function step(state: LinkState, ...events: LinkEvent[]) {
  const effects = events.flatMap((event) => {
    const [next, some] = stepLink(state, event);
    state = next;
    return some;
  });
  return { state, effects };
}

function sent(envelopes: number, bytes: number): LinkState {
  const state = { ...openLink(1), queued: envelopes, queuedBytes: bytes };
  return stepLink(state, { type: "transmit", envelopes, bytes })[0];
}

function arrived(seq: number, envelopes: number, ack = 0, linkEpoch = 1, bytes = 10): LinkEvent {
  return { type: "arrived", linkEpoch, seq, ack, envelopes, bytes };
}

const user = (bytes: number): LinkEvent => ({ type: "offer", bytes, isSystem: false });
const system = (bytes: number): LinkEvent => ({ type: "offer", bytes, isSystem: true });

Deno.test("stepLink() counts a hole once, and what comes late not at all", () => {
  const { effects } = step(openLink(1), arrived(2, 2), arrived(7, 1), arrived(8, 1), arrived(4, 2));
  assertEquals(effects, [
    { type: "deliver", skip: 0 },
    { type: "gap", lost: 3 },
    { type: "deliver", skip: 0 },
    { type: "deliver", skip: 0 },
  ]);
});

Deno.test("stepLink() counts what was lost at the end with the next heartbeat", () => {
  assertEquals(step(openLink(1), arrived(2, 1), arrived(5, 0)).effects, [
    { type: "deliver", skip: 0 },
    { type: "gap", lost: 2 },
  ]);
});

Deno.test("stepLink() delivers only what is new of a batch that is half known", () => {
  assertEquals(step(openLink(1), arrived(2, 2), arrived(3, 3)).effects[1], {
    type: "deliver",
    skip: 1,
  });
});

Deno.test("stepLink() drops a batch of another epoch", () => {
  const { state, effects } = step(openLink(2), arrived(2, 1, 0, 1));
  assertEquals([state, effects], [openLink(2), [{ type: "stale" }]]);
});

Deno.test("stepLink() is full after 10 000 envelopes, for system messages after 11 000", () => {
  const full = sent(10_000, 10_000);
  assertEquals(step(full, user(1)).effects, [{ type: "full" }]);
  assertEquals(step(full, system(1)).effects, [{ type: "accepted" }]);
  assertEquals(step(sent(11_000, 11_000), system(1)).effects, [{ type: "full" }]);
});

Deno.test("stepLink() is full after 4 MiB, and gives credit back with the ack", () => {
  const full = sent(5, 4_194_304);
  assertEquals([hasCredit(full), step(full, user(1)).effects[0]!.type], [false, "full"]);
  const { state, effects } = step(full, arrived(2, 0, 6));
  assertEquals([hasCredit(state), effects], [true, [{ type: "credit" }]]);
});

Deno.test("stepLink() believes no ack of what was never sent", () => {
  const full = sent(5, 4_194_304);
  assertEquals(hasCredit(step(full, arrived(2, 0, 7)).state), false);
});

Deno.test("stepLink() refuses an envelope that the broker cannot carry, by its size", () => {
  const maxBytes = 1_048_576 - 33;
  assertEquals(step(openLink(1), user(maxBytes)).effects, [{ type: "accepted" }]);
  assertEquals(step(openLink(1), user(maxBytes + 1)).effects, [
    { type: "tooLarge", bytes: maxBytes + 1, maxBytes },
  ]);
});

Deno.test("stepLink() counts what is not confirmed at the end", () => {
  const { effects } = step(sent(5, 5), arrived(2, 0, 3), user(1), { type: "end" });
  assertEquals(effects.at(-1), { type: "unconfirmed", lost: 4 });
});

Deno.test("stepLink() asks for an ack after a quarter of the window", () => {
  const types = step(openLink(1), arrived(2, 2_499), arrived(2_501, 1)).effects.map((e) => e.type);
  assertEquals(types, ["deliver", "deliver", "ackDue"]);
  const large = step(openLink(1), arrived(2, 1, 0, 1, 1_048_576)).effects;
  assertEquals(large.at(-1), { type: "ackDue" });
});

Deno.test("confirms() takes the opening for heard only when the other side says so", () => {
  assertEquals([confirms(openLink(1), 0), confirms(openLink(1), 1)], [false, true]);
  assert(!confirms({ ...sent(3, 3), confirmed: 2 }, 2));
});

Deno.test("fillBatch() stops before 256 KiB, but takes one that is larger alone", () => {
  assertEquals(fillBatch([100_000, 100_000, 62_000, 200]), 3);
  assertEquals(fillBatch([300_000, 1]), 1);
  assertEquals(fillBatch([1, 300_000]), 1);
  assertEquals(fillBatch([]), 0);
});

Deno.test("stepLink() and fillBatch() keep to what the broker takes, if that is less", () => {
  const offer = (bytes: number): LinkEvent => ({
    type: "offer",
    bytes,
    isSystem: false,
    carrierBytes: 4_096,
  });
  const maxBytes = 4_096 - WIRE_LIMITS.headBytes;
  assertEquals(step(openLink(1), offer(maxBytes)).effects, [{ type: "accepted" }]);
  assertEquals(step(openLink(1), offer(maxBytes + 1)).effects, [
    { type: "tooLarge", bytes: maxBytes + 1, maxBytes },
  ]);
  // Each may be three times as large as it was measured.
  assertEquals(fillBatch([600, 600, 100, 100], 4_096), 3);
  assertEquals(fillBatch([4_000, 1], 4_096), 1);
});

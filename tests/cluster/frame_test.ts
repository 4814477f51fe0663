import { Packr } from "msgpackr/index-no-eval";
import { type Addressed, joinFrame, readFrame } from "../../src/cluster/machine/frame.ts";
import { Outbox } from "../../src/cluster/machine/outbox.ts";
import { assertEquals, assertGreater } from "../helpers/assert.ts";

const ONE = { name: "b/1@host", incarnation: "one" };
const TWO = { name: "b/2@host", incarnation: "two" };

/** A batch of parts; those that are given as an object are shared. */
function batch(to: Addressed["to"], ...parts: readonly (string | Uint8Array)[]): Addressed {
  const shared: { at: number; bytes: Uint8Array }[] = [];
  const all: number[] = [];
  for (const part of parts) {
    if (typeof part !== "string") shared.push({ at: all.length, bytes: part });
    all.push(...(typeof part === "string" ? new TextEncoder().encode(part) : part));
  }
  return { to, bytes: new Uint8Array(all), shared };
}

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const big = (letter: string) => new TextEncoder().encode(letter.repeat(1_000));

Deno.test("joinFrame() carries what batches have in common once, and each is read as it was", () => {
  const [x, y, own] = [big("x"), big("y"), big("z")];
  const batches = [
    batch(ONE, "head 1 ", x, "between", y, own, " tail"),
    batch(TWO, "head 2 ", x, y),
    batch(ONE, x),
  ];
  const frame = joinFrame(batches)!;
  const alone = batches.reduce((sum, { bytes }) => sum + bytes.length, 0);
  assertEquals(alone, 6_000 + 26);
  // Both of the shared ones, and the one of its own.
  assertEquals(frame.length < 3_200, true);
  const [first, second, third] = batches.map(({ bytes }) => text(bytes));
  assertEquals(readFrame(frame, ONE)!.map(text), [first, third]);
  assertEquals(readFrame(frame, TWO)!.map(text), [second]);
  assertEquals(readFrame(frame, { ...TWO, incarnation: "other" }), []);
});

Deno.test("joinFrame() and readFrame() agree on however many parts batches have in common", () => {
  for (const count of [1, 63, 64, 65, 127, 128, 200, 255, 256, 1_000, 70_000]) {
    const parts = Array.from({ length: count }, (_, n) => new TextEncoder().encode(`${n};`));
    const batches = [batch(ONE, ...parts), batch(TWO, "head", ...parts)];
    const frame = joinFrame(batches)!;
    const [first, second] = batches.map(({ bytes }) => text(bytes));
    assertEquals(readFrame(frame, ONE)?.map(text), [first], `${count}`);
    assertEquals(readFrame(frame, TWO)?.map(text), [second], `${count}`);
  }
});

Deno.test("joinFrame() joins nothing where there is nothing in common", () => {
  assertEquals(joinFrame([batch(ONE, big("x")), batch(TWO, big("x"))]), undefined);
  assertEquals(joinFrame([batch(ONE, "a"), batch(TWO, "b")]), undefined);
});

Deno.test("readFrame() takes no garbage, and makes no more of a frame than a batch may have", () => {
  const packr = new Packr({ useRecords: false });
  const frame = (...value: unknown[]) => new Uint8Array(packr.pack(value));
  const entry = (...parts: unknown[]) => [ONE.name, ONE.incarnation, parts];
  const whole = joinFrame([batch(ONE, big("x")), batch(TWO, big("y"))].map((each, _, [first]) => ({
    ...each,
    shared: first!.shared,
  })))!;
  const garbage = [
    new Uint8Array(),
    new Uint8Array([0xdd, 0xff, 0xff, 0xff, 0xff]),
    whole.subarray(0, whole.length - 1),
    new Uint8Array([...whole, 0]),
    frame(2, [], []),
    frame(1, ["text"], []),
    frame(1, [], [entry(0)]),
    frame(1, [big("x")], [entry(-1)]),
    frame(1, [big("x")], [entry("length")]),
    frame(1, [], [entry(null)]),
    frame(1, [], [[ONE.name, ONE.incarnation, "text"]]),
    frame(1, [], 5),
    frame(null),
    // A few bytes that would be 2 GiB.
    frame(1, [new Uint8Array(100_000)], [entry(...Array.from({ length: 20_000 }, () => 0))]),
  ];
  for (const each of garbage) assertEquals(readFrame(each, ONE), undefined);
});

function openOutbox(maxBytes: number) {
  const sent: string[] = [];
  const outbox = new Outbox({
    maxBytes,
    sendBatch: ({ to, bytes }) => {
      sent.push(`${to.incarnation} ${text(bytes.subarray(0, 2))}`);
      return true;
    },
    sendFrame: (machine, frame) => {
      const parts = [ONE, TWO].map((to) =>
        readFrame(frame, to)!.map((bytes) => text(bytes.subarray(0, 2))).join()
      );
      sent.push(`${machine} ${parts.join(" ")}`);
    },
  });
  return { outbox, sent };
}

Deno.test("Outbox sends what nodes of a machine have in common together, each node's in order", () => {
  const { outbox, sent } = openOutbox(1_000_000);
  const [x, y] = [big("x"), big("y")];
  outbox.send(batch(ONE, "a1", x), "m");
  outbox.send(batch(ONE, "a2", y), "m");
  // What comes after stays behind.
  outbox.send(batch(ONE, "a3"), "m");
  outbox.send(batch(TWO, "b1", x), "m");
  outbox.send(batch(TWO, "b2", y), "m");
  assertEquals(sent, []);
  outbox.flush();
  assertEquals(sent, ["m a1 b1", "m a2 b2", "one a3"]);
});

Deno.test("Outbox sends at once what nobody else may get, and one by one what is too large together", () => {
  const { outbox, sent } = openOutbox(3_000);
  const x = big("x");
  outbox.send(batch(ONE, "a1"), "m");
  outbox.send(batch(TWO, "b1", x), undefined);
  assertEquals(sent.splice(0), ["one a1", "two b1"]);
  const large = big("o").toString();
  assertGreater(large.length, 2_000);
  outbox.send(batch(ONE, "a2", x, large), "m");
  outbox.send(batch(TWO, "b2", x), "m");
  outbox.flush();
  assertEquals(sent.splice(0), ["one a2", "two b2"]);
  outbox.send(batch(ONE, "a3", x), "m");
  outbox.send(batch(TWO, "b3", x), "n");
  outbox.flush();
  assertEquals(sent, ["one a3", "two b3"]);
});

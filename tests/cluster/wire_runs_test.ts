import fc from "fast-check";
import { Packr } from "msgpackr/index-no-eval";
import type { Address, Ref } from "../../src/actor/mod.ts";
import type { LinkMessage, Publication } from "../../src/cluster/link_message.ts";
import {
  decodeBatch,
  encodeBatch,
  encodeRun,
  encodeShared,
  joinBatch,
} from "../../src/cluster/wire.ts";
import { assert, assertEquals, assertGreater } from "../helpers/assert.ts";

const HEAD = { linkEpoch: 3, seq: 7, ack: 5 };

const address = fc.constantFrom<Address>("<a@h/1/2>" as Address, "<a@h/1/3>" as Address);
const content = fc.oneof(
  fc.string(),
  fc.constant(undefined),
  // As what stands for a message in a batch, which it must not be taken for.
  fc.tuple(fc.nat()),
  fc.record({ n: fc.nat() }),
);
const plain = { to: fc.constantFrom("board", "room/1"), from: address, message: content };
const kind = fc.constant("message" as const);

/** Mostly messages of few senders to few receivers, so that many follow one like them. */
const message: fc.Arbitrary<LinkMessage> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind, ...plain }) },
  { weight: 1, arbitrary: fc.record({ kind, ...plain, replyTo: fc.constant("#1" as Ref) }) },
  { weight: 1, arbitrary: fc.record({ kind, ...plain, beyondBound: fc.constant(true) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("exit" as const),
      to: address,
      from: address,
      reason: fc.constant("normal"),
    }),
  },
);

function read(bytes: Uint8Array): readonly LinkMessage[] {
  const decoded = decodeBatch(bytes);
  assert(decoded.ok, decoded.ok ? "" : decoded.why);
  return decoded.batch.envelopes;
}

function batchOf(envelopes: readonly LinkMessage[]): Uint8Array {
  const encoded = encodeBatch({ ...HEAD, envelopes });
  assert(encoded.ok, encoded.ok ? "" : encoded.why);
  return encoded.bytes;
}

function runOf(messages: readonly LinkMessage[]): Uint8Array {
  const encoded = encodeRun(messages);
  assert(encoded.ok, encoded.ok ? "" : encoded.why);
  return encoded.bytes;
}

Deno.test("each message of a batch keeps its sender and receiver, calls and all", () => {
  fc.assert(
    fc.property(fc.array(message, { maxLength: 12 }), (all) => {
      assertEquals(read(batchOf(all)), structuredClone(all));
    }),
    { numRuns: 1_000 },
  );
});

Deno.test("so does each of several runs in one batch, with publications between them", () => {
  const publication: Publication = { kind: "publication", space: "s", subject: "t", message: [1] };
  const shared = encodeShared(publication);
  assert(shared.ok);
  fc.assert(
    fc.property(fc.array(message), fc.array(message), (first, second) => {
      const parts = [runOf(first), shared.bytes, runOf(second)];
      const count = first.length + second.length + 1;
      const expected = structuredClone([...first, publication, ...second]);
      assertEquals(read(joinBatch(HEAD, parts, count)), expected);
    }),
    { numRuns: 300 },
  );
});

Deno.test("who sends many messages to one receiver is named once in a batch", () => {
  const from = "<a@h/1/2>" as Address;
  const many = Array.from(
    { length: 100 },
    (_, n): LinkMessage => ({ kind: "message", to: "board", from, message: n }),
  );
  assertGreater(400, batchOf(many).length);
});

Deno.test("a message that follows none is refused, whatever else is in the batch", () => {
  const packr = new Packr({ structuredClone: true, moreTypes: true });
  const exit = { kind: "exit", to: "a", from: "b", reason: "normal" };
  for (const envelopes of [[[1]], [exit, [1]], [[]], [[[1]]]]) {
    const decoded = decodeBatch(new Uint8Array(packr.pack([1, 2, 1, envelopes])));
    assertEquals(decoded.ok, false);
  }
});

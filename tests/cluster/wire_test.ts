import fc from "fast-check";
import { Packr } from "msgpackr/index-no-eval";
import type { Ref } from "../../src/actor/mod.ts";
import type { LinkMessage } from "../../src/cluster/link_message.ts";
import {
  decodeBatch,
  encodeBatch,
  encodeMessage,
  encodeRun,
  encodeShared,
  joinBatch,
} from "../../src/cluster/wire.ts";
import { assert, assertEquals, assertStringIncludes } from "../helpers/assert.ts";

const HEAD = { linkEpoch: 3, seq: 7, ack: 5 };
const INTEREST = { kind: "interest", space: "s", add: [], drop: [] };

function message(value: unknown): LinkMessage {
  return { kind: "message", to: "board", from: "<a@h/1/2>" as never, message: value };
}

function encode(value: unknown): Uint8Array {
  const encoded = encodeMessage(message(value));
  assert(encoded.ok, encoded.ok ? "" : encoded.why);
  return encoded.bytes;
}

function throughWire(...values: unknown[]): unknown[] {
  const decoded = decodeBatch(joinBatch(HEAD, values.map(encode)));
  assert(decoded.ok, decoded.ok ? "" : decoded.why);
  const { envelopes, ...head } = decoded.batch;
  assertEquals(head, HEAD);
  return envelopes.map((each) => (each as { message: unknown }).message);
}

function refusalOf(bytes: Uint8Array): string {
  const decoded = decodeBatch(bytes);
  assert(!decoded.ok);
  return decoded.why;
}

const plain = fc.anything({
  withDate: true,
  withMap: true,
  withSet: true,
  withBigInt: true,
  withTypedArray: true,
  maxDepth: 5,
  key: fc.string().filter((key) => key !== "__proto__"),
}).filter((value) => !holds(value, (each) => Object.is(each, -0)));

function holds(value: unknown, is: (each: unknown) => boolean): boolean {
  if (is(value)) return true;
  if (ArrayBuffer.isView(value)) return [...value as Uint8Array].some(is);
  if (value instanceof Map) return [...value].some((each) => holds(each, is));
  if (value instanceof Set) return [...value].some((each) => holds(each, is));
  return typeof value === "object" && value !== null &&
    Object.values(value).some((each) => holds(each, is));
}

Deno.test("decodeBatch() gives what was encoded, several messages in one batch", () => {
  fc.assert(
    fc.property(fc.array(plain, { maxLength: 4 }), (values) => {
      assertEquals(throughWire(...values), values.map((each) => structuredClone(each)));
    }),
    { numRuns: 500 },
  );
});

Deno.test("decodeBatch() gives what was encoded as a whole batch", () => {
  fc.assert(
    fc.property(fc.array(plain, { maxLength: 4 }), (values) => {
      const envelopes = values.map(message);
      const encoded = encodeBatch({ ...HEAD, envelopes });
      assert(encoded.ok, encoded.ok ? "" : encoded.why);
      const batch = { ...HEAD, envelopes: structuredClone(envelopes) };
      assertEquals(decodeBatch(encoded.bytes), { ok: true, batch, passedOver: 0 });
    }),
    { numRuns: 500 },
  );
});

Deno.test("decodeBatch() gives what was encoded in runs and one by one, in one batch", () => {
  const runs = fc.array(fc.array(plain, { maxLength: 20 }), { maxLength: 4 });
  fc.assert(
    fc.property(runs, plain, (runs, alone) => {
      const shared = { kind: "publication", space: "s", subject: "a", message: alone } as const;
      const envelopes = runs.flatMap((run) => [...run.map(message), shared]);
      const parts = runs.flatMap((run) => [encodeRun(run.map(message)), encodeShared(shared)]);
      const bytes = parts.map((part) => {
        assert(part.ok, part.ok ? "" : part.why);
        return part.bytes;
      });
      const decoded = decodeBatch(joinBatch(HEAD, bytes, envelopes.length));
      const batch = { ...HEAD, envelopes: structuredClone(envelopes) };
      assertEquals(decoded, { ok: true, batch, passedOver: 0 });
    }),
    { numRuns: 300 },
  );
});

Deno.test("decodeBatch() gives a publication whose number is asked for", () => {
  const publication = {
    kind: "publication",
    space: "s",
    subject: "a",
    message: { b: 1 },
    replyTo: "Ref#<a@h/1/2>" as Ref,
  } as const;
  const encoded = encodeShared(publication);
  assert(encoded.ok, encoded.ok ? "" : encoded.why);
  const decoded = decodeBatch(joinBatch(HEAD, [encoded.bytes]));
  assertEquals(decoded.ok && decoded.batch.envelopes, [publication]);
});

Deno.test("encodeShared() encodes an object once, for however many links", () => {
  const publication = { kind: "publication", space: "s", subject: "a", message: "m" } as const;
  assert(encodeShared(publication) === encodeShared(publication));
  assert(encodeShared(publication) !== encodeShared({ ...publication }));
});

for (const kind of ["toString", "a kind of later"]) {
  Deno.test(`decodeBatch() passes over ${kind}, and reads the others`, () => {
    const envelopes = [message(1), { kind, more: [1] }, message(2)];
    const bytes = new Packr({ structuredClone: true }).pack([3, 7, 5, envelopes]);
    assertEquals(decodeBatch(bytes), {
      ok: true,
      batch: { ...HEAD, envelopes: [message(1), { kind: "nothing" }, message(2)] },
      passedOver: 1,
    });
  });
}

Deno.test("decodeBatch() keeps what one message refers to twice, in each message of a batch", () => {
  const shared = { a: 1 };
  const cyclic: Record<string, unknown> = { name: "loop" };
  cyclic.self = cyclic;
  const [first, second, third] = throughWire([shared, shared], cyclic, { x: [shared, shared] });
  const pair = first as unknown[];
  assert(pair[0] === pair[1]);
  assert((second as typeof cyclic).self === second);
  assertEquals(third, { x: [shared, shared] });
});

Deno.test("decodeBatch() never throws, whatever the bytes are", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      assertEquals(typeof decodeBatch(bytes).ok, "boolean");
    }),
    { numRuns: 5_000 },
  );
});

Deno.test("decodeBatch() never throws on a batch with bytes changed or cut off", () => {
  const edits = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 5 });
  fc.assert(
    fc.property(plain, edits, fc.nat(), (value, changes, cut) => {
      const bytes = joinBatch(HEAD, [encode(value), encode({ a: 1, b: [value] })]);
      for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
      const decoded = decodeBatch(bytes.subarray(0, bytes.length - cut % 4));
      assertEquals(typeof decoded.ok, "boolean");
      assertEquals(({} as Record<string, unknown>).a, undefined);
    }),
    { numRuns: 3_000 },
  );
});

Deno.test("decodeBatch() still reads a sound batch after garbage", () => {
  decodeBatch(Uint8Array.of(0x94, 0xd4, 0x72, 0x40, 0x91, 0xa1, 0x61, 1, 2, 3));
  assertEquals(throughWire({ b: 2 }), [{ b: 2 }]);
});

Deno.test("encodeMessage() and decodeBatch() refuse what is nested deeper than 64", () => {
  const nest = (depth: number) => {
    let value: unknown = 1;
    for (let i = 0; i < depth; i++) value = [value];
    return value;
  };
  // Two arrays of the batch and the envelope stand around it.
  assertEquals(throughWire(nest(61)), [nest(61)]);
  for (const depth of [62, 1_000, 100_000]) {
    assertEquals(encodeMessage(message(nest(depth))).ok, false);
  }
  const bomb = new Uint8Array(100_000).fill(0x91);
  assertStringIncludes(refusalOf(bomb), "deeper than 64");
});

for (
  const [what, bytes] of [
    ["an array", [0xdd, 0xff, 0xff, 0xff, 0xff]],
    ["a map", [0xdf, 0xff, 0xff, 0xff, 0xff]],
    ["bytes", [0xc6, 0xff, 0xff, 0xff, 0xff]],
    ["a text", [0xdb, 0xff, 0xff, 0xff, 0xff]],
    ["an extension", [0xc9, 0xff, 0xff, 0xff, 0xff, 0x74]],
  ] as const
) {
  Deno.test(`decodeBatch() does not believe ${what} of 4 GiB in 6 bytes`, () => {
    assertEquals(refusalOf(Uint8Array.from(bytes)), "it ends too early");
  });
}

Deno.test("decodeBatch() refuses more than 1 MiB unread", () => {
  assertStringIncludes(refusalOf(new Uint8Array(1_048_576 + 34)), "at most 1048609");
});

for (
  const [what, value, why] of [
    ["another value", { a: 1 }, "expected [linkEpoch, seq, ack, envelopes]"],
    ["a negative seq", [1, -1, 0, []], "linkEpoch, seq and ack are not all counters"],
    ["a kind that is no text", [1, 1, 0, [{ kind: 1 }]], "envelope 0 "],
    ["interest in what is no text", [1, 1, 0, [{ ...INTEREST, add: ["a", 1] }]], "envelope 0 "],
    ["interest in no space", [1, 1, 0, [{ ...INTEREST, space: undefined }]], "envelope 0 "],
    ["a publication without a subject", [1, 1, 0, [["space", 1, "message"]]], "envelope 0 "],
    ["an answer to nobody", [1, 1, 0, [["space", "subject", "message", 1]]], "envelope 0 "],
    ["a publication of other parts", [1, 1, 0, [["space", "subject"]]], "envelope 0 "],
    ["an envelope without a target", [1, 1, 0, [{ kind: "exit", reason: "x" }]], "envelope 0 "],
    [
      "an answer of no known kind",
      [1, 1, 0, [{ kind: "reply", to: "r", answer: {} }]],
      "envelope 0 ",
    ],
  ] as const
) {
  Deno.test(`decodeBatch() refuses ${what}`, () => {
    assertStringIncludes(refusalOf(new Packr({ structuredClone: true }).pack(value)), why);
  });
}

Deno.test("decodeBatch() makes no prototype of a property named __proto__", () => {
  const evil = JSON.parse('{"__proto__":{"isAdmin":true},"x":1}');
  const [got] = throughWire(evil) as Record<string, unknown>[];
  assert(Object.getPrototypeOf(got) === Object.prototype);
  assertEquals([got!.isAdmin, got!.x], [undefined, 1]);
});

Deno.test("encodeMessage() turns -0 into 0 and an instance into a plain object", () => {
  class Point {
    constructor(readonly x: number) {}
  }
  const [zero, point] = throughWire(-0, new Point(2));
  assert(Object.is(zero, 0));
  assertEquals(point, { x: 2 } as unknown);
  assert(Object.getPrototypeOf(point) === Object.prototype);
});

/**
 * Random sequences of a client's frames, for property tests.
 *
 * @module
 */

import fc from "fast-check";
import { closeBody, encodeFrames, type FrameParts, OPCODE } from "../../../src/testing/frames.ts";

const { continuation, text, binary, close, ping, pong } = OPCODE;

const mask = fc.uint8Array({ minLength: 4, maxLength: 4 });

/** Lengths about the edges of the three forms, and of what is unmasked by words. */
const length = fc.oneof(
  { weight: 6, arbitrary: fc.nat(40) },
  { weight: 3, arbitrary: fc.integer({ min: 120, max: 300 }) },
  { weight: 1, arbitrary: fc.constantFrom(65_535, 65_536, 70_000) },
);

const someBytes = length.chain((size) =>
  fc.uint8Array({ minLength: 4, maxLength: 16 }).map((seed) =>
    Uint8Array.from({ length: size }, (_, index) => seed[index % seed.length]! ^ (index >> 4))
  )
);

const someText = fc.tuple(
  length,
  fc.oneof(
    fc.constantFrom("plain ascii. ", "grüße ", "€uro ", "🦕", "a\ufeffb"),
    fc.string({ minLength: 1, unit: "binary" }),
  ),
).map(([size, unit]) => {
  const bytes = new TextEncoder().encode(unit.repeat(Math.ceil(size / unit.length)).slice(0, size));
  return bytes;
});

/** A message in fragments cut anywhere, with control frames between them. */
const message = fc.tuple(
  fc.oneof(
    fc.tuple(fc.constant(text), someText),
    fc.tuple(fc.constant(binary), someBytes),
  ),
  fc.array(fc.nat(), { maxLength: 5 }),
  fc.array(
    fc.record({
      opcode: fc.constantFrom(ping, pong),
      payload: fc.uint8Array({ maxLength: 125 }),
      mask,
    }),
    { maxLength: 2 },
  ),
  mask,
).map(([[opcode, bytes], cuts, controls, mask]): FrameParts[] => {
  const edges = [0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) =>
    a - b
  );
  const fragments = edges.slice(1).map((end, index): FrameParts => ({
    opcode: index === 0 ? opcode : continuation,
    fin: index === edges.length - 2,
    payload: bytes.subarray(edges[index]!, end),
    mask,
  }));
  return fragments.flatMap((fragment, index) => [fragment, ...controls.slice(index, index + 1)]);
});

/** A frame of which nothing is sure. */
const anyFrame: fc.Arbitrary<FrameParts[]> = fc.record({
  opcode: fc.nat(15),
  fin: fc.boolean(),
  rsv: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, fc.nat(7)),
  payload: fc.uint8Array({ maxLength: 130 }),
  mask: fc.oneof({ weight: 4, arbitrary: mask }, fc.constant(false as const)),
  lengthForm: fc.constantFrom(7 as const, 16 as const, 64 as const),
}).map((frame) => [frame.payload.length > 125 ? { ...frame, lengthForm: 16 } : frame]);

const closing: fc.Arbitrary<FrameParts[]> = fc.tuple(
  fc.oneof(fc.constantFrom(1000, 1001, 1005, 1014, 3000, 4999), fc.nat(65_535)),
  fc.oneof(fc.string({ maxLength: 30 }), fc.uint8Array({ maxLength: 5 })),
).map(([code, reason]) => [{ opcode: close, payload: closeBody(code, reason) }]);

/** Bytes of messages, and now and then of what breaks a rule. */
export const someFrames: fc.Arbitrary<Uint8Array<ArrayBuffer>> = fc.array(
  fc.oneof(
    { weight: 12, arbitrary: message },
    { weight: 2, arbitrary: anyFrame },
    { weight: 1, arbitrary: closing },
  ),
  { maxLength: 8 },
).map((frames) => encodeFrames(frames.flat()));

/** Only what keeps the rules. */
export const goodFrames: fc.Arbitrary<FrameParts[]> = fc.array(message, { maxLength: 6 }).map((
  frames,
) => frames.flat());

/** Where to cut, as numbers that are taken modulo the length. */
export const someCuts: fc.Arbitrary<number[]> = fc.oneof(
  fc.array(fc.nat(), { maxLength: 12 }),
  // Close together, where headers are.
  fc.tuple(fc.nat(), fc.integer({ min: 1, max: 40 })).map(([first, count]) =>
    Array.from({ length: count }, (_, index) => first + index)
  ),
);

/** The bytes cut there. */
export function cutAt(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const edges = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...edges].map((edge, index) => bytes.slice(edge, edges[index] ?? bytes.length));
}

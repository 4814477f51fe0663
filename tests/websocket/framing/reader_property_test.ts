import { Buffer } from "node:buffer";
import fc from "fast-check";
import { assertEquals } from "../../helpers/assert.ts";
import { encodeFrames } from "../../../src/testing/frames.ts";
import { type Outcome, readOwn, readWs } from "./both_readers.ts";
import { cutAt, goodFrames, someCuts, someFrames } from "./frames_arbitrary.ts";

const NOT_UTF8 = 1007;

const LIMITS = [{ maxMessageBytes: 1_048_576 }, { maxMessageBytes: 250 }];

Deno.test("step() finds in any bytes what the receiver of ws finds, or breaks off as it does", async () => {
  await fc.assert(
    fc.asyncProperty(someFrames, fc.constantFrom(...LIMITS), async (bytes, limits) => {
      assertAgree(readOwn([bytes], limits), await readWs([bytes], limits));
    }),
    { numRuns: 400 },
  );
});

Deno.test("step() finds the same however the bytes are split", async () => {
  await fc.assert(
    fc.property(someFrames, someCuts, fc.constantFrom(...LIMITS), (bytes, cuts, limits) => {
      const whole = readOwn([bytes], limits);
      const split = readOwn(cutAt(bytes, cuts), limits);
      assertEquals(split.violation, whole.violation);
      assertEquals(split.arrived, whole.arrived);
    }),
    { numRuns: 600 },
  );
});

Deno.test("step() finds the same byte by byte", async () => {
  await fc.assert(
    fc.property(someFrames, (bytes) => {
      if (bytes.length > 20_000) return;
      const single = Array.from(bytes, (byte) => new Uint8Array([byte]));
      assertEquals(readOwn(single, {}), readOwn([bytes], {}));
    }),
    { numRuns: 150 },
  );
});

Deno.test("step() puts together what was sent", () => {
  fc.assert(
    fc.property(goodFrames, someCuts, (frames, cuts) => {
      const { arrived, violation } = readOwn(cutAt(encodeFrames(frames), cuts), {});
      assertEquals(violation, undefined);
      const sent = frames.filter(({ opcode }) => opcode < 8)
        .map(({ payload }) => payload as Uint8Array);
      const got = (arrived as { type: number; body: string | Uint8Array }[])
        .filter(({ type }) => type < 8)
        .map(({ body }) => typeof body === "string" ? new TextEncoder().encode(body) : body);
      assertEquals(Buffer.compare(Buffer.concat(got), Buffer.concat(sent)), 0);
    }),
    { numRuns: 200 },
  );
});

/** `ws` looks at text when a message is whole; until then it still takes control frames. */
function assertAgree(own: Outcome, other: Outcome): void {
  if (own.violation !== NOT_UTF8 || other.violation === NOT_UTF8) return assertEquals(own, other);
  assertEquals(own.arrived, other.arrived.slice(0, own.arrived.length));
  const later = other.arrived.slice(own.arrived.length) as { type: number }[];
  assertEquals(later.filter(({ type }) => type < 8), []);
}

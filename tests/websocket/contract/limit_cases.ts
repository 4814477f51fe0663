/**
 * How an engine keeps the limits of a message.
 *
 * @module
 */

import { assertEquals } from "../../helpers/assert.ts";
import { type FrameParts, OPCODE } from "../../../src/testing/frames.ts";
import type { ContractCase, EngineUnderTest } from "../engine_contract.ts";

const { continuation, text, binary } = OPCODE;

/** Fails unless each row of frames is answered with the code and delivers nothing. */
export async function assertTooMuch(
  engine: EngineUnderTest,
  code: number,
  maxMessageBytes: number,
  rows: readonly (readonly FrameParts[])[],
): Promise<void> {
  await using served = await engine.serve({ maxMessageBytes });
  for (const frames of rows) {
    await using client = await served.open();
    await client.send(...frames);
    assertEquals((await client.readClose()).code, code);
    client.close();
    await served.parent.take("disconnect");
  }
  assertEquals(served.parent.all("message"), []);
}

/** A message of `count` fragments of one byte. */
export function fragments(count: number): FrameParts[] {
  return Array.from({ length: count }, (_, index) => ({
    opcode: index === 0 ? text : continuation,
    fin: index === count - 1,
    payload: "f",
  }));
}

/** Limits. */
export const LIMIT_CASES: readonly ContractCase[] = [
  {
    name: "delivers a message of exactly maxMessageBytes",
    async run(engine) {
      await using served = await engine.serve({ maxMessageBytes: 12 });
      await using client = await served.open();
      const bytes = new Uint8Array(12);
      await client.send(
        { opcode: text, payload: "twelve bytes" },
        { opcode: text, payload: "€€€€" },
        { opcode: binary, payload: bytes },
        { opcode: binary, fin: false, payload: bytes.subarray(5) },
        { opcode: continuation, payload: bytes.subarray(7) },
      );
      const messages = await served.parent.count("message", 4);
      assertEquals(messages.map(({ body }) => body), ["twelve bytes", "€€€€", bytes, bytes]);
    },
  },
  {
    name: "answers a message of one byte more than maxMessageBytes with 1009",
    run: (engine) =>
      assertTooMuch(engine, 1009, 12, [
        [{ opcode: text, payload: "thirteen byte" }],
        [{ opcode: text, payload: "€€€€." }],
        [{ opcode: binary, payload: new Uint8Array(13) }],
        fragments(13),
      ]),
  },
  {
    name: "bounds a message before it is assembled",
    run: (engine) =>
      assertTooMuch(engine, 1009, 1_000, [
        [{ opcode: binary, length: 1_001 }],
        [{ opcode: binary, length: 1n << 62n }],
        fragments(1_002).slice(0, 1_001),
      ]),
  },
  {
    name: "limits the number of fragments",
    run: (engine) => assertTooMuch(engine, 1008, 65_536, [fragments(4_097)]),
  },
];

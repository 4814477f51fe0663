/** Reserved bits and opcodes (RFC 6455, sections 5.2 and 11.8). @module */

import { type FrameParts, OPCODE } from "../../src/testing/frames.ts";
import type { ConformanceCase } from "./conformance.ts";

const { text, binary, close, ping, pong, continuation } = OPCODE;
const NAMES: Readonly<Record<number, string>> = { 4: "RSV1", 2: "RSV2", 1: "RSV3" };

function showBits(rsv: number): string {
  return [4, 2, 1].filter((bit) => (rsv & bit) !== 0).map((bit) => NAMES[bit]).join(" and ");
}

function fails(frame: FrameParts): ConformanceCase["exchanges"] {
  const before = { opcode: text, payload: "before" };
  return [
    { send: [frame], close: 1002 },
    { send: [before, frame, { opcode: ping }], messages: ["before"], close: 1002 },
    { send: [before, frame], chop: 1, messages: ["before"], close: 1002 },
  ];
}

/** Reserved bits. */
export const RESERVED_BITS: readonly ConformanceCase[] = [
  ...[1, 2, 3, 4, 5, 6, 7].map((rsv) => ({
    name: `6455 5.2: ${showBits(rsv)} without an extension fails the connection with 1002`,
    exchanges: fails({ opcode: text, rsv, payload: "x" }),
  })),
  ...Object.entries({ binary, ping, pong, close }).map(([name, opcode]) => ({
    name: `6455 5.2: a reserved bit in a ${name} frame fails the connection with 1002`,
    exchanges: fails({ opcode, rsv: 4 }),
  })),
  {
    name: "6455 5.2: a reserved bit in a continuation fails the connection with 1002",
    exchanges: [{
      send: [{ opcode: text, fin: false }, { opcode: continuation, rsv: 2 }],
      close: 1002,
    }],
  },
];

/** Reserved opcodes. */
export const RESERVED_OPCODES: readonly ConformanceCase[] = [
  ...[3, 4, 5, 6, 7, 11, 12, 13, 14, 15].map((opcode) => ({
    name: `6455 5.2: the reserved opcode ${opcode} fails the connection with 1002`,
    exchanges: [...fails({ opcode }), ...fails({ opcode, payload: "with payload" })],
  })),
  {
    name: "6455 5.2: a reserved opcode inside a message fails the connection with 1002",
    exchanges: [{ send: [{ opcode: text, fin: false, payload: "x" }, { opcode: 5 }], close: 1002 }],
  },
];

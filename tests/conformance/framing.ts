/** Framing: lengths, masks, types (RFC 6455, sections 5.1 to 5.6). @module */

import { type FrameParts, OPCODE } from "../../src/testing/frames.ts";
import type { ConformanceCase, Exchange } from "./conformance.ts";

const { text, binary, ping } = OPCODE;

const LENGTHS = [0, 1, 125, 126, 127, 128, 65_535, 65_536];

function echoed(frame: FrameParts, more: Partial<Exchange> = {}): Exchange {
  return { send: [frame], messages: [frame.payload ?? ""], ...more };
}

const bytes = (length: number) => new Uint8Array(length).fill(0xfe);

/** Framing. */
export const FRAMING: readonly ConformanceCase[] = [
  {
    name: "6455 5.2: a text of every form of length is echoed",
    exchanges: LENGTHS.map((length) => echoed({ opcode: text, payload: "*".repeat(length) })),
  },
  {
    name: "6455 5.2: bytes of every form of length are echoed",
    exchanges: LENGTHS.map((length) => echoed({ opcode: binary, payload: bytes(length) })),
  },
  {
    name: "6455 5.2: frames are the same in whatever pieces they come",
    exchanges: [1, 2, 3, 7].flatMap((chop) =>
      [0, 125, 126, 300].map((length) =>
        echoed({ opcode: text, payload: "*".repeat(length) }, { chop })
      )
    ),
  },
  {
    name: "6455 5.2: a large frame in many pieces is echoed",
    exchanges: [997, 1_460, 8_192].map((chop) =>
      echoed({ opcode: text, payload: "*".repeat(65_536) }, { chop })
    ),
  },
  {
    name: "6455 5.2: many frames in one write are echoed in order",
    exchanges: [{
      send: Array.from({ length: 500 }, (_, i) => ({ opcode: text, payload: `${i}` })),
      messages: Array.from({ length: 500 }, (_, i) => `${i}`),
    }],
  },
  {
    name: "6455 5.2: a length in a longer form than needed is taken",
    exchanges: [16, 64].map((lengthForm) =>
      echoed({ opcode: text, payload: "short", lengthForm: lengthForm as 16 | 64 })
    ),
  },
  {
    name: "6455 5.2: a length with its highest bit set fails the connection",
    exchanges: [{ send: [{ opcode: binary, length: 1n << 63n }], close: 1009 }],
  },
  {
    name: "6455 5.3: a masking key may be anything, and is taken off",
    exchanges: [[0, 0, 0, 0], [0xff, 0xff, 0xff, 0xff], [1, 2, 3, 4]].map((key) =>
      echoed({ opcode: binary, payload: bytes(1_001), mask: new Uint8Array(key) })
    ),
  },
  {
    name: "6455 5.1: an unmasked text fails the connection with 1002",
    exchanges: [{ send: [{ opcode: text, payload: "bare", mask: false }], close: 1002 }],
  },
  {
    name: "6455 5.1: an unmasked ping fails the connection with 1002",
    exchanges: [{ send: [{ opcode: ping, mask: false }], close: 1002 }],
  },
];

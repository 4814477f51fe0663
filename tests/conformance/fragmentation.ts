/** Fragmentation (RFC 6455, section 5.4). @module */

import { type FrameParts, OPCODE } from "../../src/testing/frames.ts";
import { type ConformanceCase, fragmented } from "./conformance.ts";

const { text, binary, ping, continuation } = OPCODE;

const start = { opcode: text, fin: false, payload: "start" };
const end = { opcode: continuation, payload: "end" };

function fails(name: string, ...send: FrameParts[]): ConformanceCase {
  const whole = { messages: WHOLE, close: 1002 };
  return {
    name: `6455 5.4: ${name} fails the connection with 1002`,
    exchanges: [{ send, ...whole }, { send, chop: 1, ...whole }],
  };
}

/** The message that may come before the violation, and be echoed. */
const WHOLE = ["startend"];

/** Fragmentation. */
export const FRAGMENTATION: readonly ConformanceCase[] = [
  {
    name: "6455 5.4: a message in two fragments is put together",
    exchanges: [undefined, 1].map((chop) => ({ send: [start, end], chop, messages: ["startend"] })),
  },
  {
    name: "6455 5.4: fragments of any size are put together",
    exchanges: [1, 7, 100, 1_000].flatMap((size) => {
      const whole = "0123456789".repeat(100);
      const bytes = new TextEncoder().encode(whole);
      return [
        { send: fragmented(text, whole, size), messages: [whole] },
        { send: fragmented(binary, bytes, size), messages: [bytes] },
      ];
    }),
  },
  {
    name: "6455 5.4: fragments may be empty",
    exchanges: [
      { send: [{ ...start, payload: "" }, { ...end, payload: "" }], messages: [""] },
      { send: [{ ...start, payload: "" }, end], messages: ["end"] },
      {
        send: [start, { ...end, fin: false, payload: "" }, { ...end, payload: "" }],
        messages: ["start"],
      },
    ],
  },
  {
    name: "6455 5.4: one message after the other, whole and in fragments",
    exchanges: [{
      send: [start, end, { opcode: text, payload: "whole" }, start, end],
      messages: ["startend", "whole", "startend"],
    }],
  },
  {
    name: "6455 5.5: pings between many fragments are answered at once",
    exchanges: [{
      send: fragmented(text, "0123456789", 1).flatMap((frame, index) => [
        { opcode: ping, payload: `${index}` },
        frame,
      ]),
      pongs: Array.from({ length: 10 }, (_, index) => `${index}`),
      messages: ["0123456789"],
    }],
  },
  fails("a continuation with nothing to continue", end),
  fails("an unfinished continuation with nothing to continue", { ...end, fin: false }),
  fails("a continuation after a finished message", start, end, end),
  fails("a continuation after a whole message", { opcode: text, payload: WHOLE[0] }, end),
  fails("a text inside a message", start, { opcode: text, payload: "x" }, end),
  fails("bytes inside a message", start, { opcode: binary, payload: "x" }, end),
  fails("an unfinished message inside a message", start, start, end),
];

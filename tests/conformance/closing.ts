/** The closing handshake (RFC 6455, sections 5.5.1, 7.1 and 7.4). @module */

import { closeBody, type FrameParts, OPCODE } from "../../src/testing/frames.ts";
import type { ConformanceCase, Exchange } from "./conformance.ts";

const { text, close, ping, continuation } = OPCODE;

function closing(code?: number, reason?: string): FrameParts {
  return { opcode: close, payload: closeBody(code, reason) };
}

function answered(code: number): Exchange[] {
  return [{ send: [closing(code)], close: code }, { send: [closing(code, "why")], close: code }];
}

/** Close handling. */
export const CLOSING: readonly ConformanceCase[] = [
  {
    name: "6455 5.5.1: a close frame is answered with its code",
    exchanges: [
      ...answered(1000),
      { send: [closing(1000, "r".repeat(123))], close: 1000 },
      { send: [closing(1000, "why")], chop: 1, close: 1000 },
    ],
  },
  {
    name: "6455 5.5.1: an empty close frame is answered with an empty one",
    exchanges: [{ send: [closing()], close: 1005 }],
  },
  {
    name: "6455 7.4.1: every code of the table that may be sent is answered",
    exchanges: [1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011].flatMap(answered),
  },
  {
    name: "6455 11.7: the codes registered since, 1012 and 1013, are answered",
    exchanges: [1012, 1013].flatMap(answered),
  },
  {
    name: "6455 11.7: the code registered last, 1014, is answered",
    exchanges: answered(1014),
  },
  {
    name: "6455 7.4.2: the codes of libraries and of applications are answered",
    exchanges: [3000, 3999, 4000, 4999].flatMap(answered),
  },
  ...[0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535].map((code) => ({
    name: `6455 7.4: the code ${code}, which may not be sent, fails the connection with 1002`,
    exchanges: [{ send: [closing(code)], close: 1002 }],
  })),
  {
    name: "6455 5.5.1: a body of one byte fails the connection with 1002",
    exchanges: [{ send: [{ opcode: close, payload: new Uint8Array([3]) }], close: 1002 }],
  },
  {
    name: "6455 5.5: a body of more than 125 bytes fails the connection with 1002",
    exchanges: [{ send: [closing(1000, "r".repeat(124))], close: 1002 }],
  },
  {
    name: "6455 5.5: a close frame in fragments fails the connection with 1002",
    exchanges: [{ send: [{ ...closing(1000), fin: false }], close: 1002 }],
  },
  {
    name: "6455 5.5.1: what follows the close frame is passed over",
    exchanges: [
      { send: [closing(1000), { opcode: text, payload: "after" }], close: 1000 },
      { send: [closing(1000), { opcode: ping, payload: "after" }], close: 1000 },
      { send: [closing(1000), closing(1001)], close: 1000 },
      { send: [closing(1000), { opcode: 15, rsv: 7 }], close: 1000 },
    ],
  },
  {
    name: "6455 5.4: a close frame between fragments is answered, the message dropped",
    exchanges: [{
      send: [
        { opcode: text, fin: false, payload: "cut" },
        closing(1000),
        { opcode: continuation, payload: "off" },
      ],
      close: 1000,
    }],
  },
];

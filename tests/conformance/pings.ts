/** Pings and pongs (RFC 6455, sections 5.5.2 and 5.5.3). @module */

import { OPCODE } from "../../src/testing/frames.ts";
import type { ConformanceCase } from "./conformance.ts";

const { text, ping, pong, continuation } = OPCODE;

const LONGEST = "p".repeat(125);

/** Pings and pongs. */
export const PINGS: readonly ConformanceCase[] = [
  {
    name: "6455 5.5.2: a ping is answered with a pong of the same payload",
    exchanges: ["", "hello", LONGEST, "\u0000\u007f", "grüße"].map((payload) => ({
      send: [{ opcode: ping, payload }],
      pongs: [payload],
    })),
  },
  {
    name: "6455 5.5.2: a ping that comes byte by byte is answered",
    exchanges: [{ send: [{ opcode: ping, payload: LONGEST }], chop: 1, pongs: [LONGEST] }],
  },
  {
    name: "6455 5.5: a ping of more than 125 bytes fails the connection with 1002",
    exchanges: [{ send: [{ opcode: ping, payload: `${LONGEST}p` }], close: 1002 }],
  },
  {
    name: "6455 5.5: a ping in fragments fails the connection with 1002",
    exchanges: [{
      send: [{ opcode: ping, fin: false, payload: "a" }, { opcode: continuation, payload: "b" }],
      close: 1002,
    }],
  },
  {
    name: "6455 5.5: a pong in fragments fails the connection with 1002",
    exchanges: [{ send: [{ opcode: pong, fin: false, payload: "a" }], close: 1002 }],
  },
  {
    name: "6455 5.5.3: a pong that nobody asked for is passed over",
    exchanges: ["", "unasked"].map((payload) => ({
      send: [{ opcode: pong, payload }, { opcode: ping, payload: "after" }],
      pongs: ["after"],
    })),
  },
  {
    name: "6455 5.5.3: a pong of more than 125 bytes fails the connection with 1002",
    exchanges: [{ send: [{ opcode: pong, payload: `${LONGEST}p` }], close: 1002 }],
  },
  {
    name: "6455 5.5.2: ten pings are answered in order, in one write and byte by byte",
    exchanges: [undefined, 1].map((chop) => ({
      send: Array.from({ length: 10 }, (_, i) => ({ opcode: ping, payload: `${i}` })),
      chop,
      pongs: Array.from({ length: 10 }, (_, i) => `${i}`),
    })),
  },
  {
    name: "6455 5.4: a ping between messages and between fragments is answered",
    exchanges: [{
      send: [
        { opcode: text, payload: "one" },
        { opcode: ping, payload: "1" },
        { opcode: text, fin: false, payload: "t" },
        { opcode: ping, payload: "2" },
        { opcode: continuation, fin: false, payload: "w" },
        { opcode: ping, payload: "3" },
        { opcode: continuation, payload: "o" },
      ],
      messages: ["one", "two"],
      pongs: ["1", "2", "3"],
    }],
  },
];

/** Limits and large messages (RFC 6455, sections 7.4.1 and 10.4). @module */

import { OPCODE } from "../../src/testing/frames.ts";
import { type ConformanceCase, fragmented } from "./conformance.ts";

const { text, binary } = OPCODE;

const MIB = 1_048_576;
const LARGE = { maxMessageBytes: 8 * MIB, sendQueueBytes: 16 * MIB };

function sized(size: number): string {
  return `${size / 1024} KiB`;
}

function large(size: number): ConformanceCase[] {
  const message = "*".repeat(size);
  const bytes = new Uint8Array(size).fill(0xfe);
  return [
    {
      name: `6455 10.4: a text and bytes of ${sized(size)} are echoed`,
      options: LARGE,
      exchanges: [
        { send: [{ opcode: text, payload: message }], messages: [message] },
        { send: [{ opcode: binary, payload: bytes }], messages: [bytes] },
      ],
    },
    {
      name: `6455 10.4: bytes of ${sized(size)} in fragments are echoed`,
      options: LARGE,
      exchanges: [4_096, 65_536].map((part) => ({
        send: fragmented(binary, bytes, part),
        messages: [bytes],
      })),
    },
  ];
}

/** Limits and performance-sized messages. */
export const LIMITS: readonly ConformanceCase[] = [
  ...[65_536, MIB, 4 * MIB].flatMap(large),
  {
    name: "6455 10.4: a megabyte in small pieces is echoed",
    options: LARGE,
    exchanges: [{
      send: [{ opcode: text, payload: "*".repeat(MIB) }],
      chop: 1_024,
      messages: ["*".repeat(MIB)],
    }],
  },
  {
    name: "6455 10.4: a thousand messages of each size are echoed in order",
    exchanges: [0, 16, 256, 1_024].map((size) => {
      const messages = Array.from({ length: 1_000 }, (_, i) => `${i}`.padStart(size, "."));
      return { send: messages.map((payload) => ({ opcode: text, payload })), messages };
    }),
  },
  {
    name: "6455 7.4.1: a message over the limit fails the connection with 1009",
    options: { maxMessageBytes: 1_000 },
    exchanges: [
      { send: [{ opcode: text, payload: "*".repeat(1_000) }], messages: ["*".repeat(1_000)] },
      { send: [{ opcode: text, payload: "*".repeat(1_001) }], close: 1009 },
      { send: fragmented(text, "*".repeat(1_001), 100), close: 1009 },
    ],
  },
  {
    name: "6455 7.4.1: a length over the limit fails the connection with 1009, unseen the payload",
    options: { maxMessageBytes: 1_000 },
    exchanges: [1_001, 65_536, 2 ** 31, 2n ** 62n].map((length) => ({
      send: [{ opcode: binary, length }],
      close: 1009,
    })),
  },
  {
    name: "6455 7.4.1: the sum of fragments over the limit fails the connection with 1009",
    options: { maxMessageBytes: 1_000 },
    exchanges: [{
      send: fragmented(binary, new Uint8Array(2_000), 100).slice(0, 11),
      close: 1009,
    }],
  },
  {
    name: "6455 5.4: a message in 65,536 fragments of 64 bytes is echoed, at a limit of 16 MiB",
    options: { maxMessageBytes: 16 * MIB, sendQueueBytes: 16 * MIB },
    exchanges: [
      { send: fragmented(text, "*".repeat(4 * MIB), 64), messages: ["*".repeat(4 * MIB)] },
      {
        send: fragmented(binary, new Uint8Array(4 * MIB), 64),
        messages: [new Uint8Array(4 * MIB)],
      },
    ],
  },
  {
    name: "6455 7.4.1: a flood of empty fragments fails the connection with 1008",
    options: { maxMessageBytes: 16 * MIB },
    exchanges: [{
      send: [{ opcode: text, fin: false }, ...Array(4_096).fill({ opcode: 0, fin: false })],
      close: 1008,
    }],
  },
  {
    name: "6455 7.4.1: more than 4,096 fragments fail the connection with 1008",
    exchanges: [
      { send: fragmented(text, "*".repeat(4_096), 1), messages: ["*".repeat(4_096)] },
      { send: fragmented(text, "*".repeat(4_097), 1), close: 1008 },
    ],
  },
];

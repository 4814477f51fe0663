/** UTF-8 in texts and reasons (RFC 6455, sections 5.6 and 8.1; RFC 3629). @module */

import { closeBody, OPCODE } from "../../src/testing/frames.ts";
import { type ConformanceCase, type Exchange, fragmented } from "./conformance.ts";

const { text, close, binary } = OPCODE;

const VALID: Readonly<Record<string, readonly string[]>> = {
  "letters of many scripts": ["κόσμε", "grüße", "日本語", "שלום", "مرحبا", "नमस्ते", "🦕🎭"],
  "the first and the last of each length": [
    "\u0000",
    "\u007f",
    "\u0080",
    "\u07ff",
    "\u0800",
    "\uffff",
    "\u{10000}",
    "\u{10ffff}",
  ],
  "neighbours of surrogates": ["\ud7ff", "\ue000", "\ufffd"],
  "noncharacters": ["\ufffe", "\uffff", "\ufdd0", "\u{1fffe}", "\u{10fffe}"],
  "a byte order mark, which is kept": ["\ufeffx", "x\ufeff"],
};

const INVALID: Readonly<Record<string, readonly number[]>> = {
  "a lone continuation byte, the first": [0x80],
  "a lone continuation byte, the last": [0xbf],
  "two continuation bytes": [0x80, 0xbf],
  "a lone start of two": [0xc2, 0x20],
  "a lone start of three": [0xe1, 0x80, 0x20],
  "a lone start of four": [0xf1, 0x80, 0x80, 0x20],
  "a start at the end, of two": [0xce],
  "a start at the end, of three": [0xe2, 0x82],
  "a start at the end, of four": [0xf0, 0x9f, 0xa6],
  "the impossible byte fe": [0xfe],
  "the impossible byte ff": [0xff],
  "the impossible byte c0": [0xc0, 0x80],
  "the impossible byte c1": [0xc1, 0xbf],
  "an overlong form of two bytes": [0xc0, 0xaf],
  "an overlong form of three bytes": [0xe0, 0x80, 0xaf],
  "an overlong form of four bytes": [0xf0, 0x80, 0x80, 0xaf],
  "an overlong form, the longest of three": [0xe0, 0x9f, 0xbf],
  "an overlong form, the longest of four": [0xf0, 0x8f, 0xbf, 0xbf],
  "an overlong null": [0xe0, 0x80, 0x80],
  "the first high surrogate": [0xed, 0xa0, 0x80],
  "the last high surrogate": [0xed, 0xaf, 0xbf],
  "the first low surrogate": [0xed, 0xb0, 0x80],
  "the last low surrogate": [0xed, 0xbf, 0xbf],
  "a pair of surrogates": [0xed, 0xa0, 0x80, 0xed, 0xb0, 0x80],
  "one beyond the last code point": [0xf4, 0x90, 0x80, 0x80],
  "a form of five bytes": [0xf8, 0x88, 0x80, 0x80, 0x80],
  "a form of six bytes": [0xfc, 0x84, 0x80, 0x80, 0x80, 0x80],
};

function inEveryWay(payload: Uint8Array, more: Partial<Exchange>): Exchange[] {
  return [
    { send: [{ opcode: text, payload }], ...more },
    { send: [{ opcode: text, payload }], chop: 1, ...more },
    { send: fragmented(text, payload, 1), ...more },
    { send: fragmented(text, payload, 3), ...more },
  ];
}

/** As it stands, and with text on both sides. */
function placed(bytes: readonly number[]): Uint8Array[] {
  const around = [...new TextEncoder().encode("κόσμε")];
  return [new Uint8Array(bytes), new Uint8Array([...around, ...bytes])];
}

/** UTF-8. */
export const UTF8: readonly ConformanceCase[] = [
  ...Object.entries(VALID).map(([what, texts]) => ({
    name: `6455 8.1: ${what}: echoed, whole and in fragments`,
    exchanges: texts.flatMap((message) =>
      inEveryWay(new TextEncoder().encode(message), { messages: [message] })
    ),
  })),
  ...Object.entries(INVALID).map(([what, bytes]) => ({
    name: `6455 8.1: ${what}: fails the connection with 1007, whole and in fragments`,
    exchanges: placed(bytes).flatMap((payload) => inEveryWay(payload, { close: 1007 })),
  })),
  {
    name: "6455 8.1: text that is not UTF-8 in a close reason fails the connection with 1007",
    exchanges: Object.values(INVALID).map((bytes) => ({
      send: [{ opcode: close, payload: closeBody(1000, new Uint8Array(bytes)) }],
      close: 1007,
    })),
  },
  {
    name: "6455 5.6: bytes need not be UTF-8",
    exchanges: Object.values(INVALID).map((bytes) => ({
      send: [{ opcode: binary, payload: new Uint8Array(bytes) }],
      messages: [new Uint8Array(bytes)],
    })),
  },
];

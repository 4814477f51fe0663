/** Compressed messages (RFC 7692, sections 6 and 7.2). @module */

import { type FrameParts, OPCODE } from "../../src/testing/frames.ts";
import { type ConformanceCase, type Exchange, fragmented } from "./conformance.ts";
import { deflate } from "./deflate.ts";

const { text, binary, ping, close, continuation } = OPCODE;

/** RSV1: the message is compressed. */
const COMPRESSED = 4;
const OFFER = "permessage-deflate; client_max_window_bits";
const options = { compression: true };

function compressed(message: string | Uint8Array, more: Partial<FrameParts> = {}): FrameParts {
  const opcode = typeof message === "string" ? text : binary;
  return { opcode, rsv: COMPRESSED, payload: deflate(message), ...more };
}

function echoed(message: string | Uint8Array, more: Partial<Exchange> = {}): Exchange {
  return { send: [compressed(message)], messages: [message], offer: OFFER, ...more };
}

function fails(name: string, code: number, ...frames: (readonly FrameParts[])[]): ConformanceCase {
  const exchanges = frames.map((send) => ({ send, close: code, offer: OFFER }));
  return { name: `7692 ${name} fails the connection with ${code}`, options, exchanges };
}

/** Text that has few repetitions, from a generator of numbers. */
function noise(length: number): string {
  let state = 1;
  return Array.from({ length }, () => {
    state = (state * 48_271) % 2_147_483_647;
    return String.fromCharCode(33 + state % 94);
  }).join("");
}

const MESSAGES = ["", "Hello", "*".repeat(1_023), "*".repeat(1_024), "grüße 🦕".repeat(500)];

const ROUND_TRIPS: readonly ConformanceCase[] = [
  {
    name: "7692 7.2.2: a compressed text is echoed",
    options,
    exchanges: [...MESSAGES, noise(60_000)].map((message) => echoed(message)),
  },
  {
    name: "7692 7.2.2: compressed bytes are echoed",
    options,
    exchanges: [0, 1, 1_024, 65_536].map((length) => echoed(new Uint8Array(length).fill(0xfe))),
  },
  {
    name: "7692 7.2.3.1: the example of the section, Hello, is understood",
    options,
    exchanges: [[0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00]].map((bytes) => ({
      send: [{ opcode: text, rsv: COMPRESSED, payload: new Uint8Array(bytes) }],
      messages: ["Hello"],
      offer: OFFER,
    })),
  },
  {
    name: "7692 7.2.3.3: a message in blocks without compression is understood",
    options,
    exchanges: [echoed("Hello", {
      send: [compressed("Hello", { payload: deflate("Hello", 15, 0) })],
    })],
  },
  {
    name: "7692 7.2.3.4: a message whose last block has the final bit is understood",
    options,
    exchanges: [[0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00]].map((bytes) => ({
      send: [{ opcode: text, rsv: COMPRESSED, payload: new Uint8Array(bytes) }],
      messages: ["Hello"],
      offer: OFFER,
    })),
  },
  {
    name: "7692 6: a message that is not compressed is echoed all the same",
    options,
    exchanges: MESSAGES.map((message) =>
      echoed(message, {
        send: [{ opcode: text, payload: message }],
      })
    ),
  },
  {
    name: "7692 7.2.2: many messages, compressed and not, are echoed in order",
    options,
    exchanges: [{
      send: Array.from(
        { length: 200 },
        (_, i) => i % 3 === 0 ? { opcode: text, payload: `${i}` } : compressed(`${i}`),
      ),
      messages: Array.from({ length: 200 }, (_, i) => `${i}`),
      offer: OFFER,
    }],
  },
  {
    name: "7692 6.1: a compressed message in fragments is echoed",
    options,
    exchanges: [1, 100, 4_096].map((size) =>
      echoed(noise(3_000), { send: fragmented(text, deflate(noise(3_000)), size, COMPRESSED) })
    ),
  },
  {
    name: "7692 6.1: pings between fragments of a compressed message are answered",
    options,
    exchanges: [echoed("Hello", {
      send: fragmented(text, deflate("Hello"), 1, COMPRESSED).flatMap((frame) => [
        frame,
        { opcode: ping, payload: "?" },
      ]),
      pongs: [...deflate("Hello")].map(() => "?"),
    })],
  },
  {
    name: "7692 7.2.2: a compressed message that comes byte by byte is echoed",
    options,
    exchanges: [echoed("grüße 🦕".repeat(20), { chop: 1 })],
  },
];

/** A message that inflates to a thousand times its size. */
function bomb(length: number): Uint8Array<ArrayBuffer> {
  return deflate(new Uint8Array(length));
}

const VIOLATIONS: readonly ConformanceCase[] = [
  {
    name: "7692 6: RSV1 without the extension negotiated fails the connection with 1002",
    options,
    exchanges: [{ send: [compressed("Hello")], close: 1002, accepted: null }],
  },
  fails("6.1: RSV1 in a continuation", 1002, [
    { opcode: text, rsv: COMPRESSED, fin: false, payload: deflate("Hello").subarray(0, 3) },
    { opcode: continuation, rsv: COMPRESSED, payload: deflate("Hello").subarray(3) },
  ]),
  fails(
    "6.1: RSV1 in a control frame",
    1002,
    [{ opcode: ping, rsv: COMPRESSED }],
    [{ opcode: close, rsv: COMPRESSED }],
  ),
  fails(
    "5: RSV2 or RSV3, which stay reserved,",
    1002,
    [compressed("Hello", { rsv: 6 })],
    [compressed("Hello", { rsv: 5 })],
  ),
  fails(
    "7.2.2: a payload that is not deflate",
    1007,
    [compressed("", { payload: new Uint8Array([0xff, 0xff, 0xff, 0xff]) })],
    [compressed("", { payload: new Uint8Array([0x07, 0x00]) })],
    fragmented(text, new Uint8Array([0x01, 0x05, 0x00, 0x00, 0x00, 0x41]), 1, COMPRESSED),
  ),
  fails(
    "7.2.3.2: a message that needs the window of the one before",
    1007,
    // A reference 5 bytes back with nothing before it.
    [compressed("Hello"), compressed("", { payload: new Uint8Array([0x02, 0x13, 0x00]) })],
  ),
  fails(
    "6 with 6455 8.1: a compressed text that is not UTF-8",
    1007,
    [compressed("", { payload: deflate(new Uint8Array([0xff])) })],
    [compressed("", { payload: deflate(new Uint8Array([0xe2, 0x82])) })],
  ),
  {
    ...fails(
      "10: a message that inflates to a thousand times its size, over the limit,",
      1009,
      [compressed("", { payload: bomb(8_388_608) })],
      fragmented(binary, bomb(8_388_608), 1_000, COMPRESSED),
    ),
  },
  {
    name: "7692 10: the limit is that of the inflated message",
    options: { ...options, maxMessageBytes: 1_000 },
    exchanges: [
      echoed("*".repeat(1_000)),
      { send: [compressed("*".repeat(1_001))], close: 1009, offer: OFFER },
    ],
  },
];

/** Compressed messages. */
export const COMPRESSION: readonly ConformanceCase[] = [...ROUND_TRIPS, ...VIOLATIONS];

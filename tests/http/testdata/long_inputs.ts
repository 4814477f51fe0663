/**
 * Gives texts of 300,000 characters, made to be slow, to all that reads what strangers send.
 *
 * Prints the name of each reader when it is done. One whose time grows with the
 * square of the length would take minutes for each.
 *
 * @module
 */

import { EventCodec } from "../../../src/events/codec.ts";
import { createClientOf } from "../../../src/http/client_address.ts";
import { evaluatePreconditions } from "../../../src/http/conditional.ts";
import { parseTraceparent } from "../../../src/telemetry/traces/traceparent.ts";
import {
  escapeControls,
  isLoopbackHost,
  parseJsonData,
  quote,
  redactText,
  redactUrl,
} from "../../../src/text/mod.ts";
import { readRequest } from "../../../src/topics/read_request.ts";
import { acceptDeflate, parseOffers } from "../../../src/websocket/handshake/deflate_offer.ts";
import {
  asksForWebSocket,
  negotiateSubprotocol,
  refuseHandshake,
} from "../../../src/websocket/handshake/handshake.ts";
import { compileOrigins } from "../../../src/websocket/handshake/origins.ts";
import { readTarget } from "../../../src/websocket/handshake/request_target.ts";

/** Characters of each text. */
const LENGTH = 300_000;

/** What is repeated to fill a text; the rest is put before and behind. */
const FILLINGS = [
  " ",
  "\t",
  "\xa0",
  ",",
  ", ",
  " ,",
  ";",
  "; ",
  ";a",
  "a;",
  "=",
  "a=",
  '"',
  '\\"',
  "\\",
  '"a",',
  '"a" ',
  'W/"',
  "a",
  "a,",
  "a ",
  "upgrade ",
  "websocket\t",
  "permessage-deflate;",
  "permessage-deflate,",
  "0",
  "1.",
  "1:",
  ":",
  "[",
  "[[",
  "]",
  "{",
  '{"a":',
  "%",
  "%41",
  "/",
  "/../",
  "a/../",
  "\\",
  "?",
  "#",
  "@",
  "a@",
  "-",
  "00-",
  "e",
  "é",
  "\ud800",
  "\u2028",
  "\n",
  "for=",
  'for="[',
  "for=a,",
  "m:",
  "m:a;",
];
const ENDS = [["", ""], ['"a', 'b"'], ["m:a;4;", " x"]];

const peer = { transport: "tcp", hostname: "127.0.0.1", port: 1 } as const;
const clientOf = createClientOf(["127.0.0.1"]);
const codec = new EventCodec({ eventPrefix: "m:", binaryMessages: false });
const isWelcome = compileOrigins(["same-origin", "https://*.example.com", "https://example.com"]);
const handshake = {
  host: "a",
  upgrade: "websocket",
  connection: "upgrade",
  "sec-websocket-version": "13",
  "sec-websocket-key": "AAAAAAAAAAAAAAAAAAAAAA==",
};

/** Each reads one text and may refuse it. */
const READERS: Readonly<Record<string, (text: string) => unknown>> = {
  "If-None-Match": (text) => evaluatePreconditions(() => text, '"a"'),
  Upgrade: (text) => asksForWebSocket(text),
  Connection: (text) => refuseHandshake("GET", { ...handshake, connection: text }),
  "Sec-WebSocket-Protocol": (text) =>
    negotiateSubprotocol(["a"], { "sec-websocket-protocol": text }),
  "Sec-WebSocket-Extensions": (text) => acceptDeflate(parseOffers(text) ?? []),
  Host: (text) => readTarget("/", text),
  target: (text) => readTarget(text, "a"),
  path: (text) => readTarget(`/${text}`, "a"),
  "absolute target": (text) => readTarget(`http://a/${text}`, "a"),
  Origin: (text) => isWelcome(text, "a"),
  "X-Forwarded-For": (text) => clientOf(peer, (name) => name === "x-forwarded-for" ? text : null),
  "X-Forwarded-Proto": (text) =>
    clientOf(peer, (name) => name === "x-forwarded-proto" ? text : null),
  Forwarded: (text) => clientOf(peer, (name) => name === "forwarded" ? text : null),
  "host of this machine": (text) => isLoopbackHost(text),
  traceparent: (text) => parseTraceparent(text, text),
  event: (text) => codec.decode(text),
  "event in bytes": (text) => codec.decode(new TextEncoder().encode(text)),
  "number of an event": (text) => codec.decode(`m:a;1;${text}`),
  "JSON data": (text) => parseJsonData(text),
  "topics request": (text) => readRequest(text),
  "topics field": (text) => readRequest(JSON.stringify({ type: "subscribe", topic: text })),
  "log line": (text) => escapeControls(text),
  "error text": (text) => quote(text),
  "text with secrets": (text) => redactText(text),
  "URL with secrets": (text) => redactUrl(text),
};

for (const [name, read] of Object.entries(READERS)) {
  for (const filling of FILLINGS) {
    for (const [start, end] of ENDS) {
      try {
        read(start + filling.repeat(LENGTH / filling.length) + end);
      } catch (error) {
        // To refuse is right; to run out of stack is not.
        if (error instanceof RangeError) throw error;
      }
    }
  }
  console.log(`done: ${name}`);
}

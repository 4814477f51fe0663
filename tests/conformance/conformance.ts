/**
 * Exchanges of frames that RFC 6455 and RFC 7692 have an outcome for.
 *
 * Each case is named by the section it looks at and runs against an echo. An
 * engine that fails one has it in its list of failures, with the reason.
 *
 * @module
 */

import { type EngineName, isMessage, MESSAGE_TYPE } from "../../src/websocket/mod.ts";
import { assertEquals, assertRejects } from "../helpers/assert.ts";
import {
  closeBody,
  encodeFrames,
  type FrameParts,
  OPCODE,
  readCloseBody,
} from "../../src/testing/frames.ts";
import { RawClient } from "../../src/testing/raw_client.ts";
import { Inbox } from "../websocket/inbox.ts";
import type { Served, ServeOptions } from "../websocket/stage.ts";
import { inflate } from "./deflate.ts";

const { text, binary, close, pong, continuation } = OPCODE;

/** What is sent on one connection, and what has to come back. */
export interface Exchange {
  readonly send: readonly FrameParts[];
  /** Bytes in each write. Default: all in one. */
  readonly chop?: number;
  /** What is echoed. Default nothing. */
  readonly messages?: readonly (string | Uint8Array)[];
  /** Payloads of pongs. Default none. */
  readonly pongs?: readonly string[];
  /**
   * Code that the server closes with, because of what was sent. Default: it goes
   * on, and answers the client's 1000.
   */
  readonly close?: number;
  /** `Sec-WebSocket-Extensions` to offer. Default none. */
  readonly offer?: string;
  /** The extensions accepted; `null` is none. Default: not looked at. */
  readonly accepted?: string | null;
}

/** A rule and exchanges that show it, each on a connection of its own. */
export interface ConformanceCase {
  /** The section and its rule. */
  readonly name: string;
  readonly exchanges: readonly Exchange[];
  /** Of the handler. Default those of a handler. */
  readonly options?: ServeOptions;
}

/** An engine, and what it fails: the reason by the name of the case. */
export interface ConformanceSubject {
  readonly engine: EngineName;
  serve(options: ServeOptions): Promise<Served>;
  readonly failures: ReadonlyMap<string, string>;
}

/** Deadline of a read where it is known that nothing will come, in milliseconds. */
const IN_VAIN_MS = 250;

/** Registers a test for each case. */
export function testConformance(
  { engine, serve, failures }: ConformanceSubject,
  cases: readonly ConformanceCase[],
): void {
  const names = cases.map(({ name }) => name);
  Deno.test(`conformance of ${engine}: what fails is a case, and no two have one name`, () => {
    assertEquals(new Set(names).size, names.length);
    assertEquals([...failures.keys()].filter((name) => !names.includes(name)), []);
  });
  for (const each of cases) {
    const reason = failures.get(each.name);
    if (reason === undefined) {
      Deno.test(`conformance of ${engine}: RFC ${each.name}`, () => runCase(serve, each, 5_000));
    } else {
      Deno.test({
        name: `conformance of ${engine}: fails RFC ${each.name} (${reason})`,
        async fn() {
          await assertRejects(() => runCase(serve, each, IN_VAIN_MS));
        },
        // What an engine cannot end may be there still.
        sanitizeOps: false,
        sanitizeResources: false,
      });
    }
  }
}

async function runCase(
  serve: ConformanceSubject["serve"],
  { exchanges, options }: ConformanceCase,
  timeoutMs: number,
): Promise<void> {
  await using served = await serve({ ...options, parent: createEcho() });
  for (const [index, exchange] of exchanges.entries()) {
    await runExchange(served.port, exchange, timeoutMs, `exchange ${index}`);
  }
}

function createEcho(): Inbox {
  return new Inbox((self, message) => {
    if (!isMessage(message)) return;
    const { id, type, body } = message;
    if (type !== MESSAGE_TYPE.text && type !== MESSAGE_TYPE.binary) return;
    self.send(id, { kind: "message", type, body });
  });
}

async function runExchange(
  port: number,
  exchange: Exchange,
  timeoutMs: number,
  what: string,
): Promise<void> {
  const { send, chop, messages = [], pongs = [], offer } = exchange;
  await using client = await RawClient.connect({ port, timeoutMs });
  const headers = { "Sec-WebSocket-Extensions": offer ?? null };
  const head = await client.handshake({ headers });
  assertEquals(head.status, 101, what);
  if (exchange.accepted !== undefined) {
    assertEquals(head.headers.get("sec-websocket-extensions"), exchange.accepted, what);
  }
  const bytes = encodeFrames(send);
  const cuts = chop === undefined ? [] : Math.ceil(bytes.length / chop) - 1;
  await writeAll(client, bytes, Array.from({ length: Number(cuts) }, (_, i) => (i + 1) * chop!));
  const seen = await readAnswers(client, exchange);
  assertEquals(seen.pongs, [...pongs], `${what}: pongs`);
  const wanted = exchange.close === undefined || exchange.close < 1002
    ? messages
    // It fails at once, whether or not an echo was under way.
    : messages.slice(0, seen.messages.length);
  assertEquals(seen.messages, [...wanted], `${what}: messages`);
  assertEquals(seen.close, exchange.close ?? 1000, `${what}: close code`);
  assertEquals((await client.readEnd()).length, 0, `${what}: bytes after the close frame`);
}

/** A server that fails the connection may be quicker than the writes. */
async function writeAll(client: RawClient, bytes: Uint8Array, cuts: number[]): Promise<void> {
  try {
    await client.write(bytes, cuts);
  } catch (error) {
    if (error instanceof Deno.errors.BrokenPipe) return;
    if (!(error instanceof Deno.errors.ConnectionReset)) throw error;
  }
}

interface Answers {
  readonly messages: (string | Uint8Array)[];
  readonly pongs: string[];
  close: number;
}

/** Reads up to the end; closes when all that is expected has come. */
async function readAnswers(client: RawClient, exchange: Exchange): Promise<Answers> {
  const { messages = [], pongs = [] } = exchange;
  const seen: Answers = { messages: [], pongs: [], close: 1006 };
  let isClosing = exchange.close !== undefined;
  for (;;) {
    const isComplete = seen.messages.length >= messages.length && seen.pongs.length >= pongs.length;
    if (isComplete && !isClosing) {
      isClosing = true;
      await client.send({ opcode: close, payload: closeBody(1000) });
    }
    const frame = await client.readFrame();
    if (frame === undefined) return seen;
    assertEquals([frame.fin, frame.masked, frame.rsv & 3], [true, false, 0]);
    const payload = (frame.rsv & 4) === 0 ? frame.payload : inflate(frame.payload);
    if (frame.opcode === text) seen.messages.push(decode(payload));
    else if (frame.opcode === binary) seen.messages.push(payload);
    else if (frame.opcode === pong) seen.pongs.push(decode(payload));
    else {
      assertEquals(frame.opcode, close);
      seen.close = readCloseBody(payload).code;
      await writeAll(client, encodeFrames([{ opcode: close, payload }]), []);
      return seen;
    }
  }
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
}

/** A message in fragments of `size` bytes. */
export function fragmented(
  opcode: number,
  payload: string | Uint8Array,
  size: number,
  rsv = 0,
): FrameParts[] {
  const bytes = typeof payload === "string" ? new TextEncoder().encode(payload) : payload;
  const count = Math.max(1, Math.ceil(bytes.length / size));
  return Array.from({ length: count }, (_, index) => ({
    opcode: index === 0 ? opcode : continuation,
    rsv: index === 0 ? rsv : 0,
    fin: index === count - 1,
    payload: bytes.subarray(index * size, (index + 1) * size),
  }));
}

/**
 * A client's connection over plain TCP, so that the server is what is measured.
 *
 * @module
 */

import { type Bytes, textFrame } from "./frames.ts";
import { Inflater } from "./inflater.ts";
import type { Protocol, Room } from "./protocols.ts";
import { FrameScanner, readHead } from "./scanner.ts";

/** Where to, and how. */
export interface OpenOptions {
  readonly port: number;
  readonly protocol: Protocol;
  readonly room?: Room;
  /** Offers permessage-deflate, as browsers do. @default {false} */
  readonly compression?: boolean;
}

const OFFER = "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n";
const CLOSED = "Cannot measure: the server closed a connection";

/** An upgraded socket. */
export interface Upgraded {
  readonly tcp: Deno.TcpConn;
  /** Head of the response. */
  readonly head: string;
  /** What came with it. */
  readonly rest: Bytes;
}

/** Upgrades and reads the response. */
export async function upgrade(port: number, path: string, headers = ""): Promise<Upgraded> {
  const tcp = await Deno.connect({ hostname: "127.0.0.1", port });
  tcp.setNoDelay(true);
  const request = `GET ${path} HTTP/1.1\r\nHost: localhost:${port}\r\nUpgrade: websocket\r\n` +
    "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
    `Sec-WebSocket-Version: 13\r\n${headers}\r\n`;
  await tcp.write(new TextEncoder().encode(request));
  const buffer = new Uint8Array(4096);
  let filled = 0;
  for (;;) {
    const count = await tcp.read(buffer.subarray(filled));
    const text = new TextDecoder("latin1").decode(buffer.subarray(0, filled + (count ?? 0)));
    if (!count) throw new Error(`Cannot open ${path}: the server closed, after ${text}`);
    filled += count;
    const end = text.indexOf("\r\n\r\n");
    if (end === -1) continue;
    const head = text.slice(0, end);
    if (!head.startsWith("HTTP/1.1 101")) throw new Error(`Cannot open ${path}: ${head}`);
    return { tcp, head, rest: buffer.slice(end + 4, filled) };
  }
}

/** An open connection. */
export class Connection implements Disposable {
  readonly #tcp: Deno.TcpConn;
  readonly #protocol: Protocol;
  readonly #scanner: FrameScanner;
  #rest: Bytes;
  #inflater: Inflater | undefined;

  private constructor({ tcp, rest }: Upgraded, protocol: Protocol) {
    this.#tcp = tcp;
    this.#rest = rest;
    this.#protocol = protocol;
    this.#scanner = new FrameScanner(protocol.classify);
  }

  /** Opens one and says what the protocol says first. */
  static async open({ port, protocol, room, compression }: OpenOptions): Promise<Connection> {
    const upgraded = await upgrade(port, protocol.path(room), compression ? OFFER : "");
    if (compression && !/^sec-websocket-extensions: *permessage-deflate/im.test(upgraded.head)) {
      upgraded.tcp.close();
      throw new Error("Cannot measure compression: the server does not compress");
    }
    const connection = new Connection(upgraded, protocol);
    if (protocol.isGreeted) await connection.readText();
    for (const text of protocol.greeting(room)) {
      await connection.send(textFrame(text));
      await connection.readText();
    }
    return connection;
  }

  /** Sends bytes, all of them. */
  async send(bytes: Bytes): Promise<void> {
    let at = await this.#tcp.write(bytes);
    while (at < bytes.length) at += await this.#tcp.write(bytes.subarray(at));
  }

  /** Reads once, into `buffer`; resolves with how many messages ended in it. Answers pings. */
  async readMessages(buffer: Bytes): Promise<number> {
    let messages = 0;
    if (this.#rest.length > 0) {
      messages = this.#scanner.scan(this.#rest, this.#rest.length);
      this.#rest = new Uint8Array();
    }
    if (messages === 0) {
      const count = await this.#tcp.read(buffer);
      if (count === null) throw new Error(CLOSED);
      messages = this.#scanner.scan(buffer, count);
    }
    for (; this.#scanner.pings > 0; this.#scanner.pings--) await this.send(this.#protocol.pong);
    return messages;
  }

  /** Reads one frame and resolves with its payload as text; only between loads. */
  async readText(): Promise<string> {
    for (;;) {
      const frame = takeFrame(this.#rest);
      if (frame) {
        this.#rest = frame.rest;
        if (!frame.isCompressed) return new TextDecoder().decode(frame.payload);
        this.#inflater ??= new Inflater();
        return new TextDecoder().decode(await this.#inflater.inflate(frame.payload));
      }
      const buffer = new Uint8Array(65_536);
      const count = await this.#tcp.read(buffer);
      if (count === null) throw new Error(CLOSED);
      this.#rest = new Uint8Array([...this.#rest, ...buffer.subarray(0, count)]);
    }
  }

  /** Ends it without a closing handshake. */
  [Symbol.dispose](): void {
    this.#tcp.close();
  }
}

interface TakenFrame {
  readonly payload: Bytes;
  readonly isCompressed: boolean;
  readonly rest: Bytes;
}

/** The first frame of `bytes`; `undefined` if it is not whole. */
export function takeFrame(bytes: Bytes): TakenFrame | undefined {
  if (bytes.length < 2) return undefined;
  const short = bytes[1]! & 0x7f;
  const start = short < 126 ? 2 : short === 126 ? 4 : 10;
  if (bytes.length < start) return undefined;
  const { length, isCompressed } = readHead(bytes, 0);
  if (bytes.length < start + length) return undefined;
  return {
    payload: bytes.slice(start, start + length),
    isCompressed,
    rest: bytes.slice(start + length),
  };
}

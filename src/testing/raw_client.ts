/**
 * A WebSocket client that obeys nobody: any handshake, any frame, any pace.
 *
 * @module
 */

import { ByteStream } from "./byte_stream.ts";
import {
  concat,
  decodeFrame,
  encodeFrames,
  type Frame,
  type FrameParts,
  OPCODE,
  readCloseBody,
  splitAt,
} from "./frames.ts";
import {
  type HandshakeParts,
  handshakeRequest,
  parseChunked,
  parseHead,
  type ResponseHead,
} from "./handshake.ts";

/** Where to connect to. */
export interface RawClientOptions {
  /** TCP port. */
  readonly port: number;
  /** Default `127.0.0.1`. */
  readonly hostname?: string;
  /** Deadline of each read and write, in milliseconds. Default 20 000. */
  readonly timeoutMs?: number;
}

/** Code and reason of a closing handshake; 1006 if the connection ended without one. */
export interface CloseSeen {
  /** 1005 where the frame had none. */
  readonly code: number;
  /** Empty where the frame had none. */
  readonly reason: string;
}

/** One raw connection. Every read and write throws when its deadline passes. */
export class RawClient implements AsyncDisposable {
  readonly #stream: ByteStream;
  readonly #host: string;
  /** `ip:port` of this end: the server's remote address. */
  readonly localAddr: string;

  /** Opens the TCP connection and sends nothing. */
  static async connect(options: RawClientOptions): Promise<RawClient> {
    const { port, hostname = "127.0.0.1", timeoutMs = 20_000 } = options;
    const conn = await Deno.connect({ hostname, port });
    conn.setNoDelay(true);
    const host = hostname.includes(":") ? `[${hostname}]` : hostname;
    return new RawClient(conn, `${host}:${port}`, timeoutMs);
  }

  /** Opens a WebSocket; throws when the server does not answer 101. */
  static async open(options: RawClientOptions & HandshakeParts): Promise<RawClient> {
    const client = await RawClient.connect(options);
    const head = await client.handshake(options);
    if (head.status === 101) return client;
    const text = `Cannot open a raw WebSocket: status ${head.status} instead of 101`;
    client.close();
    throw new Error(text);
  }

  private constructor(conn: Deno.TcpConn, host: string, timeoutMs: number) {
    this.#stream = new ByteStream(conn, timeoutMs);
    this.#host = host;
    this.localAddr = `${conn.localAddr.hostname}:${conn.localAddr.port}`;
  }

  /** Writes bytes or text, in pieces when offsets are given. */
  async write(data: string | Uint8Array, offsets: readonly number[] = []): Promise<void> {
    const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
    for (const piece of splitAt(bytes, offsets)) await this.#stream.write(piece);
  }

  /** Writes a handshake request and, in the same packet, the frames given. */
  async request(parts: HandshakeParts = {}, ...pipelined: readonly FrameParts[]): Promise<void> {
    const head = new TextEncoder().encode(handshakeRequest(this.#host, parts));
    await this.#stream.write(concat([head, encodeFrames(pipelined)]));
  }

  /** Writes a handshake request and reads status and headers of the answer. */
  async handshake(parts: HandshakeParts = {}): Promise<ResponseHead> {
    await this.request(parts);
    return await this.readHead();
  }

  /** Reads status and headers of an answer. */
  async readHead(): Promise<ResponseHead> {
    const head = await this.#stream.take("read a response head", (bytes) => {
      const end = latin1(bytes).indexOf("\r\n\r\n");
      return end === -1 ? undefined : { value: latin1(bytes.subarray(0, end)), size: end + 4 };
    });
    if (head === undefined) throw new Error("Cannot read a response head: the connection ended");
    return parseHead(head);
  }

  /** Reads an answer with its body. */
  async readResponse(): Promise<ResponseHead & { readonly body: string }> {
    const head = await this.readHead();
    return { ...head, body: await this.#readBody(head.headers) };
  }

  /** Writes frames in one piece. */
  async send(...frames: readonly FrameParts[]): Promise<void> {
    await this.#stream.write(encodeFrames(frames));
  }

  /** Writes frames cut at the given offsets. */
  async sendSplit(frames: readonly FrameParts[], offsets: readonly number[]): Promise<void> {
    await this.write(encodeFrames(frames), offsets);
  }

  /** Reads the next frame; `undefined` when the connection has ended. */
  readFrame(): Promise<Frame | undefined> {
    return this.#stream.take("read a frame", (bytes) => {
      const found = decodeFrame(bytes);
      return found && { value: found.frame, size: found.size };
    });
  }

  /** Reads the next frame as text; throws when it is anything else. */
  async readText(): Promise<string> {
    const frame = await this.readFrame();
    if (frame?.opcode === OPCODE.text && frame.fin) return new TextDecoder().decode(frame.payload);
    throw new Error(`Cannot read a text message: ${Deno.inspect(frame)}`);
  }

  /** Skips frames up to the close frame or the end of the connection. */
  async readClose(): Promise<CloseSeen> {
    for (;;) {
      const frame = await this.readFrame();
      if (frame === undefined) return { code: 1006, reason: "" };
      if (frame.opcode === OPCODE.close) return readCloseBody(frame.payload);
    }
  }

  /** Reads up to the end of the connection and returns what was left. */
  readEnd(): Promise<Uint8Array> {
    return this.#stream.takeRest("read to the end of the connection");
  }

  /** Ends the sending half only. */
  closeWrite(): Promise<void> {
    return this.#stream.closeWrite();
  }

  /** Drops the connection without a closing handshake. */
  close(): void {
    this.#stream.close();
  }

  /** Drops the connection. */
  [Symbol.asyncDispose](): Promise<void> {
    this.close();
    return Promise.resolve();
  }

  async #readBody(headers: Headers): Promise<string> {
    const length = headers.get("content-length");
    const body = headers.get("transfer-encoding") === "chunked"
      ? await this.#stream.take("read a chunked body", (bytes) => {
        const found = parseChunked(latin1(bytes));
        return found && { value: found.body, size: found.size };
      })
      : length === null
      ? latin1(await this.readEnd())
      : await this.#stream.take("read a body", (bytes) => {
        const size = Number(length);
        return bytes.length < size ? undefined : { value: latin1(bytes.subarray(0, size)), size };
      });
    if (body === undefined) throw new Error("Cannot read a body: the connection ended");
    return new TextDecoder().decode(Uint8Array.from(body, (char) => char.charCodeAt(0)));
  }
}

/** One character per byte, so that offsets in the text are offsets in the bytes. */
function latin1(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

/**
 * Writing of the frames of a server.
 *
 * @module
 */

// Before `ws`, whichever of the files that use it comes first.
import "./without_addons.ts";
import { Buffer } from "node:buffer";
import type { Duplex } from "node:stream";
import { CLOSE_CODES } from "../close_codes.ts";
import { MESSAGE_TYPE, type MessageType } from "../messages.ts";
import { corkForTurn, writeInTurn } from "./turn_writer.ts";
// @ts-types="npm:@types/ws@8.18.2"
import * as ws from "ws";

/** Writes to one client. */
export interface FrameWriter {
  /** Writes a message, ping or pong; returns the bytes of its body, where it knows them. */
  write(type: MessageType, body: string | Uint8Array): number | void;
  /** Writes a close frame; nothing follows it. */
  writeClose(code: number, reason: string): void;
  /** Ends this side of the connection when all is written. */
  end(): void;
  /** Bytes that were not handed to the TCP socket yet. */
  readonly heldBytes: number;
}

/** Writes frames that are neither masked nor compressed, so that one serves many sockets. */
export class PlainWriter implements FrameWriter {
  readonly heldBytes = 0;
  readonly #tcp: Duplex;

  constructor(tcp: Duplex) {
    this.#tcp = tcp;
  }

  write(type: MessageType, body: string | Uint8Array): number {
    return writeInTurn(this.#tcp, type, body);
  }

  writeClose(code: number, reason: string): void {
    writeInTurn(this.#tcp, MESSAGE_TYPE.close, closeBody(code, reason));
  }

  end(): void {
    this.#tcp.end();
  }
}

/** Body of a close frame (RFC 6455, section 5.5.1). */
function closeBody(code: number, reason: string): Uint8Array {
  if (code === CLOSE_CODES.noStatus.code) return new Uint8Array(0);
  const body = Buffer.allocUnsafe(2 + Buffer.byteLength(reason));
  body.writeUInt16BE(code);
  body.write(reason, 2);
  return body;
}

type Sent = (error?: Error | null) => void;

/** The part of `ws` that compresses and writes. */
interface Sender {
  readonly _bufferedBytes: number;
  send(body: string | Uint8Array, options: Readonly<Record<string, boolean>>, sent: Sent): void;
  ping(body: string | Uint8Array, mask: boolean, sent: Sent): void;
  pong(body: string | Uint8Array, mask: boolean, sent: Sent): void;
  close(code: number | undefined, reason: string, mask: boolean, sent: Sent): void;
}

const { Sender } = ws as unknown as {
  readonly Sender: new (tcp: Duplex, extensions: object) => Sender;
};

/** Writes frames that `ws` compresses, in order. */
export class DeflatingWriter implements FrameWriter {
  readonly #tcp: Duplex;
  readonly #sender: Sender;
  /** Close frames that wait for what is being compressed. */
  #unsent = 0;
  #isEnding = false;

  constructor(tcp: Duplex, extensions: object) {
    this.#tcp = tcp;
    this.#sender = new Sender(tcp, extensions);
  }

  get heldBytes(): number {
    return this.#sender._bufferedBytes;
  }

  write(type: MessageType, body: string | Uint8Array): void {
    corkForTurn(this.#tcp);
    if (type === MESSAGE_TYPE.ping) this.#sender.ping(body, false, ignoreLateError);
    else if (type === MESSAGE_TYPE.pong) this.#sender.pong(body, false, ignoreLateError);
    else {
      const options = {
        binary: type === MESSAGE_TYPE.binary,
        compress: true,
        fin: true,
        mask: false,
      };
      this.#sender.send(body, options, ignoreLateError);
    }
  }

  writeClose(code: number, reason: string): void {
    this.#unsent++;
    this.#sender.close(
      code === CLOSE_CODES.noStatus.code ? undefined : code,
      reason,
      false,
      () => {
        this.#unsent--;
        this.#endIfSent();
      },
    );
  }

  end(): void {
    this.#isEnding = true;
    this.#endIfSent();
  }

  #endIfSent(): void {
    if (this.#isEnding && this.#unsent === 0) this.#tcp.end();
  }
}

/** A peer that leaves while it is written to is told of by the socket. */
function ignoreLateError(): void {}

/**
 * The end of a handshake that `ws` has made.
 *
 * @module
 */

import type { Buffer } from "node:buffer";
import type { Socket as NetSocket } from "node:net";
import type { Duplex } from "node:stream";
import type { Socket } from "../socket.ts";
import { DeflatingWriter } from "./deflating_writer.ts";
import { Inflater, MAX_WINDOW_BITS } from "./inflation.ts";
import { ServerSocket, type ServerSocketLimits } from "./server_socket.ts";
import { TurnWriter } from "./turn_writer.ts";

/** The part of `ws` that has negotiated compression. */
interface Negotiated {
  readonly params: Readonly<Record<string, unknown>>;
}

/**
 * What `ws` makes at the end of a handshake, in place of a WebSocket of its own: it
 * keeps what it is given until the socket is opened.
 */
export class Handover {
  /** Set by `ws`. */
  _extensions: { readonly "permessage-deflate"?: Negotiated } = {};
  #tcp: Duplex | undefined;
  #head: Buffer | undefined;

  /** What `ws` calls when it has answered. */
  setSocket(tcp: Duplex, head: Buffer): void {
    this.#tcp = tcp;
    this.#head = head;
  }

  /** The socket. */
  take(limits: ServerSocketLimits): Socket {
    const [tcp, head] = [this.#tcp!, this.#head!];
    const { setTimeout, setNoDelay } = tcp as Duplex & Partial<NetSocket>;
    setTimeout?.call(tcp, 0);
    setNoDelay?.call(tcp);
    const { "permessage-deflate": negotiated } = this._extensions;
    if (negotiated === undefined) {
      return new ServerSocket(tcp, head, new TurnWriter(tcp), undefined, limits);
    }
    const { params } = negotiated;
    const inflater = new Inflater(
      windowOf(params.client_max_window_bits),
      params.client_no_context_takeover !== true,
    );
    const writer = new DeflatingWriter(tcp, windowOf(params.server_max_window_bits));
    return new ServerSocket(tcp, head, writer, inflater, limits);
  }
}

function windowOf(bits: unknown): number {
  return typeof bits === "number" ? bits : MAX_WINDOW_BITS;
}

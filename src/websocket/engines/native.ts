/**
 * The engine on `Deno.upgradeWebSocket`.
 *
 * @module
 */

import { getLogger } from "../../telemetry/mod.ts";
import { isLoopbackHost } from "../../text/mod.ts";
import { CLOSE_CODES } from "../close_codes.ts";
import { FrameQueue } from "../connection/frame_queue.ts";
import { MESSAGE_TYPE, type MessageType } from "../messages.ts";
import type { HeaderLine } from "../options.ts";
import type { CloseInfo, Frame, Shortcoming, Socket } from "../socket.ts";
import { lookAtDrains, untilDrained } from "./drains.ts";

const log = getLogger(["troupe", "websocket", "native"]);
const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * Time after which Deno gives up on a peer that answers no ping, in seconds.
 * On loopback the kernel tells at once when a peer is gone, so nothing is spent
 * on asking.
 */
const IDLE_TIMEOUT_SECONDS = { loopback: 0, network: 120 } as const;

/** What this engine cannot do, by the names of the contract suite. */
export const NATIVE_SHORTCOMINGS: readonly Shortcoming[] = Object.freeze([
  { name: "terminates a peer that does not answer", instead: "the TCP connection stays open" },
  { name: "evicts a reader that stalls", instead: "its queue stays until it reads or leaves" },
  {
    name: "bounds a message before it is assembled",
    instead: "the size is checked after assembly",
  },
  { name: "limits the number of fragments", instead: "any number is put together" },
  { name: "pushes back on a fast sender", instead: "what arrives is queued in memory" },
  { name: "refuses unmasked frames", instead: "they are accepted" },
  { name: "answers violations with 1002", instead: "the connection is dropped, which is 1006" },
  { name: "answers an over-long close frame with 1002", instead: "it counts as any other" },
  {
    name: "answers text that is not UTF-8 with 1007",
    instead: "the connection is dropped, which is 1006",
  },
  {
    name: "answers fragments that end inside a code point with 1007",
    instead: "they are delivered without the unfinished one",
  },
  {
    name: "leaves nothing of a client that leaves in mid-upgrade",
    instead: "after the handshake timeout it is forgotten here, and never by Deno",
  },
  { name: "takes the close code 1014", instead: "it is answered with 1002" },
  { name: "compresses", instead: "permessage-deflate is never negotiated" },
  { name: "sends and reports pings and pongs", instead: "pings are answered unseen, none is sent" },
  { name: "limits the time for request headers", instead: "a half request stays open" },
  { name: "counts repeated headers one by one", instead: "those of one name count as one" },
  {
    name: "answers a header block of any size with 431",
    instead: "from 64 KiB on Deno answers 400",
  },
  { name: "answers a handshake over HTTP/1.0 with 400", instead: "it is accepted" },
]);

/** What an upgrade needs to know besides the request. */
export interface NativeUpgradeOptions {
  /** Negotiated subprotocol; empty if none. */
  readonly protocol: string;
  readonly peer: Deno.Addr | undefined;
  /** Of the response. Default none. */
  readonly headers?: readonly HeaderLine[] | undefined;
}

/** An upgrade under way: the response to give back, and the socket once it is open. */
export interface NativeUpgrade {
  readonly response: Response;
  /** Rejects if the connection is lost before the upgrade is complete. */
  readonly opened: Promise<Socket>;
}

/**
 * Upgrades a request that has passed every check.
 *
 * @throws {TypeError} If Deno cannot upgrade it.
 */
export function upgradeNative(
  request: Request,
  { protocol, peer, headers = [] }: NativeUpgradeOptions,
): NativeUpgrade {
  const { socket, response } = Deno.upgradeWebSocket(request, {
    idleTimeout: idleTimeoutOf(peer),
  });
  // Deno looks for the protocol in a list with a space after each comma, and for
  // nothing else; RFC 6455 leaves the space to the client.
  if (protocol !== "") response.headers.set("sec-websocket-protocol", protocol);
  for (const [name, value] of headers) response.headers.append(name, value);
  const native = new NativeSocket(socket);
  return { response, opened: native.opened.then(() => native) };
}

function idleTimeoutOf(peer: Deno.Addr | undefined): number {
  return IDLE_TIMEOUT_SECONDS[isLoopbackPeer(peer) ? "loopback" : "network"];
}

class NativeSocket implements Socket {
  readonly canPing = false;
  readonly opened: Promise<void>;
  readonly #webSocket: WebSocket;
  readonly frames = new FrameQueue();
  /** Timer of the close frame, once it is to be sent. */
  #closing: ReturnType<typeof setTimeout> | undefined;

  constructor(webSocket: WebSocket) {
    this.#webSocket = webSocket;
    webSocket.binaryType = "arraybuffer";
    // Nothing thrown in here is caught by Deno: each handler only queues.
    // A listener, since Deno wraps each call of an on-property.
    webSocket.addEventListener("message", ({ data }) => this.frames.push(toFrame(data)));
    this.opened = new Promise((resolve, reject) => {
      webSocket.onopen = () => resolve();
      webSocket.onerror = (event) => {
        if (event instanceof ErrorEvent) {
          log.debug("Socket error: {error}", { error: event.message });
        }
        reject(new Error("Cannot open the WebSocket: the connection was lost"));
      };
      webSocket.onclose = ({ code, reason }) => {
        reject(new Error("Cannot open the WebSocket: the connection was lost"));
        // Deno's code for a connection that ended without a close frame is 0.
        this.#end({ code: code === 0 ? CLOSE_CODES.abnormal.code : code, reason });
      };
    });
  }

  get closeInfo(): CloseInfo | undefined {
    return this.frames.closeInfo;
  }

  get bufferedBytes(): number {
    return this.#webSocket.bufferedAmount;
  }

  send(type: MessageType, body: string | Uint8Array): false | void {
    if (type === MESSAGE_TYPE.ping || type === MESSAGE_TYPE.pong) {
      log.warn("A ping or pong was dropped: engine native cannot send one");
      return false;
    }
    if (this.#closing !== undefined || this.#webSocket.readyState !== WebSocket.OPEN) return false;
    this.#webSocket.send(bodyOfType(type, body) as string | Uint8Array<ArrayBuffer>);
  }

  drained(bytes: number): Promise<void> {
    return untilDrained(() =>
      this.closeInfo !== undefined || this.#webSocket.bufferedAmount <= bytes
    );
  }

  close(code: number, reason: string): void {
    if (this.closeInfo !== undefined) return;
    // While it delivers messages, Deno would drop the connection without a close frame.
    this.#closing ??= setTimeout(() => this.#closeNow(code, reason));
  }

  terminate(): void {
    this.#closeNow(CLOSE_CODES.goingAway.code, "");
    // Deno cannot drop the TCP connection; at least nothing here waits for it.
    this.#end({ code: CLOSE_CODES.abnormal.code, reason: "" });
  }

  [Symbol.asyncIterator](): AsyncIterator<Frame> {
    return this.frames;
  }

  #closeNow(code: number, reason: string): void {
    if (this.#webSocket.readyState < WebSocket.CLOSING) this.#webSocket.close(code, reason);
  }

  #end(closeInfo: CloseInfo): void {
    clearTimeout(this.#closing);
    this.frames.end(closeInfo);
    lookAtDrains();
  }
}

function isLoopbackPeer(peer: Deno.Addr | undefined): boolean {
  if (peer === undefined) return false;
  return "hostname" in peer ? isLoopbackHost(peer.hostname) : "path" in peer;
}

/** Deno sends a string as a text and bytes as binary, so the body has to say the type. */
function bodyOfType(type: MessageType, body: string | Uint8Array): string | Uint8Array {
  if (typeof body === "string") return type === MESSAGE_TYPE.binary ? encoder.encode(body) : body;
  return type === MESSAGE_TYPE.text ? decoder.decode(body) : body;
}

function toFrame(data: string | ArrayBuffer): Frame {
  return typeof data === "string"
    ? { type: MESSAGE_TYPE.text, body: data }
    : { type: MESSAGE_TYPE.binary, body: new Uint8Array(data) };
}

/**
 * The link between two threads of one process: batches over a `MessagePort`.
 *
 * Nothing is lost on it, and a thread that is busy for long is not gone: the link stands until
 * somebody who knows says that the thread has ended.
 *
 * @module
 */

import type { Node } from "../../actor/mod.ts";
import { getLogger } from "../../telemetry/mod.ts";
import { Channel, type ChannelHost } from "../channel.ts";
import type { LinkMessage } from "../link_message.ts";
import { createLinkMeter, type LinkMeter, readLink } from "../meter.ts";
import { attachRemote, type LinkEnd, type NodeIdentity } from "../remote_node.ts";
import { decodeBatch } from "../wire.ts";

const log = getLogger(["troupe", "cluster"]);

/** Between two confirmations of what came in, in milliseconds. */
const CONFIRM_MS = 500;

/** One end of a link. */
export interface PortLink {
  readonly peer: NodeIdentity;
  readonly meter: Readonly<LinkMeter>;
  /** Bytes that may be sent before the other end confirms some. */
  readonly credit: number;
  /** Whether it stands. */
  readonly isOpen: boolean;
  /** The other thread is gone: monitors and links on what it had fire. */
  close(): void;
}

/**
 * Links this node with one of another thread, that does the same with the other port.
 *
 * @throws {TypeError} If it has the name of this node or of one that is linked.
 */
export function linkPort(node: Node, peer: NodeIdentity, port: MessagePort): PortLink {
  return new PortEnd(node, peer, port);
}

class PortEnd implements PortLink, ChannelHost {
  readonly meter: LinkMeter = createLinkMeter();
  readonly #port: MessagePort;
  readonly #channel: Channel;
  readonly #end: LinkEnd;
  readonly #confirming: ReturnType<typeof setInterval>;
  readonly #unwatch: () => void;
  #isOpen = true;
  #hasNews = false;

  constructor(node: Node, readonly peer: NodeIdentity, port: MessagePort) {
    this.#port = port;
    this.#channel = new Channel(this, 1);
    this.#end = attachRemote(node, peer, this.#channel);
    port.onmessage = ({ data }: MessageEvent<Uint8Array>) => this.#arrive(data);
    this.#confirming = setInterval(() => this.#confirm(), CONFIRM_MS);
    const { name } = this;
    this.#unwatch = node.telemetry.watchLinks(() => [
      readLink(this.meter, { node: name, isUp: true, credit: this.credit, roundTripMs: 0 }),
    ]);
  }

  get name(): string {
    return this.peer.name;
  }

  get credit(): number {
    return this.#channel.credit;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    clearInterval(this.#confirming);
    this.#unwatch();
    this.#port.close();
    this.#channel.relink(2);
    this.#end.lost();
  }

  // ChannelHost

  transmit(bytes: Uint8Array): boolean {
    if (!this.#isOpen) return false;
    this.#hasNews = false;
    this.#port.postMessage(bytes);
    return true;
  }

  deliver(message: LinkMessage): void {
    this.#end.receive(message);
  }

  gap(): void {
    this.#end.resync();
  }

  overrun(): void {
    log.error("The link with {node} is given up: it does not take what must not be missing", {
      node: this.name,
    });
    this.close();
  }

  #arrive(bytes: Uint8Array): void {
    this.meter.bytesIn += bytes.length;
    const decoded = decodeBatch(bytes);
    if (!decoded.ok) {
      this.meter.refused++;
      return log.warn("Cannot read what {node} sent: {why}", { node: this.name, why: decoded.why });
    }
    this.meter.refused += decoded.passedOver;
    this.#hasNews ||= decoded.batch.envelopes.length > 0;
    this.#channel.arrive(decoded.batch, bytes.length);
  }

  #confirm(): void {
    if (this.#hasNews) this.#channel.beat();
  }
}

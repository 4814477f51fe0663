/**
 * Stand-ins for the actors of another node.
 *
 * @module
 */

import type {
  Address,
  DownMessage,
  Envelope,
  ExitReason,
  InspectRecord,
  Peer,
  Recipient,
  Ref,
  SendResult,
  Target,
} from "../actor/mod.ts";
import type { LinkMessage } from "./link_message.ts";

/** What a stand-in tells its actor through. */
export interface StandInHost {
  /** Name of the node that the actor lives on. */
  readonly name: string;
  send(message: LinkMessage): SendResult;
  capacity(): Promise<void> | undefined;
  /** Asks what `inspect` answers about somebody there. */
  inspect(to: string, target: Target): Promise<InspectRecord>;
}

/** For whoever has a name on another node. */
export class NameStandIn implements Recipient {
  readonly #host: StandInHost;
  readonly #name: string;

  constructor(host: StandInHost, name: string) {
    this.#host = host;
    this.#name = name;
  }

  get node(): string {
    return this.#host.name;
  }

  offer(envelope: Envelope, beyondBound?: boolean): SendResult {
    return this.#host.send(toLinkMessage(this.#name, envelope, beyondBound));
  }

  capacity(): Promise<void> | undefined {
    return this.#host.capacity();
  }

  describe(): Promise<InspectRecord> {
    return this.#host.inspect(this.#name, { name: this.#name, node: this.node });
  }
}

/** For an actor of another node whose address is known. */
export class StandIn implements Peer {
  readonly #host: StandInHost;

  constructor(host: StandInHost, readonly address: Address) {
    this.#host = host;
  }

  get node(): string {
    return this.#host.name;
  }

  offer(envelope: Envelope, beyondBound?: boolean): SendResult {
    return this.#host.send(toLinkMessage(this.address, envelope, beyondBound));
  }

  capacity(): Promise<void> | undefined {
    return this.#host.capacity();
  }

  describe(): Promise<InspectRecord> {
    return this.#host.inspect(this.address, this.address);
  }

  watch(watcher: Address, ref: Ref, will?: unknown): void {
    const watch = { kind: "watch", to: this.address, watcher, ref } as const;
    this.#host.send(will === undefined ? watch : { ...watch, will });
  }

  unwatch(watcher: Address, ref: Ref, isDone = false, will?: unknown): void {
    const unwatch = { kind: "unwatch", to: this.address, watcher, ref } as const;
    this.#host.send(isDone ? { ...unwatch, isDone, ...will !== undefined && { will } } : unwatch);
  }

  link(linker: Address): void {
    this.#host.send({ kind: "link", to: this.address, linker });
  }

  unlink(linker: Address): void {
    this.#host.send({ kind: "unlink", to: this.address, linker });
  }

  signalExit(from: Address, reason: ExitReason, isEnd = false): void {
    const exit = { kind: "exit", to: this.address, from, reason } as const;
    this.#host.send(isEnd ? { ...exit, isEnd } : exit);
  }
}

function toLinkMessage(to: string, envelope: Envelope, beyondBound?: boolean): LinkMessage {
  const { kind, from, message, replyTo } = envelope;
  if (kind === "down") {
    const { ref, reason, detail } = message as DownMessage;
    const down = { kind, to: to as Address, from, ref, reason };
    return detail === undefined ? down : { ...down, detail };
  }
  return {
    kind: "message",
    to,
    from,
    message,
    ...replyTo === undefined ? {} : { replyTo },
    ...beyondBound ? { beyondBound } : {},
  };
}

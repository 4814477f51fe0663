/**
 * The link between two nodes of one thread: for tests, and the plainest of all carriers.
 *
 * @module
 */

import type { Node } from "../../actor/mod.ts";
import { isForUsers, type LinkMessage } from "../link_message.ts";
import { attachRemote, type Carrier, type LinkEnd } from "../remote_node.ts";

/** Two nodes that reach each other. */
export interface MemoryLink {
  /** Messages that are on their way. */
  readonly inFlight: number;
  /** Loses what is on its way, and with it each node for the other. */
  cut(): void;
}

/** Options of {@linkcode linkNodes}. */
export interface MemoryLinkOptions {
  /** Messages of users on their way in one direction; more are `"full"`. Default 10 000. */
  readonly credit?: number;
}

const DEFAULT_CREDIT = 10_000;

/**
 * Links two nodes. What one sends arrives at the other in a later microtask, in order,
 * as a structured clone.
 *
 * @throws {TypeError} If they have the same name.
 */
export function linkNodes(a: Node, b: Node, options: MemoryLinkOptions = {}): MemoryLink {
  const { credit = DEFAULT_CREDIT } = options;
  const toB = new MemoryCarrier(credit);
  const toA = new MemoryCarrier(credit);
  const endOfA = attachRemote(a, b, toB);
  const endOfB = attachRemote(b, a, toA);
  toB.receiver = endOfB;
  toA.receiver = endOfA;
  return {
    get inFlight() {
      return toA.inFlight + toB.inFlight;
    },
    cut() {
      toA.close();
      toB.close();
      endOfA.lost();
      endOfB.lost();
    },
  };
}

class MemoryCarrier implements Carrier {
  /** Nobody once the link is cut. */
  receiver: LinkEnd | undefined;
  inFlight = 0;
  readonly #credit: number;
  #used = 0;
  #waiting: (() => void)[] = [];

  constructor(credit: number) {
    this.#credit = credit;
  }

  send(message: LinkMessage): "accepted" | "full" | "unreachable" {
    if (this.receiver === undefined) return "unreachable";
    const costs = isForUsers(message) ? 1 : 0;
    if (this.#used + costs > this.#credit) return "full";
    this.#used += costs;
    this.inFlight++;
    const copy = structuredClone(message);
    queueMicrotask(() => this.#arrive(copy, costs));
    return "accepted";
  }

  capacity(): Promise<void> | undefined {
    if (this.#used < this.#credit) return undefined;
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Nothing arrives any more. */
  close(): void {
    this.receiver = undefined;
    this.#giveCapacity();
  }

  #arrive(message: LinkMessage, costs: number): void {
    this.inFlight--;
    this.#used -= costs;
    this.receiver?.receive(message);
    this.#giveCapacity();
  }

  #giveCapacity(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}

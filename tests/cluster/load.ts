/**
 * Load between nodes that counts what becomes of every message.
 *
 * @module
 */

import type { Node } from "../../src/actor/mod.ts";
import type { Cluster } from "../../src/cluster/mod.ts";

/** Of one node, since it began. */
export interface Report {
  /** Messages to other nodes that were accepted, of its processes and of its clients. */
  readonly accepted: number;
  readonly ofClients: number;
  /** Messages of other nodes that arrived. */
  readonly received: number;
  /** Of those, the ones that came twice or out of order. */
  readonly misplaced: number;
  /** `troupe_link_lost` of all its links. */
  readonly lost: number;
}

const SEND_MS = 4;
const BURST = 3;

/** Sums of each count. */
export function addUp(reports: readonly Report[]): Report {
  const sum = (of: (report: Report) => number) =>
    reports.reduce((total, report) => total + of(report), 0);
  return {
    accepted: sum(({ accepted }) => accepted),
    ofClients: sum(({ ofClients }) => ofClients),
    received: sum(({ received }) => received),
    misplaced: sum(({ misplaced }) => misplaced),
    lost: sum(({ lost }) => lost),
  };
}

/**
 * The load of one node: `source` sends to the `sink` of each node that it is told of, and `gate`
 * sends on what clients say.
 */
export class Load {
  readonly #node: Node;
  readonly #cluster: Cluster;
  readonly #links = new Map<string, { readonly lost: number }>();
  readonly #timer: ReturnType<typeof setInterval>;
  /** Number of the last message, by sender and node. */
  readonly #sent = new Map<string, number>();
  readonly #last = new Map<string, number>();
  #accepted = 0;
  #ofClients = 0;
  #received = 0;
  #misplaced = 0;
  #isOver = false;

  constructor(node: Node, cluster: Cluster) {
    this.#node = node;
    this.#cluster = cluster;
    node.spawn(async (self) => {
      for await (const { message, reply } of self) {
        if (reply === undefined) this.#take(message as [string, number]);
        else {
          if (message === "stop") this.stop();
          reply(this.report());
        }
      }
    }, { name: "sink" });
    node.spawn(async (self) => {
      for await (const _ of self) this.#sendAll("source", (to, what) => self.send(to, what));
    }, { name: "source" });
    node.spawn(async (self) => {
      for await (const { message } of self) {
        if ((message as { readonly kind: string }).kind !== "message") continue;
        const before = this.#accepted;
        this.#sendAll("gate", (to, what) => self.send(to, what));
        this.#ofClients += this.#accepted - before;
      }
    }, { name: "gate" });
    this.#timer = setInterval(() => {
      for (let i = 0; i < BURST; i++) node.send("source", "now");
    }, SEND_MS);
  }

  report(): Report {
    for (const { name, link } of this.#cluster.peers) this.#links.set(name, link);
    return {
      accepted: this.#accepted,
      ofClients: this.#ofClients,
      received: this.#received,
      misplaced: this.#misplaced,
      lost: [...this.#links.values()].reduce((sum, { lost }) => sum + lost, 0),
    };
  }

  /** Sends no more. */
  stop(): void {
    clearInterval(this.#timer);
    this.#isOver = true;
  }

  /** To each of the others that is there. */
  #sendAll(
    what: string,
    send: (to: { name: string; node: string }, message: unknown) => string,
  ): void {
    // Whatever becomes of a link, what it has lost stays known.
    for (const { name, link } of this.#cluster.peers) {
      this.#links.set(name, link);
      if (this.#isOver) continue;
      const sender = `${what} ${this.#node.incarnation}`;
      const key = `${what} ${name}`;
      const number = (this.#sent.get(key) ?? 0) + 1;
      this.#sent.set(key, number);
      if (send({ name: "sink", node: name }, [sender, number]) === "accepted") this.#accepted++;
    }
  }

  #take([sender, number]: [string, number]): void {
    this.#received++;
    const last = this.#last.get(sender) ?? 0;
    if (number <= last) this.#misplaced++;
    this.#last.set(sender, Math.max(last, number));
  }
}

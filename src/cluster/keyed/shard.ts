/**
 * One shard of a name that this node may own.
 *
 * @module
 */

import { getLogger } from "../../telemetry/mod.ts";
import type { Owner } from "../claim.ts";
import type { Holding } from "../ownership.ts";

const log = getLogger(["troupe", "cluster"]);

/** What the shards of one name work for. */
export interface ShardHost {
  rank(shard: number): number | undefined;
  givesAway(shard: number): boolean;
  /** Whether the store says that it is this node's. */
  isMine(shard: Shard): boolean;
  /** It is this node's, with what the owner before has left. */
  run(shard: Shard, from: number | undefined): void;
  drain(shard: Shard): Promise<Owner | undefined>;
  /** It is lost: its processes end now, unless they are kept. */
  end(shard: Shard): void;
}

/** Whether it is here, and under which fence. */
export class Shard implements Holding {
  readonly #host: ShardHost;
  #draining: Promise<Owner | undefined> | undefined;
  /** Since it was run, until it was drained or ended. */
  #isOwned = false;
  /** Of its owner, which is or was this node. */
  fence = 0;
  /** Its processes run here, and take messages. */
  isOpen = false;

  constructor(readonly number: number, readonly key: string, host: ShardHost) {
    this.#host = host;
  }

  get isDraining(): boolean {
    return this.#draining !== undefined;
  }

  rank(): number | undefined {
    return this.#host.rank(this.number);
  }

  /** There are thousands of shards, and most of them stay where they are. */
  isAtRest(): boolean {
    if (this.#isOwned) return !this.isDraining && !this.givesAway();
    // What was given back until that has arrived is in the store as this node's.
    return this.rank() !== 0 && !this.#host.isMine(this);
  }

  givesAway(): boolean {
    return this.#host.givesAway(this.number);
  }

  run(fence: number, from: number | undefined): void {
    this.fence = fence;
    this.#isOwned = true;
    this.#draining = undefined;
    const wasKept = this.isOpen;
    this.isOpen = true;
    // What was kept while the node was isolated goes on: nobody else has had it since.
    if (!wasKept) this.#host.run(this, from);
  }

  drain(): Promise<Owner | undefined> {
    return this.#draining ??= this.#drain();
  }

  end(): void {
    this.#isOwned = false;
    this.#host.end(this);
  }

  async #drain(): Promise<Owner | undefined> {
    const { fence } = this;
    const to = this.isOpen ? await this.#tryDrain() : undefined;
    if (this.fence === fence) {
      this.#draining = undefined;
      this.#isOwned = false;
    }
    return to;
  }

  async #tryDrain(): Promise<Owner | undefined> {
    try {
      return await this.#host.drain(this);
    } catch (error) {
      log.error("Shard {key} is given up, not handed over: {error}", { key: this.key, error });
      return undefined;
    }
  }
}

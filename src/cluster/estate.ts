/**
 * What a node owns at the broker: its name, and global names. Nothing without JetStream.
 *
 * @module
 */

import type { Node } from "../actor/mod.ts";
import { getLogger } from "../telemetry/mod.ts";
import { inTime } from "../time/mod.ts";
import type { Bus } from "./bus.ts";
import { ClusterError } from "./errors.ts";
import { GlobalNames } from "./global_names.ts";
import { Placements } from "./keyed/placements.ts";
import { leaseLimits } from "./limits.ts";
import type { NameLock } from "./nats/name_lock.ts";
import type { Change, Store } from "./store.ts";
import { type Subjects, toToken } from "./nats/subjects.ts";
import { type ClusterOptions, LEASE_MS } from "./options.ts";
import { Ownership } from "./ownership.ts";
import type { Hash } from "./rendezvous.ts";

const log = getLogger(["troupe", "cluster"]);

const READ_AGAIN_MS = 500;
const OWNED_WITHIN_MS = 5_000;
/** For messages that wait when the node leaves. */
const SETTLE_MS = 1_000;
const LOOK_MS = 20;

/** What an estate is made of. */
export interface EstateHost {
  readonly node: Node;
  readonly options: ClusterOptions;
  readonly subjects: Subjects;
  readonly hash: Hash;
  readonly lock: NameLock | undefined;
  readonly sinceMs: number;
  nowMs(): number;
  /** Whether another node gives no sign of itself, and is not given up yet. */
  isSuspect(node: string): boolean;
  /** The lease is lost: nothing elsewhere can be relied on. */
  isolated(): void;
}

/** Ownership and names on one store, as far as there is one. */
export class Estate {
  readonly ownership: Ownership;
  readonly names: GlobalNames;
  readonly placements: Placements;
  readonly #host: EstateHost;
  readonly #owned = Promise.withResolvers<void>();
  readonly #closed = Promise.withResolvers<void>();
  #isClosed = false;
  #store: Store | undefined;
  #mustWatch = false;
  /** Why there is nothing to be owned. */
  trouble: string | undefined;

  constructor(host: EstateHost) {
    this.#host = host;
    const { node, options, lock, hash } = host;
    const record = {
      node: node.name,
      incarnation: node.incarnation,
      pid: Deno.pid,
      sinceMs: host.sinceMs,
    };
    const limits = leaseLimits(options.leaseMs ?? LEASE_MS.one);
    this.ownership = new Ownership(record, limits, () => host.nowMs(), {
      owned: () => this.#takeOver(),
      isolated: () => this.#isolate(),
      refused: ({ sinceMs }) => {
        this.trouble = taken(node.name, sinceMs);
        log.error("{why}", { why: this.trouble });
      },
      changed: (change: Change) => this.#change(change),
      behind: () => this.#mustWatch = true,
    }, lock?.previous);
    this.names = new GlobalNames({
      node,
      hash,
      ownership: this.ownership,
      keepsWhenIsolated: options.whenIsolated === "keep",
      put: (key, value) => this.#put(key, value),
      nowMs: () => this.#host.nowMs(),
    });
    this.placements = new Placements({
      node,
      hash,
      ownership: this.ownership,
      keepsWhenIsolated: options.whenIsolated === "keep",
      isSuspect: (node) => host.isSuspect(node),
      nowMs: () => host.nowMs(),
    });
  }

  /** Whether there is a place for what is owned. */
  get isOpen(): boolean {
    return this.#store !== undefined;
  }

  /**
   * There is a connection, for the first time. Resolves when the node has its name.
   *
   * @throws {ClusterError} If a live node has it, or there is no JetStream where it is required.
   */
  async open(bus: Bus): Promise<void> {
    const { options, subjects } = this.#host;
    try {
      this.#store = await bus.openStore(subjects.bucket);
    } catch (error) {
      if (options.requireJetStream) throw error;
      return log.warn("There are no global names, and no keyed processes for all nodes: {why}", {
        why: (error as Error).message,
      });
    }
    if (options.leaseMs === undefined) this.ownership.limits = bus.lease;
    await this.#awaitName(this.#store);
    if (this.#isClosed) return;
    await this.#connect();
    await inTime(Promise.race([this.#owned.promise, this.#closed.promise]), OWNED_WITHIN_MS);
  }

  /** The connection is there again. */
  back(): void {
    if (this.#store !== undefined) void this.#connect();
  }

  /** The connection is away. */
  away(): void {
    this.#mustWatch = false;
    if (this.#store !== undefined) this.ownership.disconnected();
  }

  tick(): void {
    this.placements.tick();
    if (this.#store === undefined) return;
    if (this.#mustWatch) void this.#connect();
    this.ownership.tick();
    this.names.tick(this.#host.nowMs());
  }

  /** Gives everything back, and waits for nothing any more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#closed.resolve();
    if (this.#store !== undefined) {
      await this.placements.leave();
      await this.#settle(() => this.placements.waiting === 0);
      await this.ownership.stop();
    }
    this.names.clear();
    this.placements.close();
  }

  #change(change: Change): void {
    if (change.key.startsWith("k.")) this.placements.change(change);
    else this.names.change(change);
  }

  /** What was sent here before the shards went is given to their next owners. */
  async #settle(isSettled: () => boolean): Promise<void> {
    const untilMs = this.#host.nowMs() + SETTLE_MS;
    while (!isSettled() && this.#host.nowMs() < untilMs) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }

  async #connect(): Promise<void> {
    this.#mustWatch = false;
    try {
      await this.ownership.connected(this.#store!);
    } catch (error) {
      log.debug("The store cannot be watched yet: {error}", { error });
      this.#mustWatch = true;
    }
  }

  /** One that died with its machine is followed once its lease has ended; one that lives is not. */
  async #awaitName(store: Store): Promise<void> {
    const { node, lock } = this.#host;
    const key = `n.${toToken(node.name)}`;
    const first = await store.read(key);
    const { ttlMs, isolatedAfterMs } = this.ownership.limits;
    // Of a thread that computes on after it was ended the lease ends with it, whenever that is.
    const endsByItself = isolatedAfterMs < Infinity;
    const untilMs = endsByItself ? this.#host.nowMs() + ttlMs + READ_AGAIN_MS : Infinity;
    if (first !== undefined && !endsByItself) {
      log.warn("{node} waits for the thread to end that had its name", { node: node.name });
    }
    for (let found = first; found !== undefined && this.#host.nowMs() < untilMs;) {
      if (this.#isClosed) return;
      const { incarnation, sinceMs } = found.value as { incarnation?: unknown; sinceMs?: number };
      if (incarnation === lock?.previous || incarnation === node.incarnation) return;
      if (found.revision !== first!.revision) {
        throw new ClusterError("node_name_taken", taken(node.name, sinceMs ?? 0));
      }
      await inTime(this.#closed.promise, READ_AGAIN_MS);
      found = await store.read(key);
    }
  }

  #takeOver(): void {
    this.trouble = undefined;
    this.#owned.resolve();
    const { lock, node } = this.#host;
    lock?.note(node.incarnation).catch((error) =>
      log.warn("Cannot note which start of the node this is: {error}", { error })
    );
  }

  #isolate(): void {
    this.trouble = "this node is isolated: it could not renew its lease";
    log.error("This node is isolated: it could not renew its lease");
    this.#host.isolated();
  }

  async #put(key: string, value: unknown): Promise<boolean> {
    try {
      await this.#store!.put(key, value);
      return true;
    } catch {
      return false;
    }
  }
}

/** Why a node cannot have its name. */
export function taken(name: string, sinceMs: number): string {
  const since = sinceMs === 0 ? "" : ` since ${new Date(sinceMs).toISOString()}`;
  return `Cannot join the cluster as ${name}: a live node has that name${since}, ` +
    "expected one of its own";
}

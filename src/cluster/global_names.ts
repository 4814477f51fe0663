/**
 * Names that one process of the whole cluster has: claimed in the store, known on every node.
 *
 * @module
 */

import { isDown, type Node, parseIdentity, type Pid } from "../actor/mod.ts";
import { getLogger } from "../telemetry/mod.ts";
import type { Change } from "./store.ts";
import { fromToken, toToken } from "./nats/subjects.ts";
import type { Holding, Ownership } from "./ownership.ts";
import { type Hash, rendezvous } from "./rendezvous.ts";

const log = getLogger(["troupe", "cluster"]);

/** Processes that run on one node of the cluster at a time. */
export interface GlobalGroup {
  /** Name of all of them. */
  readonly name: string;
  /** Names of the processes. */
  readonly instances: readonly string[];
  /** The process of a name on this node. */
  pidOf(instance: string): Pid | undefined;
  /**
   * Starts them here. The fence grows with each owner: what they write elsewhere is written
   * with it, so that an older one can be told. `gaveUp` is called if they have ended for good,
   * although nobody ended them.
   */
  start(fence: number, gaveUp: () => void): void;
  /** Ends them in an orderly way; resolves when they have ended. */
  stop(): Promise<void>;
  /** Ends them now. */
  kill(): void;
}

/** What is written for each name of a group that runs. */
interface NameRecord {
  readonly pid: Pid;
  readonly key: string;
  readonly fence: number;
}

/** What global names need. */
export interface GlobalNamesHost {
  readonly node: Node;
  readonly ownership: Ownership;
  readonly hash: Hash;
  /** Whether what this node loses goes on until another node has it. */
  readonly keepsWhenIsolated: boolean;
  /** Writes a record; false if that did not succeed. */
  put(key: string, value: unknown): Promise<boolean>;
  /** Milliseconds, monotonic. */
  nowMs(): number;
}

/** How long a node on which a group has given up leaves it to others, in milliseconds. */
const LEAVE_MS = 10_000;

/** Global names, as this node has them and knows them. */
export class GlobalNames {
  readonly #host: GlobalNamesHost;
  readonly #running = new Map<string, Running>();
  readonly #records = new Map<string, NameRecord>();
  /** Groups that have given up here, and when this node may run them again. */
  readonly #left = new Map<Running, number>();

  constructor(host: GlobalNamesHost) {
    this.#host = host;
  }

  /** Runs a group here whenever no other node does. */
  add(group: GlobalGroup): void {
    const running: Running = new Running(this.#host, group, () => void this.#leave(running));
    this.#running.set(running.key, running);
    this.#host.ownership.add(running);
  }

  /** Gives a group back, if it is here. */
  async remove(name: string): Promise<void> {
    const key = keyOf(name);
    await this.#host.ownership.remove(key);
    this.#left.delete(this.#running.get(key)!);
    this.#running.delete(key);
  }

  /** Whether a group was added here. */
  has(name: string): boolean {
    return this.#running.has(keyOf(name));
  }

  /** Tells others who has the names, and takes part again in what it had left. */
  tick(nowMs: number): void {
    for (const [running, againMs] of this.#left) {
      if (nowMs < againMs) continue;
      this.#left.delete(running);
      this.#host.ownership.add(running);
    }
    for (const running of this.#running.values()) running.publish();
  }

  /** This node is no member any more: nobody tells it who has the names. */
  clear(): void {
    for (const name of this.#records.keys()) this.#host.node.setGlobal(name, undefined);
    this.#records.clear();
    this.#left.clear();
  }

  /** Something changed in the store. */
  change({ key, value }: Change): void {
    if (key.startsWith("p.")) {
      const name = fromToken(key.slice(2));
      const record = toRecord(value);
      if (record !== undefined) this.#records.set(name, record);
      else this.#records.delete(name);
      return this.#refresh(name);
    }
    for (const [name, record] of this.#records) if (record.key === key) this.#refresh(name);
    this.#running.get(key)?.seen();
  }

  /** What cannot run here may run elsewhere. */
  async #leave(running: Running): Promise<void> {
    const { key } = running;
    if (this.#running.get(key) !== running) return;
    const { name } = running;
    const seconds = LEAVE_MS / 1_000;
    log.error("Global {name} has given up here: it is left to other nodes for {seconds} s", {
      name,
      seconds,
    });
    await this.#host.ownership.remove(key);
    if (this.#running.get(key) === running) this.#left.set(running, this.#host.nowMs() + LEAVE_MS);
  }

  #refresh(name: string): void {
    const record = this.#records.get(name);
    const entry = record && this.#host.ownership.entryOf(record.key);
    // Of an owner that was followed by another one, a name means nobody until it is written anew.
    const isCurrent = entry?.revision === record?.fence;
    this.#host.node.setGlobal(name, isCurrent ? record?.pid : undefined);
  }
}

/** The key that a global group is claimed under. */
export function keyOf(name: string): string {
  return `g.${toToken(name)}`;
}

/** One group on this node. */
class Running implements Holding {
  readonly key: string;
  readonly #host: GlobalNamesHost;
  readonly #group: GlobalGroup;
  readonly #gaveUp: () => void;
  readonly #published = new Map<string, Pid>();
  #isRunning = false;
  #fence = 0;

  constructor(host: GlobalNamesHost, group: GlobalGroup, gaveUp: () => void) {
    this.#host = host;
    this.#group = group;
    this.#gaveUp = gaveUp;
    this.key = keyOf(group.name);
  }

  get name(): string {
    return this.#group.name;
  }

  rank(): number {
    const nodes = this.#host.ownership.leases.keys();
    return Math.max(0, rendezvous(this.key, nodes, this.#host.hash).indexOf(this.#host.node.name));
  }

  run(fence: number): void {
    this.#fence = fence;
    this.#published.clear();
    // What was kept while it was isolated goes on: nobody else has had it since.
    if (!this.#isRunning) this.#start();
    this.publish();
  }

  async drain(): Promise<void> {
    if (!this.#isRunning) return;
    this.#isRunning = false;
    await this.#group.stop();
  }

  end(): void {
    if (!this.#host.keepsWhenIsolated || this.#isElsewhere) this.#kill();
  }

  /** The store told who has it: what was kept ends when somebody else does. */
  seen(): void {
    if (this.#isElsewhere) this.#kill();
  }

  publish(): void {
    if (!this.#isRunning || this.#host.ownership.fenceOf(this.key) !== this.#fence) return;
    for (const instance of this.#group.instances) {
      const pid = this.#group.pidOf(instance);
      if (pid !== undefined && this.#published.get(instance) !== pid) this.#tell(instance, pid);
    }
  }

  get #isElsewhere(): boolean {
    const owner = this.#host.ownership.entryOf(this.key)?.owner;
    return owner !== undefined && owner.incarnation !== this.#host.node.incarnation;
  }

  #start(): void {
    this.#isRunning = true;
    try {
      this.#group.start(this.#fence, this.#gaveUp);
    } catch (error) {
      log.error("Global {name} does not start: {error}", { name: this.#group.name, error });
      queueMicrotask(this.#gaveUp);
    }
  }

  #kill(): void {
    if (!this.#isRunning) return;
    this.#isRunning = false;
    this.#group.kill();
  }

  async #tell(instance: string, pid: Pid): Promise<void> {
    this.#published.set(instance, pid);
    const record: NameRecord = { pid, key: this.key, fence: this.#fence };
    const isWritten = await this.#host.put(`p.${toToken(instance)}`, record);
    if (!isWritten && this.#published.get(instance) === pid) this.#published.delete(instance);
  }
}

/** A group that is a process which is there: it has the name as long as it lives. */
export function registered(node: Node, name: string, pid: Pid, ended: () => void): GlobalGroup {
  let watcher: Pid | undefined;
  return {
    name,
    instances: [name],
    pidOf: () => pid,
    start() {
      watcher = node.spawn(async (self) => {
        self.monitor(pid);
        for await (const envelope of self) if (isDown(envelope)) return ended();
      });
    },
    async stop() {
      if (watcher !== undefined) await node.exit(watcher, "kill");
    },
    kill: () => void node.exit(pid, "kill"),
  };
}

/** A group that is started by a function, which spawns who ends with all of them. */
export function supervised(
  node: Node,
  { name, instances, start }: Pick<GlobalGroup, "name" | "instances"> & {
    start(fence: number): Pid;
  },
): GlobalGroup {
  let top: Pid | undefined;
  let watcher: Pid | undefined;
  const unwatch = () => {
    if (watcher !== undefined) void node.exit(watcher, "kill");
    watcher = undefined;
  };
  const pidOf = (instance: string) => {
    const pid = node.whereis(instance);
    return pid !== undefined && parseIdentity(pid)?.incarnation === node.incarnation
      ? pid
      : undefined;
  };
  return {
    name,
    instances,
    pidOf,
    start(fence, gaveUp) {
      const started = top = start(fence);
      watcher = node.spawn(async (self) => {
        self.monitor(started);
        for await (const envelope of self) if (isDown(envelope)) return gaveUp();
      });
    },
    async stop() {
      unwatch();
      if (top !== undefined) await node.exit(top, "shutdown");
    },
    kill() {
      unwatch();
      // Whoever would start them again ends first.
      for (const pid of [top, ...instances.map(pidOf)]) {
        if (pid !== undefined) void node.exit(pid, "kill");
      }
    },
  };
}

function toRecord(value: unknown): NameRecord | undefined {
  const { pid, key, fence } = (value ?? {}) as Partial<NameRecord>;
  const isSound = typeof pid === "string" && parseIdentity(pid)?.kind === "pid" &&
    typeof key === "string" && Number.isSafeInteger(fence);
  return isSound ? { pid: pid as Pid, key: key!, fence: fence! } : undefined;
}

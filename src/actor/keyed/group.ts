/**
 * The keyed processes of one name: started by the first message, ended when unused.
 *
 * @module
 */

import { getLogger } from "../../telemetry/mod.ts";
import type { Clock, Timer } from "../../time/mod.ts";
import type { Cell } from "../cell.ts";
import type { InspectRecord } from "../envelope.ts";
import { NodeStoppedError } from "../errors.ts";
import type { Address } from "../identities.ts";
import { Queue } from "../queue.ts";
import type { AnyProcessFunction, PlainRecord } from "../types.ts";
import { Crashes } from "./crashes.ts";
import type { KeyedDefinition } from "./definition.ts";
import { collectStates } from "./handover.ts";
import { freshlyUsed, type IdleState, LOOKS_PER_TIMEOUT, stepIdle } from "./idle.ts";
import type { HandedOver, KeyedProcesses, KeyPlaces, KeyRefusal } from "./places.ts";

const log = getLogger(["troupe", "actor"]);

/** How one process is started. */
export interface KeyedStart {
  readonly run: AnyProcessFunction;
  readonly options: KeyedDefinition["options"];
  /** `NAME/KEY`. */
  readonly name: string;
  readonly key: string;
  /** Its function does not begin before this has ended. */
  readonly after: Cell | undefined;
  /** What the one before it has left on another node. */
  readonly handover: unknown;
}

/** What a group needs of its node. */
export interface KeyedHost {
  readonly clock: Clock;
  /** @throws {NodeStoppedError} If the node is stopping. */
  startKeyed(start: KeyedStart, parent: Cell): Cell;
  /** Takes the name of a process away, so that another one may have it. */
  releaseName(cell: Cell): void;
  /** Whether a connection, here or elsewhere, has this as its target. */
  hasConnection(address: Address): boolean;
  restarted(name: string): void;
}

/** One process, and when it is looked at next. */
interface Entry {
  readonly key: string;
  readonly cell: Cell;
  /** Where it is placed; 0 if it is not. */
  readonly shard: number;
  dueMs: number;
  state: IdleState;
}

/** Starts and ends the processes of one name. */
export class KeyedGroup implements KeyedProcesses {
  readonly #host: KeyedHost;
  readonly #definition: KeyedDefinition;
  readonly #crashes: Crashes;
  readonly #live = new Map<string, Entry>();
  /** The last one of a key that is ending: the next waits for it. */
  readonly #ending = new Map<string, Entry>();
  readonly #looks = new Queue<Entry>();
  readonly #lookPeriodMs: number;
  #places: KeyPlaces | undefined;
  #timer: Timer | undefined;
  #isClosed = false;
  #last = 0;
  #running = 0;
  #started = 0;
  #failed = 0;
  #refused = 0;

  constructor(host: KeyedHost, readonly parent: Cell, definition: KeyedDefinition) {
    this.#host = host;
    this.#definition = definition;
    this.#crashes = new Crashes(definition.limits);
    this.#lookPeriodMs = definition.idleTimeoutMs / LOOKS_PER_TIMEOUT;
  }

  /** The process of a key, started if there is none, or why there can be none. */
  locate(key: string): Cell | KeyRefusal {
    const entry = this.#live.get(key);
    if (entry !== undefined && entry.cell.state === "running") {
      // Who asks is about to send: between two looks that must count.
      entry.state = freshlyUsed(entry.state.heard);
      return entry.cell;
    }
    return isKey(key) ? this.#start(key) : "unknown";
  }

  /** Whether each connection gets a process of its own. */
  get isPerConnection(): boolean {
    return this.#definition.perConnection;
  }

  /** A process that nobody else was given, or why there can be none. */
  startNext(): Cell | KeyRefusal {
    // Somebody may have sent to a number before its turn.
    do this.#last++; while (this.#live.has(`${this.#last}`) || this.#ending.has(`${this.#last}`));
    return this.#start(`${this.#last}`);
  }

  /** They are placed over several nodes. */
  place(places: KeyPlaces | undefined): void {
    this.#places = places;
  }

  peek(key: string): Cell | undefined {
    return this.#live.get(key)?.cell;
  }

  adopt(key: string, state: unknown): Cell | KeyRefusal {
    return this.#start(key, state);
  }

  async handOver(shard: number, timeoutMs: number): Promise<HandedOver[]> {
    for (const entry of this.#of(shard)) this.#retire(entry);
    const moving = [...this.#ending.values()].filter((entry) => entry.shard === shard);
    return await collectStates(moving, timeoutMs, this.#host.clock);
  }

  end(shard: number): void {
    for (const { cell } of this.#of(shard)) cell.kill();
  }

  #of(shard: number): Entry[] {
    return [...this.#live.values()].filter((entry) => entry.shard === shard);
  }

  /** Starts no more. */
  close(): void {
    this.#isClosed = true;
    if (this.#timer !== undefined) this.#host.clock.clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** Ends all, and resolves when they have ended. */
  async stop(): Promise<void> {
    this.close();
    const cells = [...this.#live.values()].concat(...this.#ending.values()).map(({ cell }) => cell);
    await Promise.all(cells.map((cell) => {
      const ended = new Promise<void>((resolve) => cell.whenEnded(resolve));
      cell.stop("shutdown");
      return ended;
    }));
  }

  /** What `inspect` answers about it. */
  describe(): InspectRecord {
    return {
      keys: this.#live.size,
      endingKeys: this.#running - this.#live.size,
      maxKeys: this.#definition.maxKeys,
      started: this.#started,
      failed: this.#failed,
      refused: this.#refused,
      idleTimeoutMs: this.#definition.idleTimeoutMs,
    };
  }

  #start(key: string, handover?: unknown): Cell | KeyRefusal {
    if (this.#isClosed) return "terminated";
    const nowMs = this.#host.clock.now();
    const isFull = this.#running >= this.#definition.maxKeys;
    if (isFull || this.#crashes.isTooMany(key, nowMs)) {
      this.#refused++;
      return isFull ? "full" : "terminated";
    }
    const { name: group, run } = this.#definition;
    const shard = this.#places?.shardOf(key) ?? 0;
    const options = this.#optionsIn(shard);
    const name = `${group}/${key}`;
    const after = this.#ending.get(key)?.cell;
    let cell: Cell;
    try {
      cell = this.#host.startKeyed({ run, options, name, key, after, handover }, this.parent);
    } catch (error) {
      if (error instanceof NodeStoppedError) return "terminated";
      throw error;
    }
    this.#running++;
    this.#started++;
    if (this.#crashes.has(key, nowMs)) this.#host.restarted(group);
    const entry = { key, cell, shard, dueMs: 0, state: freshlyUsed(0) };
    this.#live.set(key, entry);
    cell.whenEnded(() => this.#ended(entry));
    if (this.#lookPeriodMs > 0) this.#lookLater(entry, nowMs);
    return cell;
  }

  #optionsIn(shard: number): KeyedDefinition["options"] {
    const { options } = this.#definition;
    if (this.#places === undefined) return options;
    return { ...options, env: this.#places.envOf(options.env as PlainRecord ?? {}, shard) };
  }

  #ended({ key, cell }: Entry): void {
    this.#running--;
    if (this.#live.get(key)?.cell === cell) this.#live.delete(key);
    if (this.#ending.get(key)?.cell === cell) this.#ending.delete(key);
    if (cell.endReason !== "panic") return;
    this.#failed++;
    const nowMs = this.#host.clock.now();
    this.#crashes.add(key, nowMs);
    if (!this.#crashes.isTooMany(key, nowMs)) return;
    const { name, limits: { intensity, periodMs } } = this.#definition;
    log.error(
      "{name}/{key} failed more than {intensity} times in {periodMs} ms and is left alone",
      {
        name,
        key,
        intensity,
        periodMs,
      },
    );
  }

  #lookLater(entry: Entry, nowMs: number): void {
    entry.dueMs = nowMs + this.#lookPeriodMs;
    this.#looks.push(entry);
    if (this.#timer === undefined) this.#setTimer(entry.dueMs - nowMs);
  }

  #setTimer(delayMs: number): void {
    this.#timer = this.#host.clock.setTimeout(() => this.#lookAtDue(), Math.max(0, delayMs));
  }

  #lookAtDue(): void {
    this.#timer = undefined;
    if (this.#isClosed) return;
    const nowMs = this.#host.clock.now();
    // Those that are looked at again go behind all of these.
    for (let left = this.#looks.length; left > 0; left--) {
      if (this.#looks.first!.dueMs > nowMs) break;
      this.#lookAt(this.#looks.shift()!, nowMs);
    }
    const next = this.#looks.first;
    if (next !== undefined && this.#timer === undefined) this.#setTimer(next.dueMs - nowMs);
  }

  #lookAt(entry: Entry, nowMs: number): void {
    const { cell } = entry;
    if (cell.state !== "running") return;
    const isNeeded = cell.isBusy || this.#host.hasConnection(cell.address);
    const { state, isOver } = stepIdle(entry.state, { heard: cell.heard, isNeeded });
    entry.state = state;
    if (!isOver) return this.#lookLater(entry, nowMs);
    this.#retire(entry);
    cell.stop("shutdown");
  }

  /** From here on a message starts another one, which begins when this has ended. */
  #retire(entry: Entry): void {
    this.#live.delete(entry.key);
    this.#ending.set(entry.key, entry);
    this.#host.releaseName(entry.cell);
  }
}

/** Longest key, in bytes of UTF-8. */
export const MAX_KEY_BYTES = 255;

const encoder = new TextEncoder();

/** Whether a text can be a key: not empty, of at most 255 bytes, without control characters. */
export function isKey(key: string): boolean {
  // deno-lint-ignore no-control-regex -- control characters are what it looks for
  return key !== "" && key.length <= MAX_KEY_BYTES && !/[\u0000-\u001f\u007f]/.test(key) &&
    encoder.encode(key).length <= MAX_KEY_BYTES;
}

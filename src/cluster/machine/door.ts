/**
 * What one thread has of the connection of its machine, on the side of the connection.
 *
 * @module
 */

import { getLogger } from "../../telemetry/mod.ts";
import type { BusAnswer, BusMessage } from "../bus.ts";
import { ClusterError } from "../errors.ts";
import type { Change, Outcome, Store, StoreWatcher } from "../store.ts";
import { costOf, toTransfer, WAITING } from "./port_limits.ts";
import type { BusState, DoorRequest, FromDoor, StoreRequest, ToDoor } from "./protocol.ts";
import type { SharedWatch } from "./shared_watch.ts";

const log = getLogger(["troupe", "cluster"]);

/** A store that several threads have in common. */
export interface SharedStore {
  readonly store: Store;
  readonly watch: SharedWatch;
}

/** What a door leads to. */
export interface DoorHost {
  readonly state: BusState;
  /** Resolves when the connection was tried. */
  readonly tried: Promise<void>;
  publish(subject: string, bytes: Uint8Array): void;
  subscribe(subject: string, take: (message: BusMessage) => void): () => void;
  request(subject: string, timeoutMs: number): Promise<BusAnswer>;
  flush(): Promise<void>;
  openStore(name: string): Promise<SharedStore>;
}

interface Watched {
  readonly shared: SharedStore;
  readonly watcher: StoreWatcher;
  /** What its changes are told under. */
  watch: number;
  isBehind: boolean;
}

/** One thread. */
export class Door {
  readonly #port: MessagePort;
  readonly #host: DoorHost;
  readonly #subscribed = new Map<number, () => void>();
  readonly #watched = new Map<string, Watched>();
  /** Of what was written for a time: the last revision. */
  readonly #leases = new Map<string, { readonly store: Store; readonly revision: number }>();
  #waitingBytes = 0;
  #dropped = 0;
  #isOpen = false;
  #isClosed = false;

  constructor(port: MessagePort, host: DoorHost) {
    this.#port = port;
    this.#host = host;
    port.onmessage = ({ data }: MessageEvent<ToDoor>) => this.#hear(data);
  }

  /** The connection has changed. */
  tell(): void {
    if (this.#isOpen) this.#post({ kind: "state", state: this.#host.state });
  }

  /** The thread is not to be heard any more: nobody answers for it. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#reset();
    this.#port.close();
  }

  /** The thread has ended: what it held as long as it lived is free. */
  async giveUpLeases(): Promise<void> {
    for (const [key, { store, revision }] of this.#leases) await store.remove(key, revision);
  }

  #hear(said: ToDoor): void {
    switch (said.kind) {
      case "open":
        return void this.#open();
      case "publish":
        return this.#publish(said.subject, said.bytes);
      case "subscribe":
        return this.#subscribe(said.id, said.subject);
      case "unsubscribe":
        this.#subscribed.get(said.id)?.();
        return void this.#subscribed.delete(said.id);
      case "unwatch":
        return this.#unwatch(said.name);
      case "reset":
        return this.#reset();
      case "taken":
        return this.#take(said.bytes);
      case "ask":
        return void this.#answer(said.id, said.request);
    }
  }

  async #open(): Promise<void> {
    await this.#host.tried;
    this.#isOpen = true;
    this.tell();
  }

  #publish(subject: string, bytes: Uint8Array): void {
    try {
      this.#host.publish(subject, bytes);
    } catch (error) {
      // Of a batch it shows as a hole at the other side.
      log.warn("Cannot publish {bytes} bytes: {error}", { bytes: bytes.length, error });
    }
  }

  #subscribe(id: number, subject: string): void {
    try {
      const end = this.#host.subscribe(subject, (message) => this.#pass(id, message));
      this.#subscribed.set(id, end);
    } catch (error) {
      log.error("Cannot hear {subject}: {error}", { subject, error });
    }
  }

  #pass(id: number, { subject, data, reply }: BusMessage): void {
    // Its buffer is that of the connection, and others may be told, too.
    const told = { kind: "message", id, subject, data: data.slice(), reply } as const;
    if (this.#reserve(told)) return this.#port.postMessage(told, toTransfer(told.data));
    if (this.#dropped++ === 0) {
      log.error("A worker takes nothing in: what other nodes send to it is dropped");
    }
  }

  /** Whether there is room for it. */
  #reserve(told: FromDoor): boolean {
    const bytes = costOf(told);
    if (this.#isClosed || this.#waitingBytes + bytes > WAITING.maxBytes) return false;
    this.#waitingBytes += bytes;
    return true;
  }

  #take(bytes: number): void {
    this.#waitingBytes = Math.max(0, this.#waitingBytes - bytes);
    if (this.#waitingBytes > WAITING.maxBytes / 2) return;
    if (this.#dropped > 0) {
      log.warn("A worker takes messages in again; {count} were dropped", { count: this.#dropped });
      this.#dropped = 0;
    }
    for (const watched of this.#watched.values()) {
      if (!watched.isBehind) continue;
      watched.isBehind = false;
      watched.watcher.behind?.();
    }
  }

  async #answer(id: number, request: DoorRequest): Promise<void> {
    try {
      const value = await this.#perform(request);
      this.#post({ kind: "answer", id, answer: { value } });
    } catch (error) {
      const code = error instanceof ClusterError ? error.code : undefined;
      const text = error instanceof Error ? error.message : String(error);
      this.#post({ kind: "answer", id, answer: { error: text, code } });
    }
  }

  async #perform(request: DoorRequest): Promise<BusAnswer | Outcome | Change | undefined> {
    switch (request.kind) {
      case "flush":
        return void await this.#host.flush();
      case "request": {
        const answer = await this.#host.request(request.subject, request.timeoutMs);
        return answer.kind === "answered" ? { ...answer, data: answer.data.slice() } : answer;
      }
      case "store":
        return await this.#askStore(request.name, request.request);
    }
  }

  async #askStore(name: string, request: StoreRequest): Promise<Outcome | Change | undefined> {
    const shared = await this.#host.openStore(name);
    const { store } = shared;
    switch (request.op) {
      case "open":
        return undefined;
      case "read":
        return await store.read(request.key);
      case "write": {
        const { key, value, expected, ttlMs } = request;
        const outcome = await store.write(key, value, expected, ttlMs);
        if (ttlMs !== undefined && "revision" in outcome) {
          this.#leases.set(key, { store, revision: outcome.revision });
        }
        return outcome;
      }
      case "put":
        return void await store.put(request.key, request.value);
      case "remove":
        return void await store.remove(request.key, request.expected);
      case "watch":
        return void await this.#watch(name, shared, request.watch);
    }
  }

  async #watch(name: string, shared: SharedStore, watch: number): Promise<void> {
    if (this.#isClosed) return;
    let watched = this.#watched.get(name);
    if (watched === undefined) {
      this.#watched.set(name, watched = this.#createWatched(shared));
    }
    watched.watch = watch;
    watched.isBehind = false;
    await shared.watch.watch(watched.watcher);
  }

  #createWatched(shared: SharedStore): Watched {
    const tell = (told: FromDoor) => {
      if (watched.isBehind) return;
      if (this.#reserve(told)) this.#port.postMessage(told);
      // It hears of that when it takes something in again.
      else watched.isBehind = true;
    };
    const watched: Watched = {
      shared,
      watch: 0,
      isBehind: false,
      watcher: {
        change: (change) => tell({ kind: "change", watch: watched.watch, change }),
        complete: (revision) => tell({ kind: "complete", watch: watched.watch, revision }),
        behind: () => tell({ kind: "behind", watch: watched.watch }),
      },
    };
    return watched;
  }

  #unwatch(name: string): void {
    const watched = this.#watched.get(name);
    this.#watched.delete(name);
    watched?.shared.watch.unwatch(watched.watcher);
  }

  #reset(): void {
    for (const end of this.#subscribed.values()) end();
    this.#subscribed.clear();
    for (const name of [...this.#watched.keys()]) this.#unwatch(name);
  }

  #post(told: FromDoor): void {
    if (!this.#isClosed) this.#port.postMessage(told);
  }
}

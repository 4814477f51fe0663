/**
 * The one connection of a machine, for all threads of a program that are nodes.
 *
 * @module
 */

import { assertOptions, optionNames } from "../../text/mod.ts";
import type { Bus, BusAnswer, BusMessage } from "../bus.ts";
import { OWNED_FOR_LIFE } from "../limits.ts";
import type { NatsOptions } from "../nats/options.ts";
import { Door, type DoorHost, type SharedStore } from "./door.ts";
import { LocalBus } from "./local_bus.ts";
import type { BusState } from "./protocol.ts";
import { SharedWatch } from "./shared_watch.ts";

/** Options of {@linkcode openMachine}. */
export interface MachineOptions {
  /** What the broker calls the connection. */
  readonly name: string;
  /** The broker between machines. Default: none, the threads are on their own. */
  readonly nats?: NatsOptions | undefined;
}

/** What a thread is given. */
export interface Admission {
  /** For `machine` of `joinCluster`, in that thread. */
  readonly port: MessagePort;
  /** The thread is told to end: nothing is heard of it any more, and nobody answers for it. */
  close(): void;
  /** It has ended: nothing of it runs any more. What it held is free, where a lease has no time. */
  ended(): void;
}

/** A connection that threads have in common. Disposing it closes it. */
export interface Machine extends AsyncDisposable {
  /** Lets a thread in. */
  admit(): Admission;
  /** Lets go of the broker; what was handed over leaves first. */
  close(): Promise<void>;
}

const OPTIONS = optionNames<MachineOptions>({ name: true, nats: true });

/**
 * Opens the connection to a broker that all threads of a program have in common; without one
 * they are a cluster of their own. A broker that is away is no error: it is tried again and
 * again.
 *
 * @throws {ClusterError} If the broker is there and cannot be used.
 * @throws {TypeError} If there is no such option.
 *
 * @example
 * ```ts ignore
 * import { createNode } from "@troupe/troupe";
 * import { openMachine, startWorkers } from "@troupe/troupe/cluster";
 *
 * await using node = createNode({ name: "main@host" });
 * await using machine = await openMachine({ name: node.name });
 * await using workers = await startWorkers(new URL(import.meta.resolve("./worker.ts")), {
 *   count: 2,
 *   node,
 *   machine,
 * });
 * ```
 */
export async function openMachine(options: MachineOptions): Promise<Machine> {
  assertOptions("open a machine", options, OPTIONS);
  const { name, nats } = options;
  // The client of the broker is loaded by those who need it.
  const bus: Bus = nats === undefined
    ? new LocalBus()
    : new (await import("../nats/bus.ts")).NatsBus(nats, name);
  const machine = new SharedBus(bus);
  try {
    await machine.open();
  } catch (error) {
    await machine.close();
    throw error;
  }
  return machine;
}

/** Subscribers of one subject: one for the bus. */
interface Shared {
  readonly takers: Set<(message: BusMessage) => void>;
  readonly end: () => void;
}

class SharedBus implements Machine, DoorHost {
  readonly #bus: Bus;
  readonly #id: string = crypto.randomUUID();
  readonly #doors = new Set<Door>();
  readonly #subscribed = new Map<string, Shared>();
  readonly #stores = new Map<string, Promise<SharedStore>>();
  readonly #tried = Promise.withResolvers<void>();

  constructor(bus: Bus) {
    this.#bus = bus;
  }

  async open(): Promise<void> {
    const tell = () => this.#tell();
    try {
      await this.#bus.open({
        first: () => Promise.resolve(tell()),
        away: () => this.#lose(),
        back: tell,
        excused: tell,
      });
    } finally {
      this.#tried.resolve();
    }
  }

  // Machine

  admit(): Admission {
    const { port1, port2 } = new MessageChannel();
    const door = new Door(port1, this);
    this.#doors.add(door);
    return {
      port: port2,
      close: () => {
        door.close();
        this.#doors.delete(door);
      },
      ended: () => {
        // A lease of a broker has its time: the thread that is started again has its name at once.
        if (this.#bus.lease === OWNED_FOR_LIFE) void door.giveUpLeases();
      },
    };
  }

  async close(): Promise<void> {
    for (const door of this.#doors) door.close();
    this.#doors.clear();
    await this.#bus.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  // DoorHost

  get state(): BusState {
    const { isUp, why, maxPayload } = this.#bus;
    return { isUp, why, maxPayload, lease: this.#bus.lease, machine: this.#id };
  }

  get tried(): Promise<void> {
    return this.#tried.promise;
  }

  publish(subject: string, bytes: Uint8Array): void {
    // What waited for the broker would come late, and out of turn.
    if (this.#bus.isUp) this.#bus.publish(subject, bytes);
  }

  subscribe(subject: string, take: (message: BusMessage) => void): () => void {
    const shared = this.#subscribed.get(subject) ?? this.#share(subject);
    // The same function may have several subscriptions.
    const own = (message: BusMessage) => take(message);
    shared.takers.add(own);
    return () => {
      if (!shared.takers.delete(own) || shared.takers.size > 0) return;
      this.#subscribed.delete(subject);
      shared.end();
    };
  }

  async request(subject: string, timeoutMs: number): Promise<BusAnswer> {
    return await this.#bus.request(subject, timeoutMs);
  }

  async flush(): Promise<void> {
    await this.#bus.flush?.();
  }

  openStore(name: string): Promise<SharedStore> {
    const known = this.#stores.get(name);
    if (known !== undefined) return known;
    const opening = this.#openStore(name);
    this.#stores.set(name, opening);
    opening.catch(() => this.#stores.delete(name));
    return opening;
  }

  async #openStore(name: string): Promise<SharedStore> {
    const store = await this.#bus.openStore(name);
    return { store, watch: new SharedWatch(store) };
  }

  #share(subject: string): Shared {
    const takers = new Set<(message: BusMessage) => void>();
    const end = this.#bus.subscribe(subject, (message) => {
      for (const take of takers) take(message);
    });
    const shared = { takers, end };
    this.#subscribed.set(subject, shared);
    return shared;
  }

  #lose(): void {
    for (const opening of this.#stores.values()) {
      void opening.then(({ watch }) => watch.lost(), () => {});
    }
    this.#tell();
  }

  #tell(): void {
    for (const door of this.#doors) door.tell();
  }
}

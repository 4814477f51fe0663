/**
 * The bus of a machine without a broker: among the threads of one program.
 *
 * @module
 */

import type { Bus, BusAnswer, BusEvents, BusMessage } from "../bus.ts";
import { OWNED_FOR_LIFE } from "../limits.ts";
import type { Store } from "../store.ts";
import { LocalStore } from "./local_store.ts";

type Take = (message: BusMessage) => void;

/** Never away. */
export class LocalBus implements Bus {
  readonly isUp = true;
  readonly why = "";
  readonly maxPayload: undefined = undefined;
  readonly lease = OWNED_FOR_LIFE;
  readonly machine: undefined = undefined;
  readonly #takers = new Map<string, Set<Take>>();
  readonly #stores = new Map<string, LocalStore>();
  #questions = 0;

  async open({ first }: BusEvents): Promise<void> {
    await first();
  }

  close(): Promise<void> {
    this.#takers.clear();
    return Promise.resolve();
  }

  publish(subject: string, data: Uint8Array): void {
    this.#send({ subject, data, reply: undefined });
  }

  subscribe(subject: string, take: Take): () => void {
    const takers = this.#takers.get(subject) ?? new Set();
    this.#takers.set(subject, takers.add(take));
    return () => {
      if (takers.delete(take) && takers.size === 0) this.#takers.delete(subject);
    };
  }

  async request(subject: string, timeoutMs: number): Promise<BusAnswer> {
    const answered = Promise.withResolvers<BusAnswer>();
    const reply = `answer.${++this.#questions}`;
    const end = this.subscribe(
      reply,
      ({ data }) => answered.resolve({ kind: "answered", data }),
    );
    const timer = setTimeout(() => answered.resolve({ kind: "timedOut" }), timeoutMs);
    try {
      const isHeard = this.#send({ subject, data: new Uint8Array(), reply });
      return isHeard ? await answered.promise : { kind: "noResponders" };
    } finally {
      clearTimeout(timer);
      end();
    }
  }

  openStore(name: string): Promise<Store> {
    const known = this.#stores.get(name) ?? new LocalStore();
    this.#stores.set(name, known);
    return Promise.resolve(known);
  }

  /** Whether anybody has heard it. */
  #send(message: BusMessage): boolean {
    let isHeard = false;
    for (const [pattern, takers] of this.#takers) {
      if (!matches(pattern, message.subject)) continue;
      for (const take of takers) {
        isHeard = true;
        take(message);
      }
    }
    return isHeard;
  }
}

/** `*` stands for one part of a subject. */
function matches(pattern: string, subject: string): boolean {
  if (!pattern.includes("*")) return pattern === subject;
  const parts = subject.split(".");
  const wanted = pattern.split(".");
  return wanted.length === parts.length &&
    wanted.every((part, i) => part === "*" || part === parts[i]);
}

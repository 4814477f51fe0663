/**
 * The bus of a thread that has no connection of its own: that of its machine, over a port.
 *
 * @module
 */

import { getLogger } from "../../telemetry/mod.ts";
import { inTime } from "../../time/mod.ts";
import type { Bus, BusAnswer, BusEvents, BusMessage } from "../bus.ts";
import { ClusterError } from "../errors.ts";
import type { LeaseLimits } from "../limits.ts";
import type { Store } from "../store.ts";
import { PortStore } from "./port_store.ts";
import type { BusState, DoorAnswer, DoorRequest, FromDoor, ToDoor } from "./protocol.ts";
import { costOf, TAKEN, toTransfer } from "./port_limits.ts";

const log = getLogger(["troupe", "cluster"]);

const RETRY_MS = 1_000;
const FLUSH_MS = 1_000;

/** One thread's side. */
export class PortBus implements Bus {
  readonly #port: MessagePort;
  readonly #takers = new Map<number, (message: BusMessage) => void>();
  readonly #stores = new Map<string, PortStore>();
  readonly #waiting = new Map<number, (answer: DoorAnswer) => void>();
  #events: BusEvents | undefined;
  #state: BusState | undefined;
  #opened: PromiseWithResolvers<void> | undefined;
  #hasBegun = false;
  #isUp = false;
  #isClosed = false;
  #why = "the machine has no connection yet";
  #retry: ReturnType<typeof setTimeout> | undefined;
  #last = 0;
  #untold = 0;

  constructor(port: MessagePort) {
    this.#port = port;
    port.onmessage = ({ data }: MessageEvent<FromDoor>) => this.#hear(data);
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  get why(): string {
    return this.#why;
  }

  get maxPayload(): number | undefined {
    return this.#state?.maxPayload;
  }

  get lease(): LeaseLimits {
    return this.#state!.lease;
  }

  get machine(): string | undefined {
    return this.#state?.machine;
  }

  async open(events: BusEvents): Promise<void> {
    this.#events = events;
    const opened = Promise.withResolvers<void>();
    this.#opened = opened;
    this.#post({ kind: "open" });
    await opened.promise;
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    const isUp = this.#isUp;
    this.#isUp = false;
    clearTimeout(this.#retry);
    this.#opened?.resolve();
    if (isUp) await inTime(this.#ask({ kind: "flush" }).catch(() => {}), FLUSH_MS);
    this.#isClosed = true;
    this.#port.close();
    const error = "Cannot use the connection of the machine: it was let go of";
    for (const settle of this.#waiting.values()) settle({ error, code: undefined });
    this.#waiting.clear();
  }

  publish(subject: string, bytes: Uint8Array): void {
    this.#post({ kind: "publish", subject, bytes }, toTransfer(bytes));
  }

  subscribe(subject: string, take: (message: BusMessage) => void): () => void {
    const id = ++this.#last;
    this.#takers.set(id, take);
    this.#post({ kind: "subscribe", id, subject });
    return () => {
      this.#takers.delete(id);
      this.#post({ kind: "unsubscribe", id });
    };
  }

  async request(subject: string, timeoutMs: number): Promise<BusAnswer> {
    return await this.#ask({ kind: "request", subject, timeoutMs }) as BusAnswer;
  }

  async openStore(name: string): Promise<Store> {
    await this.#ask({ kind: "store", name, request: { op: "open" } });
    const store = new PortStore({
      ask: (request) => this.#ask({ kind: "store", name, request }),
      unwatch: () => this.#post({ kind: "unwatch", name }),
    });
    this.#stores.set(name, store);
    return store;
  }

  #change(state: BusState): void {
    this.#state = state;
    const opened = this.#opened;
    this.#opened = undefined;
    if (!state.isUp) {
      this.#why = state.why;
      if (this.#isUp) {
        this.#isUp = false;
        this.#events!.away();
      }
      opened?.resolve();
    } else if (!this.#hasBegun) {
      const beginning = this.#begin();
      if (opened !== undefined) opened.resolve(beginning);
      else beginning.catch((error) => this.#fail(error));
    } else if (!this.#isUp) {
      this.#isUp = true;
      this.#events!.back();
    }
  }

  async #begin(): Promise<void> {
    clearTimeout(this.#retry);
    this.#hasBegun = this.#isUp = true;
    try {
      await this.#events!.first();
    } catch (error) {
      this.#hasBegun = this.#isUp = false;
      this.#takers.clear();
      this.#stores.clear();
      this.#post({ kind: "reset" });
      if (error instanceof ClusterError) throw error;
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    if (this.#isClosed) return;
    this.#why = error instanceof Error ? error.message : String(error);
    log.error("This node is no part of the cluster yet: {why}", { why: this.#why });
    this.#retry = setTimeout(() => {
      if (this.#state?.isUp !== true || this.#hasBegun) return;
      this.#begin().catch((next) => this.#fail(next));
    }, RETRY_MS);
  }

  #hear(told: FromDoor): void {
    switch (told.kind) {
      case "answer":
        return this.#settle(told.id, told.answer);
      case "state":
        return this.#change(told.state);
      case "message":
        this.#takers.get(told.id)?.(told);
        break;
      default:
        for (const store of this.#stores.values()) store.hear(told);
    }
    this.#take(costOf(told));
  }

  /** Says how far it has come, so that no more is told than it can take. */
  #take(bytes: number): void {
    this.#untold += bytes;
    if (this.#untold < TAKEN.tellBytes) return;
    this.#post({ kind: "taken", bytes: this.#untold });
    this.#untold = 0;
  }

  #settle(id: number, answer: DoorAnswer): void {
    const settle = this.#waiting.get(id);
    this.#waiting.delete(id);
    settle?.(answer);
  }

  async #ask(request: DoorRequest): Promise<unknown> {
    const id = ++this.#last;
    const answer = await new Promise<DoorAnswer>((resolve) => {
      if (this.#isClosed) throw new Error("Cannot use the connection of the machine: it is closed");
      this.#waiting.set(id, resolve);
      this.#post({ kind: "ask", id, request });
    });
    if ("value" in answer) return answer.value;
    const { code, error } = answer;
    throw code === undefined ? new Error(error) : new ClusterError(code, error);
  }

  #post(message: ToDoor, transfer: Transferable[] = []): void {
    if (!this.#isClosed) this.#port.postMessage(message, transfer);
  }
}

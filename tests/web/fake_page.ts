/**
 * The browser client in a page whose network and clock are the test's.
 *
 * @module
 */

import { runInNewContext } from "node:vm";
import type { Ws, WsOptions } from "../../src/web/troupe.js";

/** A WebSocket that does what the test says. */
export class FakeSocket {
  static readonly OPEN = 1;
  readyState = 0;
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number; reason: string }) => void) | null = null;
  readonly sent: unknown[] = [];

  constructor(readonly url: string, readonly protocols: unknown) {}

  send(data: unknown): void {
    this.sent.push(data);
  }

  close(): void {
    this.readyState = 2;
  }

  /** The server has accepted. */
  open(): void {
    this.readyState = 1;
    this.onopen?.();
  }

  /** Something has arrived. */
  receive(data: unknown): void {
    this.onmessage?.({ data });
  }

  /** The closing handshake is over. */
  end(code: number): void {
    this.readyState = 3;
    this.onclose?.({ code, reason: "" });
  }
}

interface PageTimer {
  readonly dueMs: number;
  readonly callback: () => void;
}

/** A page: its sockets so far, its clock, and its events. */
export class FakePage {
  readonly sockets: FakeSocket[] = [];
  readonly document = Object.assign(new EventTarget(), { visibilityState: "visible" });
  readonly window = new EventTarget();
  readonly errors: unknown[] = [];
  readonly Ws: typeof Ws;
  nowMs = 0;
  #counter = 0;
  readonly #timers = new Map<number, PageTimer>();

  constructor() {
    const now = () => this.nowMs;
    const { sockets } = this;
    const context = {
      TextEncoder,
      TextDecoder,
      Date: { now },
      performance: { now },
      document: this.document,
      addEventListener: this.window.addEventListener.bind(this.window),
      removeEventListener: this.window.removeEventListener.bind(this.window),
      reportError: (error: unknown) => this.errors.push(error),
      setTimeout: (callback: () => void, delayMs: number) => {
        this.#timers.set(++this.#counter, { dueMs: this.nowMs + delayMs, callback });
        return this.#counter;
      },
      clearTimeout: (id: number) => this.#timers.delete(id),
      WebSocket: class extends FakeSocket {
        constructor(url: string, protocols: unknown) {
          super(url, protocols);
          sockets.push(this);
        }
      },
    };
    const file = new URL("../../src/web/troupe.js", import.meta.url);
    runInNewContext(Deno.readTextFileSync(file), context);
    this.Ws = (context as unknown as { Ws: typeof Ws }).Ws;
  }

  /** Timers that wait. */
  get pending(): number {
    return this.#timers.size;
  }

  /** A client. */
  open(options?: WsOptions): Ws {
    return new this.Ws("ws://host/", [], options);
  }

  /** The newest socket. */
  get socket(): FakeSocket {
    return this.sockets.at(-1)!;
  }

  /** Moves on; each timer fires at its own time. */
  advance(ms: number): void {
    const endMs = this.nowMs + ms;
    for (let next = this.#next(); next !== undefined; next = this.#next()) {
      const [id, { dueMs, callback }] = next;
      if (dueMs > endMs) break;
      this.nowMs = Math.max(this.nowMs, dueMs);
      this.#timers.delete(id);
      callback();
    }
    this.nowMs = endMs;
  }

  /** Moves on as a suspended machine does: what falls due fires late, at the end, once. */
  suspend(ms: number): void {
    this.nowMs += ms;
    const due = [...this.#timers].filter(([, { dueMs }]) => dueMs <= this.nowMs);
    for (const [id, { callback }] of due) {
      if (this.#timers.delete(id)) callback();
    }
  }

  #next(): [number, PageTimer] | undefined {
    return [...this.#timers].sort(([, a], [, b]) => a.dueMs - b.dueMs)[0];
  }
}

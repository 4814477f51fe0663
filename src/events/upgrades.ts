/**
 * Handshakes whose connections somebody waits for.
 *
 * @module
 */

import type { AcceptAnswer, AcceptRequest } from "../websocket/mod.ts";
import { TOKEN } from "./connects.ts";
import { UpgradeError } from "./errors.ts";
import type { EventConnection } from "./types.ts";

/** One that is expected. */
export interface Expected {
  /** What its `connect` carries. */
  readonly token: string;
  readonly connection: Promise<EventConnection>;
}

interface Waiting {
  readonly resolve: (connection: EventConnection) => void;
  readonly reject: (error: UpgradeError) => void;
  cancelDeadline?: () => void;
}

/** Joins each such handshake with the connection that comes of it. */
export class Upgrades {
  readonly #tokens = new WeakMap<Request, string>();
  readonly #waiting = new Map<string, Waiting>();

  /** Begins to wait for the connection of a request. */
  expect(request: Request): Expected {
    const token = crypto.randomUUID();
    const { promise, resolve, reject } = Promise.withResolvers<EventConnection>();
    // Whoever only wants to answer need not look at it.
    promise.catch(() => {});
    this.#tokens.set(request, token);
    this.#waiting.set(token, { resolve, reject });
    return { token, connection: promise };
  }

  /** Has the `connect` of a request that `expect` has seen carry its token. */
  accept(handshake: AcceptRequest): AcceptAnswer {
    // Most handshakes are nobody's in particular: their request need not be made.
    const token = this.#waiting.size === 0 ? undefined : this.#tokens.get(handshake.request);
    return token === undefined ? undefined : { attributes: { [TOKEN]: token } };
  }

  /** Whether a token is waited for. */
  has(token: unknown): token is string {
    return this.#waiting.has(token as string);
  }

  /** Takes note of what ends the waiting; cancelled when it ends otherwise. */
  setDeadline(token: string, cancel: () => void): void {
    const waiting = this.#waiting.get(token);
    if (waiting === undefined) cancel();
    else waiting.cancelDeadline = cancel;
  }

  /** The connection is there. */
  arrive(token: string, connection: EventConnection): void {
    this.#take(token)?.resolve(connection);
  }

  /** There will be none. */
  fail(token: string, status: number, text: string): void {
    this.#take(token)?.reject(new UpgradeError(status, text));
  }

  /** There will be no more at all. */
  failAll(text: string): void {
    for (const token of [...this.#waiting.keys()]) this.fail(token, 101, text);
  }

  #take(token: string): Waiting | undefined {
    const waiting = this.#waiting.get(token);
    this.#waiting.delete(token);
    waiting?.cancelDeadline?.();
    return waiting;
  }
}

/**
 * Who may connect: the checks of a handshake in their order.
 *
 * @module
 */

import type { Pid } from "../actor/mod.ts";
import {
  type Handshake,
  negotiateSubprotocol,
  type Refusal,
  refuseHandshake,
  tooManyHeaders,
  unavailable,
} from "./handshake.ts";
import type { ResolvedOptions } from "./options.ts";
import { type HandshakeCheck, refuseOrigin, toOriginCheck } from "./origins.ts";

/** A handshake that may be completed. */
export interface Admitted {
  readonly target: Pid;
  /** Negotiated subprotocol; empty if none. */
  readonly protocol: string;
  /** The address that is counted; `undefined` if none is. */
  readonly address: string | undefined;
}

/** What is known of who asks. */
export interface Caller {
  /** The host that connections are counted by. */
  readonly address: string | undefined;
  /** Lines of the header block, where the listener tells. */
  readonly headerCount?: number;
}

/** What the gate asks of its handler. */
export interface GateKeeper {
  /** Why nobody may connect now; `undefined` if somebody may. */
  closedBecause(): string | undefined;
  /** Open connections, with those that are being opened. */
  readonly connections: number;
  /** The next process for a connection. */
  nextTarget(): Pid | undefined;
}

/** Checks handshakes and counts connections by address. */
export class Gate {
  readonly #keeper: GateKeeper;
  #options: ResolvedOptions;
  #isWelcome: HandshakeCheck;
  readonly #byAddress = new Map<string, number>();

  /** @throws {TypeError} If an origin has a form that is not accepted. */
  constructor(keeper: GateKeeper, options: ResolvedOptions) {
    this.#keeper = keeper;
    this.#options = options;
    this.#isWelcome = toOriginCheck(options.origins);
  }

  /** @throws {TypeError} If an origin has a form that is not accepted; then nothing changes. */
  reconfigure(options: ResolvedOptions): void {
    this.#isWelcome = toOriginCheck(options.origins);
    this.#options = options;
  }

  /**
   * Admits a handshake or says why not; at once, unless the origin check takes
   * its time. Between the last look at the limits and `complete`, which has to
   * count the connection, nothing else runs: limits are never passed.
   *
   * @returns What `complete` gives, or a promise of it.
   */
  admit<T>(
    handshake: Handshake,
    { address, headerCount = 0 }: Caller,
    complete: (answer: Refusal | Admitted) => T,
  ): T | Promise<T> {
    const early = this.#refuseAll() ?? tooManyHeaders(headerCount) ??
      refuseHandshake(handshake.method, handshake.headers);
    if (early !== undefined) return complete(early);
    const foreign = refuseOrigin(handshake, this.#isWelcome, this.#options.handshakeTimeoutMs);
    return foreign instanceof Promise
      ? foreign.then((late) => complete(late ?? this.#admitWelcome(handshake, address)))
      : complete(foreign ?? this.#admitWelcome(handshake, address));
  }

  #admitWelcome(handshake: Handshake, address: string | undefined): Refusal | Admitted {
    const late = this.#refuseAll() ?? this.#refuseMore(address);
    if (late !== undefined) return late;
    const target = this.#keeper.nextTarget();
    if (target === undefined) return unavailable("no process of the pool is running", "no_process");
    const { subprotocols, maxConnectionsPerIp } = this.#options;
    return {
      target,
      protocol: negotiateSubprotocol(subprotocols, handshake.headers),
      address: maxConnectionsPerIp === 0 ? undefined : address,
    };
  }

  /** Counts a connection of an address. */
  enter(address: string | undefined): void {
    if (address === undefined) return;
    this.#byAddress.set(address, (this.#byAddress.get(address) ?? 0) + 1);
  }

  /** Takes a connection of an address off the count. */
  leave(address: string | undefined): void {
    if (address === undefined) return;
    const count = (this.#byAddress.get(address) ?? 0) - 1;
    if (count > 0) this.#byAddress.set(address, count);
    else this.#byAddress.delete(address);
  }

  #refuseAll(): Refusal | undefined {
    const why = this.#keeper.closedBecause();
    return why === undefined ? undefined : unavailable(why, "closed");
  }

  #refuseMore(address: string | undefined): Refusal | undefined {
    const { maxConnections, maxConnectionsPerIp } = this.#options;
    if (this.#keeper.connections >= maxConnections) {
      return unavailable(`all ${maxConnections} connections are in use`, "connection_limit");
    }
    const own = this.#byAddress.get(address ?? "") ?? 0;
    if (maxConnectionsPerIp === 0 || own < maxConnectionsPerIp) return undefined;
    const reason = `Cannot upgrade: ${own} connections of ${address} are open, ` +
      `expected at most ${maxConnectionsPerIp}`;
    return { status: 429, reason, headers: { "retry-after": "5" } };
  }
}

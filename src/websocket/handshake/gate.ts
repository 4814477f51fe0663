/**
 * Who may connect: the checks of a handshake in their order.
 *
 * @module
 */

import type { Pid } from "../../actor/mod.ts";
import type { Clock } from "../../time/mod.ts";
import type { Attributes, ResolvedOptions } from "../options.ts";
import { type Described, describeHandshake } from "./attributes.ts";
import {
  type Handshake,
  negotiateSubprotocol,
  type Refusal,
  refuseHandshake,
  tooManyHeaders,
  unavailable,
} from "./handshake.ts";
import { type HandshakeCheck, refuseOrigin, toOriginCheck } from "./origins.ts";

/** A handshake that may be completed. */
export interface Admitted {
  readonly target: Pid;
  /** Negotiated subprotocol; empty if none. */
  readonly protocol: string;
  /** The address that is counted; `undefined` if the listener tells none. */
  readonly address: string | undefined;
  /** Present if the application gave some. */
  readonly attributes?: Attributes;
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
  /** What deadlines are measured by. */
  readonly clock: Clock;
  /** Why nobody may connect now; `undefined` if somebody may. */
  closedBecause(): string | undefined;
  /** Open connections, with those that are being opened. */
  readonly connections: number;
  /** Those among them of one address. */
  connectionsOf(address: string | undefined): number;
  /** The next process for a connection. */
  nextTarget(): Pid | undefined;
}

/** Checks handshakes. */
export class Gate {
  readonly #keeper: GateKeeper;
  #options: ResolvedOptions;
  #isWelcome: HandshakeCheck;

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
   * Admits a handshake or says why not; at once, unless the origin check or the
   * attributes take their time. Between the last look at the limits and `complete`, which has to
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
    const { handshakeTimeoutMs } = this.#options;
    const { clock } = this.#keeper;
    const untilMs = clock.now() + handshakeTimeoutMs;
    const foreign = refuseOrigin(handshake, this.#isWelcome, handshakeTimeoutMs, clock);
    const describe = (refusal: Refusal | undefined): T | Promise<T> => {
      const late = refusal ?? this.#refuseAll() ?? this.#refuseMore(address);
      if (late !== undefined) return complete(late);
      const described = this.#describe(handshake, untilMs);
      return described instanceof Promise
        ? described.then((later) => complete(this.#admitDescribed(handshake, address, later)))
        : complete(this.#admitDescribed(handshake, address, described));
    };
    return foreign instanceof Promise ? foreign.then(describe) : describe(foreign);
  }

  #describe(
    handshake: Handshake,
    untilMs: number,
  ): Described | Refusal | Promise<Described | Refusal> {
    const { attributes } = this.#options;
    if (attributes === undefined) return {};
    const { clock } = this.#keeper;
    return describeHandshake(handshake, attributes, Math.max(0, untilMs - clock.now()), clock);
  }

  #admitDescribed(
    { headers }: Handshake,
    address: string | undefined,
    described: Described | Refusal,
  ): Refusal | Admitted {
    if ("status" in described) return described;
    // Others may have come while it was described.
    const late = this.#refuseAll() ?? this.#refuseMore(address);
    if (late !== undefined) return late;
    const target = this.#keeper.nextTarget();
    if (target === undefined) return unavailable("no process of the pool is running", "no_process");
    const protocol = negotiateSubprotocol(this.#options.subprotocols, headers);
    return { target, protocol, address, ...described };
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
    const own = this.#keeper.connectionsOf(address);
    if (maxConnectionsPerIp === 0 || own < maxConnectionsPerIp) return undefined;
    const reason = `Cannot upgrade: ${own} connections of ${address} are open, ` +
      `expected at most ${maxConnectionsPerIp}`;
    return { status: 429, reason, headers: { "retry-after": "5" } };
  }
}

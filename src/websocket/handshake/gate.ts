/**
 * Who may connect: the checks of a handshake in their order.
 *
 * @module
 */

import type { Pid } from "../../actor/mod.ts";
import { getLogger } from "../../telemetry/mod.ts";
import type { Clock } from "../../time/mod.ts";
import type { Attributes, HeaderLine, Login, ResolvedOptions } from "../options.ts";
import type { FoundTarget } from "../targets.ts";
import type { Welcome } from "./accept.ts";
import { askApplication, type Hook, hooksOf } from "./application.ts";
import {
  badRequest,
  type Handshake,
  negotiateSubprotocol,
  offersSubprotocol,
  type Refusal,
  REFUSALS,
  refuseHandshake,
  tooManyHeaders,
  unavailable,
} from "./handshake.ts";
import { type HandshakeCheck, refuseOrigin, toOriginCheck } from "./origins.ts";
import { fillTarget } from "./target_name.ts";

const log = getLogger(["troupe", "websocket"]);

/** A handshake that may be completed. */
export interface Admitted {
  readonly target: Pid;
  /** Present if the connection is for a process of a name. */
  readonly targetName?: string;
  /** Subprotocol; empty if none. */
  readonly protocol: string;
  /** The address that is counted; `undefined` if the listener tells none. */
  readonly address: string | undefined;
  /** Present if the application knows who it is. */
  readonly login?: Login;
  /** Present if the application gave some. */
  readonly attributes?: Attributes;
  /** Of the response; present if the application gave some. */
  readonly headers?: readonly HeaderLine[];
}

/** What is known of who asks. */
export interface Caller {
  /** The host that connections are counted by. */
  readonly address: string | undefined;
  /** As in `connect`. Default empty. */
  readonly remoteAddr?: string;
  /** What the path of the endpoint calls by name. Default nothing. */
  readonly params?: Readonly<Record<string, string>> | undefined;
  /** Lines of the header block, where the listener tells. */
  readonly headerCount?: number;
}

/** What the gate asks of its handler. */
export interface GateKeeper {
  /** What deadlines are measured by. */
  readonly clock: Clock;
  /** Why nobody may connect now; `undefined` if somebody may. */
  closedBecause(): string | undefined;
  /** Its connections, counted with those of other threads. */
  readonly population: {
    readonly total: number;
    totalOf(address: string | undefined): number;
  };
  /** The process of a name, or without one the next for a connection. */
  findTarget(name: string | undefined): FoundTarget;
}

const NO_PARAMS: Readonly<Record<string, string>> = Object.freeze({});

/** Checks handshakes. */
export class Gate {
  readonly #keeper: GateKeeper;
  #options: ResolvedOptions;
  #isWelcome: HandshakeCheck | undefined;
  #hooks: readonly Hook[] = [];

  /** @throws {TypeError} If an origin has a form that is not accepted. */
  constructor(keeper: GateKeeper, options: ResolvedOptions) {
    this.#keeper = keeper;
    this.#options = options;
    this.reconfigure(options);
  }

  /** @throws {TypeError} If an origin has a form that is not accepted; then nothing changes. */
  reconfigure(options: ResolvedOptions): void {
    const isWelcome = toOriginCheck(options.origins);
    this.#isWelcome = options.checkOrigin === undefined ? isWelcome : undefined;
    this.#hooks = hooksOf(options);
    this.#options = options;
  }

  /**
   * Admits a handshake or says why not; at once, unless the application takes its time.
   * Between the last look at the limits and `complete`, which has to count the connection,
   * nothing else runs: limits are never passed.
   *
   * @returns What `complete` gives, or a promise of it.
   */
  admit<T>(
    handshake: Handshake,
    caller: Caller,
    complete: (answer: Refusal | Admitted) => T,
  ): T | Promise<T> {
    const refusal = this.#refuse(handshake, caller);
    if (refusal !== undefined) return complete(refusal);
    if (this.#hooks.length === 0) return complete(this.#choose(handshake, caller, {}));
    const answer = this.#ask(handshake, caller);
    return answer instanceof Promise
      ? answer.then((later) => complete(this.#admitAnswered(handshake, caller, later)))
      : complete(this.#admitAnswered(handshake, caller, answer));
  }

  /** What can be said against it before the application is asked. */
  #refuse(handshake: Handshake, { address, headerCount = 0 }: Caller): Refusal | undefined {
    return this.#refuseAll() ?? tooManyHeaders(headerCount) ??
      refuseHandshake(handshake.method, handshake.headers) ??
      (this.#isWelcome && refuseOrigin(handshake, this.#isWelcome)) ?? this.#refuseMore(address);
  }

  #ask(
    handshake: Handshake,
    { remoteAddr = "", params = NO_PARAMS }: Caller,
  ): Welcome | Refusal | Promise<Welcome | Refusal> {
    const { endpoint, handshakeTimeoutMs: timeoutMs } = this.#options;
    const options = { endpoint, timeoutMs, clock: this.#keeper.clock };
    return askApplication(this.#hooks, handshake, { remoteAddr, params }, options);
  }

  #admitAnswered(
    handshake: Handshake,
    caller: Caller,
    answer: Welcome | Refusal,
  ): Refusal | Admitted {
    if ("status" in answer) return answer;
    // Others may have come while it was decided.
    return this.#refuseAll() ?? this.#refuseMore(caller.address) ??
      this.#choose(handshake, caller, answer);
  }

  #choose(
    { headers: asked }: Handshake,
    { address, params = NO_PARAMS }: Caller,
    { target: named, protocol: chosen, attributes, login, headers }: Welcome,
  ): Refusal | Admitted {
    const protocol = chosen ?? negotiateSubprotocol(this.#options.subprotocols, asked);
    if (chosen && !offersSubprotocol(asked, chosen)) {
      return badRequest(
        `the subprotocol ${JSON.stringify(chosen)} is not offered, expected it to be`,
      );
    }
    const targetName = named ?? this.#nameTarget(params);
    if (typeof targetName === "object") return targetName;
    const found = this.#keeper.findTarget(targetName);
    if ("status" in found) return found;
    return {
      target: found.pid,
      protocol,
      address,
      ...targetName !== undefined && { targetName },
      ...attributes !== undefined && { attributes },
      ...login !== undefined && { login },
      ...headers !== undefined && { headers },
    };
  }

  /** The name that the endpoint gives; undefined if it has a pool. */
  #nameTarget(params: Readonly<Record<string, string>>): string | undefined | Refusal {
    const { target, endpoint } = this.#options;
    if (target === "") return undefined;
    const filled = fillTarget(target, params);
    if ("name" in filled) return filled.name;
    if ("ambiguous" in filled) {
      return badRequest(`got a slash in ${filled.ambiguous} of the path, expected none`);
    }
    log.error(
      "The target {target} of {endpoint} needs {missing}, expected a listener that passes it",
      {
        target,
        endpoint,
        missing: filled.missing,
      },
    );
    return REFUSALS.failed;
  }

  #refuseAll(): Refusal | undefined {
    const why = this.#keeper.closedBecause();
    return why === undefined ? undefined : unavailable(why, "closed");
  }

  #refuseMore(address: string | undefined): Refusal | undefined {
    const { maxConnections, maxConnectionsPerIp } = this.#options;
    if (this.#keeper.population.total >= maxConnections) {
      return unavailable(`all ${maxConnections} connections are in use`, "connection_limit");
    }
    const own = this.#keeper.population.totalOf(address);
    if (maxConnectionsPerIp === 0 || own < maxConnectionsPerIp) return undefined;
    const reason = `Cannot upgrade: ${own} connections of ${address} are open, ` +
      `expected at most ${maxConnectionsPerIp}`;
    return { status: 429, reason, headers: { "retry-after": "5" } };
  }
}

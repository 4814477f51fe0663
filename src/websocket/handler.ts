/**
 * The meta-process that accepts handshakes (seeds 000 and 001: CreateHandler).
 *
 * @module
 */

import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { ExitReason, InspectRecord, MetaProcess } from "../actor/mod.ts";
import { assertOptions } from "../text/mod.ts";
import { type Clock, inTime, LATE, SYSTEM_CLOCK } from "../time/mod.ts";
import { assertCloseFrame, CLOSE_CODES, closeFrameOfExit } from "./close_codes.ts";
import type { ConnectInfo, ConnectionSettings } from "./connection/connection.ts";
import { WebSocketConnection } from "./connection/connection.ts";
import { Watch } from "./connection/watch.ts";
import { upgradeNative } from "./engines/native.ts";
import type { WsAcceptor } from "./engines/ws.ts";
import { createAcceptor, isWsEngineLoaded, loadWsEngine } from "./engines/ws_engine.ts";
import {
  DRAIN_OPTIONS,
  type Handler,
  type HandlerDrainOptions,
  type ListFilter,
  type ReconfigurableOptions,
  type RequestInfo,
} from "./handler_types.ts";
import { connectInfoOf, hostOf, withAdmitted } from "./handshake/connect_info.ts";
import { type Admitted, Gate, type GateKeeper } from "./handshake/gate.ts";
import {
  badRequest,
  type Handshake,
  headerLines,
  type Refusal,
  REFUSALS,
  schemeOf,
  unavailable,
  withHost,
} from "./handshake/handshake.ts";
import { refuseOnSocket, toHandshake } from "./handshake/node_http.ts";
import { readTarget } from "./handshake/request_target.ts";
import { listConnections } from "./listing.ts";
import type { ListedConnection } from "./messages.ts";
import { HandshakeObservation } from "./observation.ts";
import { LIVE_OPTIONS } from "./option_table.ts";
import {
  type HandlerOptions,
  optionsForWs,
  type ResolvedOptions,
  resolveOptions,
} from "./options.ts";
import { Population } from "./population.ts";
import type { Socket } from "./socket.ts";
import { type FoundTarget, Targets } from "./targets.ts";

/**
 * Creates a handler; give it to `spawnMeta`, and its `fetch` to `Deno.serve` or
 * its `upgrade` to the `upgrade` event of a `node:http` server.
 *
 * Each accepted handshake spawns one connection, whose target is the next live
 * name of `pool`, or the process that spawned the handler if the pool is empty.
 * When the handler ends, its connections are closed with 1001, or with 1011 if
 * it does so because of a failure, as when its parent throws.
 *
 * @throws {TypeError} If there is no such option, an origin or a list has a form
 * that is not accepted, or a choice is not one of those offered.
 * @throws {RangeError} If a limit is out of its range.
 *
 * @example
 * ```ts
 * import { createHandler, createNode, isDataMessage, listen } from "@troupe/troupe";
 *
 * await using node = createNode();
 * const handler = createHandler({ origins: "*" });
 * node.spawn(async (self) => {
 *   self.spawnMeta(handler);
 *   for await (const { message } of self) {
 *     if (isDataMessage(message)) self.send(message.id, { kind: "message", body: message.body });
 *   }
 * });
 * await using listener = await listen({ "/ws": handler }, { port: 0 });
 * ```
 */
export function createHandler(options: HandlerOptions = {}): Handler {
  return new WebSocketHandler(options);
}

/** Time for a peer to answer our close frame, in milliseconds. */
const CLOSE_TIMEOUT_MS = 5_000;

/** Time that ending takes after the last peer was given up, in milliseconds. */
const STOP_MARGIN_MS = 2_000;

/** What `createHandler` returns; for itself, so that a test can wait less for silent peers. */
export class WebSocketHandler implements Handler, GateKeeper {
  readonly stopTimeoutMs: number;
  readonly #closeTimeoutMs: number;
  readonly #gate: Gate;
  readonly #settings: ConnectionSettings;
  #watch: Watch;
  readonly population: Population<WebSocketConnection> = new Population();
  #options: ResolvedOptions;
  #acceptor: WsAcceptor | undefined;
  #self: MetaProcess | undefined;
  readonly #targets = new Targets();
  #accepted = 0;
  #refused = 0;
  #orphaned = 0;
  #draining = false;

  constructor(options: HandlerOptions, closeTimeoutMs: number = CLOSE_TIMEOUT_MS) {
    this.stopTimeoutMs = closeTimeoutMs + STOP_MARGIN_MS;
    this.#closeTimeoutMs = closeTimeoutMs;
    this.#options = resolveOptions(options);
    this.#gate = new Gate(this, this.#options);
    this.#settings = this.#createSettings();
    this.#watch = new Watch(this.population.open, this.clock);
  }

  /** That of the node, once it is spawned. */
  get clock(): Clock {
    return this.#self?.clock ?? SYSTEM_CLOCK;
  }

  get connections(): number {
    return this.population.size;
  }

  list(filter?: ListFilter): Iterable<ListedConnection> {
    return listConnections(this.population, filter);
  }

  has(behavior: object): boolean {
    return this.population.open.has(behavior as WebSocketConnection);
  }

  async run(self: MetaProcess): Promise<void> {
    if (this.#self?.signal.aborted === false) {
      throw new TypeError("Cannot spawn the handler: it is running, expected one that is not");
    }
    // It may have run before, under a parent that was started again since.
    this.#self = self;
    this.#watch.stop();
    this.#watch = new Watch(this.population.open, self.clock);
    this.#watch.update(this.#options);
    for await (const { message, reply } of self) {
      self.log.warn("A handler was sent {message}, which it does not expect", { message });
      reply?.(new TypeError("Cannot answer: a WebSocket handler takes no requests"));
    }
    if (this.#self === self) this.#self = undefined;
    await this.population.closeAll(
      { spreadMs: 0, ...closeFrameOfExit(self.signal.reason) },
      this.clock,
    );
  }

  terminate(reason: ExitReason): void {
    const leaving = this.population.leaving();
    // If it runs again by now, this is about the connections of the time before.
    const isOver = leaving.length === 0 || this.#self?.signal.aborted !== false;
    if (isOver) this.#self = undefined;
    const connections = isOver ? [...this.population.open.keys()] : leaving;
    for (const connection of connections) connection.terminate(reason);
  }

  get optionsForWs(): readonly string[] {
    return optionsForWs(this.#options);
  }

  // deno-lint-ignore require-await -- what is thrown becomes a rejection
  readonly fetch = async (request: Request, info?: RequestInfo): Promise<Response> => {
    // Deno forgets both with the upgrade.
    const peer = info?.remoteAddr;
    const { method, url } = request;
    const given = Object.fromEntries(request.headers);
    const target = readTarget(url, given["host"]);
    if ("wrong" in target) return this.#respond(badRequest(target.wrong), this.#observe());
    const headers = withHost(given, target.host);
    const scheme = info?.scheme ?? schemeOf(url);
    const { ownHosts } = info ?? {};
    const handshake = { method, url, headers, scheme, ownHosts, toRequest: () => request };
    const connect = connectInfoOf(handshake, info);
    const observed = this.#observe(connect);
    const caller = { address: hostOf(peer), remoteAddr: connect.remoteAddr, params: info?.params };
    return this.#gate.admit(handshake, caller, (admitted) => {
      if ("status" in admitted) return this.#respond(admitted, observed, handshake);
      const { protocol, headers } = admitted;
      try {
        const { response, opened } = upgradeNative(request, { protocol, headers, peer });
        void this.#accept(opened, admitted, withAdmitted(connect, admitted), observed);
        return response;
      } catch (error) {
        const { message } = error as Error;
        return this.#respond(badRequest(message), observed, handshake);
      }
    });
  };

  readonly upgrade = (
    incoming: IncomingMessage,
    tcp: Duplex,
    head: Uint8Array,
    info: RequestInfo,
  ): void => {
    // A reset with nobody listening for errors would end the program.
    tcp.on("error", ignoreReset);
    // Whatever fails, nobody else would end the socket.
    const fail = (error: unknown) => {
      this.#self?.log.error("A handshake failed: {error}", { error });
      refuseOnSocket(tcp, REFUSALS.failed, incoming.method);
    };
    try {
      const pending = isWsEngineLoaded()
        ? this.#upgrade(incoming, tcp, head, info)
        : loadWsEngine().then(() => this.#upgrade(incoming, tcp, head, info));
      if (pending instanceof Promise) pending.catch(fail);
    } catch (error) {
      fail(error);
    }
  };

  closedBecause(): string | undefined {
    if (this.#self?.signal.aborted !== false) return "the handler is not running";
    return this.#draining ? "the server is going away" : undefined;
  }

  findTarget(name: string | undefined): FoundTarget {
    const self = this.#self;
    if (self === undefined) return unavailable("the handler is not running", "closed");
    return this.#targets.find(name, this.#options.pool, self);
  }

  reconfigure(options: ReconfigurableOptions): void {
    assertOptions("reconfigure a handler", options, LIVE_OPTIONS);
    const next = resolveOptions(options, this.#options, "reconfigure a handler");
    this.#gate.reconfigure(next);
    this.#options = next;
    // Sockets that are open keep the acceptor's limits; the connection has the new ones.
    this.#acceptor = undefined;
    Object.assign(this.#settings, next);
    this.#watch.update(next, true);
  }

  async drain(options: HandlerDrainOptions): Promise<void> {
    assertOptions("drain a handler", options, DRAIN_OPTIONS);
    const { spreadMs, code = CLOSE_CODES.goingAway.code, reason = "going away" } = options;
    assertCloseFrame(code, reason);
    this.#draining = true;
    await this.population.closeAll({ spreadMs, code, reason }, this.clock);
  }

  /** What the connections share; one object, changed in place. */
  #createSettings(): ConnectionSettings {
    return {
      ...this.#options,
      closeTimeoutMs: this.#closeTimeoutMs,
      nextTarget: (name) => {
        const found = this.findTarget(name);
        return "pid" in found ? found.pid : undefined;
      },
      closed: (connection, reported) => this.#closed(connection, reported),
    };
  }

  #wsAcceptor(): WsAcceptor {
    const closeTimeoutMs = this.#closeTimeoutMs;
    return this.#acceptor ??= createAcceptor({ ...this.#options, closeTimeoutMs });
  }

  #observe(connect?: ConnectInfo, inherits = true): HandshakeObservation {
    return new HandshakeObservation(this.#options.endpoint, this.#self, connect, inherits);
  }

  /** Counts a refusal and tells who wants to hear of it. */
  #refuse(refusal: Refusal, observed: HandshakeObservation, handshake?: Handshake): void {
    this.#refused++;
    observed.refused(refusal);
    if (handshake === undefined) return;
    try {
      this.#options.onRefused?.(handshake.toRequest(), refusal.status, refusal.reason);
    } catch (error) {
      this.#self?.log.error("The listener to refused handshakes failed: {error}", { error });
    }
  }

  #respond(refusal: Refusal, observed: HandshakeObservation, handshake?: Handshake): Response {
    const { status, reason, headers } = refusal;
    this.#refuse(refusal, observed, handshake);
    const lines = headerLines(headers).map(([name, value]): [string, string] => [name, value]);
    return new Response(`${reason}\n`, { status, headers: lines });
  }

  #refuseOn(
    tcp: Duplex,
    refusal: Refusal,
    observed: HandshakeObservation,
    handshake: Handshake,
  ): void {
    this.#refuse(refusal, observed, handshake);
    refuseOnSocket(tcp, refusal, handshake.method);
  }

  #upgrade(
    incoming: IncomingMessage,
    tcp: Duplex,
    head: Uint8Array,
    info: RequestInfo,
  ): void | Promise<void> {
    const handshake = toHandshake(incoming, info);
    if ("status" in handshake) {
      this.#refuse(handshake, this.#observe());
      return refuseOnSocket(tcp, handshake, incoming.method);
    }
    const connect = connectInfoOf(handshake, info);
    // Node's listener runs in whatever span was active when it was started.
    const observed = this.#observe(connect, false);
    const caller = {
      address: hostOf(info.remoteAddr),
      remoteAddr: connect.remoteAddr,
      params: info.params,
      headerCount: incoming.rawHeaders.length / 2,
    };
    return this.#gate.admit(handshake, caller, (admitted) => {
      if ("status" in admitted) return this.#refuseOn(tcp, admitted, observed, handshake);
      const whole = withAdmitted(connect, admitted);
      this.#wsAcceptor().accept(incoming, tcp, head, admitted, (socket) => {
        tcp.off("error", ignoreReset);
        this.#spawn(socket, admitted, whole, observed);
      }, (why) => {
        this.#refuseOn(tcp, badRequest(why), observed, handshake);
      });
    });
  }

  async #accept(
    opened: Promise<Socket>,
    admitted: Admitted,
    connect: ConnectInfo,
    observed: HandshakeObservation,
  ): Promise<void> {
    const arrived = this.population.expect(admitted.address);
    const socket = await inTime(opened, this.#options.handshakeTimeoutMs, this.clock)
      .catch((): typeof LATE => LATE);
    arrived();
    // Of a client that left in mid-upgrade Deno may say nothing, and nobody has been told.
    if (socket === LATE) {
      observed.lost();
      return void opened.then((late) => late.terminate(), () => {});
    }
    this.#spawn(socket, admitted, connect, observed);
  }

  #spawn(
    socket: Socket,
    { target, targetName, login, address }: Admitted,
    connect: ConnectInfo,
    observed: HandshakeObservation,
  ): void {
    const connection = new WebSocketConnection(
      socket,
      target,
      connect,
      this.#settings,
      observed.accepted(),
      { targetName, login },
    );
    const most = this.#options.maxConnectionsPerUser;
    const isCounted = login === undefined || most === 0 ||
      this.population.totalOfUser(login.user) < most;
    if (!isCounted) connection.bar(CLOSE_CODES.connectionLimit.code, "connection limit");
    try {
      if (this.#self === undefined || this.#draining) throw new Error("the handler is stopping");
      this.#self.spawnMeta(connection);
      this.population.add(connection, address, isCounted ? login?.user : undefined);
      this.#watch.update(this.#options);
      this.#accepted++;
    } catch {
      connection.terminate("shutdown");
    }
  }

  #closed(connection: WebSocketConnection, reported: boolean): void {
    if (!this.population.remove(connection)) return;
    this.#watch.update(this.#options);
    if (!reported) this.#orphaned++;
  }

  inspect(): InspectRecord {
    return {
      connections: this.connections,
      accepted: this.#accepted,
      refused: this.#refused,
      orphaned: this.#orphaned,
      pool: this.#options.pool.join(" "),
    };
  }
}

function ignoreReset(): void {}

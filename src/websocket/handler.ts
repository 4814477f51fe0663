/**
 * The meta-process that accepts handshakes (seeds 000 and 001: CreateHandler).
 *
 * @module
 */

import type { ExitReason, MetaProcess, Pid } from "../actor/mod.ts";
import { formatAddr } from "./address.ts";
import { assertCloseFrame, CLOSE_CODES, closeFrameOfExit } from "./close_codes.ts";
import { type ConnectInfo, Connection, type ConnectionSettings } from "./connection.ts";
import { BATCH_INTERVAL_MS, planBatches } from "./drain.ts";
import { upgradeNative } from "./engines/native.ts";
import type {
  Handler,
  HandlerDrainOptions,
  ReconfigurableOptions,
  RequestInfo,
} from "./handler_types.ts";
import { negotiateSubprotocol, type Refusal, refuseHandshake, unavailable } from "./handshake.ts";
import { inTime, LATE } from "./in_time.ts";
import { type HandlerOptions, type OriginCheck, resolveOptions } from "./options.ts";
import { refuseOrigin, toOriginCheck } from "./origins.ts";
import { pickTarget } from "./pool.ts";
import type { Socket } from "./socket.ts";

/**
 * Creates a handler; give it to `spawnMeta`, and its `fetch` to `Deno.serve`.
 *
 * Each accepted handshake spawns one connection, whose target is the next live
 * name of `pool`, or the process that spawned the handler if the pool is empty.
 * When the handler ends, its connections are closed with 1001, or with 1011 if
 * it does so because of a failure, as when its parent throws.
 *
 * @throws {TypeError} If an origin has a form that is not accepted.
 * @throws {RangeError} If a limit is not a positive number.
 *
 * @example
 * ```ts
 * import { createHandler, createNode, isMessage } from "@troupe/troupe";
 *
 * await using node = createNode();
 * const handler = createHandler({ origins: "*" });
 * node.spawn(async (self) => {
 *   self.spawnMeta(handler);
 *   for await (const { message } of self) {
 *     if (isMessage(message)) self.send(message.id, { kind: "message", body: message.body });
 *   }
 * });
 * await using server = Deno.serve({ hostname: "127.0.0.1", port: 0 }, handler.fetch);
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
export class WebSocketHandler implements Handler, ConnectionSettings {
  readonly closeTimeoutMs: number;
  readonly stopTimeoutMs: number;
  #options: Required<HandlerOptions>;
  #isWelcome: OriginCheck;
  #self: MetaProcess | undefined;
  #cursor = 0;
  #opening = 0;
  #accepted = 0;
  #refused = 0;
  #orphaned = 0;
  #draining = false;
  readonly #open = new Set<Connection>();
  #whenEmpty: (() => void)[] = [];

  constructor(options: HandlerOptions, closeTimeoutMs: number = CLOSE_TIMEOUT_MS) {
    this.closeTimeoutMs = closeTimeoutMs;
    this.stopTimeoutMs = closeTimeoutMs + STOP_MARGIN_MS;
    this.#options = resolveOptions(options);
    this.#isWelcome = toOriginCheck(this.#options.origins);
  }

  // What connections read, anew for each message

  get maxMessageBytes(): number {
    return this.#options.maxMessageBytes;
  }

  get sendQueueBytes(): number {
    return this.#options.sendQueueBytes;
  }

  get slowConsumer(): "close" | "drop-oldest" {
    return this.#options.slowConsumer;
  }

  get targetLost(): "close" | "next" {
    return this.#options.targetLost;
  }

  get connections(): number {
    return this.#open.size + this.#opening;
  }

  async run(self: MetaProcess): Promise<void> {
    this.#self = self;
    self.onInspect(() => this.#describe());
    for await (const { message, reply } of self) {
      self.log.warn("A handler was sent {message}, which it does not expect", { message });
      reply?.(new TypeError("Cannot answer: a WebSocket handler takes no requests"));
    }
    this.#self = undefined;
    await this.drain({ spreadMs: 0, ...closeFrameOfExit(self.signal.reason) });
  }

  terminate(reason: ExitReason): void {
    this.#self = undefined;
    for (const connection of [...this.#open]) connection.terminate(reason);
  }

  readonly fetch = async (request: Request, info?: RequestInfo): Promise<Response> => {
    // Deno forgets both with the upgrade.
    const peer = info?.remoteAddr;
    const remoteAddr = peer === undefined ? "" : formatAddr(peer);
    const localAddr = info?.localAddr === undefined
      ? new URL(request.url).host
      : formatAddr(info.localAddr);
    const { handshakeTimeoutMs } = this.#options;
    const refusal = this.#refuse() ?? refuseHandshake(request.method, request.headers) ??
      await refuseOrigin(request, this.#isWelcome, handshakeTimeoutMs) ??
      this.#refuse() ?? this.#refuseMore();
    if (refusal !== undefined) return this.#answer(refusal);
    const target = this.nextTarget();
    if (target === undefined) {
      return this.#answer(unavailable("no process of the pool is running"));
    }
    const protocol = negotiateSubprotocol(this.#options.subprotocols, request.headers);
    const headers = Object.fromEntries(request.headers);
    const connect = { remoteAddr, localAddr, url: request.url, headers, protocol };
    try {
      const { response, opened } = upgradeNative(request, { protocol, peer });
      this.#opening++;
      void this.#accept(opened, target, connect);
      return response;
    } catch (error) {
      return this.#answer({ status: 400, reason: `Cannot upgrade: ${(error as Error).message}` });
    }
  };

  nextTarget(): Pid | undefined {
    const self = this.#self;
    if (self === undefined) return undefined;
    if (this.#options.pool.length === 0) return self.parent;
    const picked = pickTarget(this.#options.pool, this.#cursor, (name) => self.whereis(name));
    if (picked === undefined) return undefined;
    this.#cursor = picked.cursor;
    return picked.pid;
  }

  closed(connection: Connection, reported: boolean): void {
    this.#open.delete(connection);
    if (!reported) this.#orphaned++;
    this.#tellIfEmpty();
  }

  reconfigure(options: ReconfigurableOptions): void {
    const next = resolveOptions(options, this.#options);
    this.#isWelcome = toOriginCheck(next.origins);
    this.#options = next;
  }

  async drain(
    { spreadMs, code = CLOSE_CODES.goingAway.code, reason = "going away" }: HandlerDrainOptions,
  ): Promise<void> {
    assertCloseFrame(code, reason);
    this.#draining = true;
    const connections = [...this.#open];
    let first = 0;
    for (const size of planBatches(connections.length, spreadMs)) {
      if (first > 0) await new Promise((resolve) => setTimeout(resolve, BATCH_INTERVAL_MS));
      for (const connection of connections.slice(first, first += size)) {
        connection.close(code, reason);
      }
    }
    if (this.#open.size > 0) await new Promise<void>((done) => this.#whenEmpty.push(done));
  }

  /** Looked at twice: before any work, and after the origin check, which may take its time. */
  #refuse(): Refusal | undefined {
    if (this.#self === undefined) return unavailable("the handler is not running");
    return this.#draining ? unavailable("the server is going away") : undefined;
  }

  #refuseMore(): Refusal | undefined {
    const { maxConnections } = this.#options;
    if (this.connections < maxConnections) return undefined;
    return unavailable(`all ${maxConnections} connections are in use`);
  }

  #answer({ status, reason, headers }: Refusal): Response {
    this.#refused++;
    return new Response(`${reason}\n`, { status, headers });
  }

  async #accept(opened: Promise<Socket>, target: Pid, connect: ConnectInfo): Promise<void> {
    const socket = await inTime(opened, this.#options.handshakeTimeoutMs)
      .catch((): typeof LATE => LATE);
    this.#opening--;
    // Of a client that left in mid-upgrade Deno may say nothing, and nobody has been told.
    if (socket === LATE) return void opened.then((late) => late.terminate(), () => {});
    const connection = new Connection(socket, target, connect, this);
    try {
      if (this.#self === undefined || this.#draining) throw new Error("the handler is stopping");
      this.#self.spawnMeta(connection);
      this.#open.add(connection);
      this.#accepted++;
    } catch {
      connection.terminate("shutdown");
    }
  }

  #tellIfEmpty(): void {
    if (this.#open.size > 0) return;
    for (const done of this.#whenEmpty.splice(0)) done();
  }

  #describe(): Record<string, string | number> {
    return {
      connections: this.connections,
      accepted: this.#accepted,
      refused: this.#refused,
      orphaned: this.#orphaned,
      pool: this.#options.pool.join(" "),
    };
  }
}

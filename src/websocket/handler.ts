/**
 * The meta-process that accepts handshakes (seeds 000 and 001: CreateHandler).
 *
 * @module
 */

import type { ExitReason, MetaBehavior, MetaProcess, Pid } from "../actor/mod.ts";
import { formatAddr } from "./address.ts";
import { CLOSE_CODES } from "./close_codes.ts";
import {
  CLOSE_TIMEOUT_MS,
  type ConnectInfo,
  Connection,
  type ConnectionSettings,
} from "./connection.ts";
import { BATCH_INTERVAL_MS, planBatches } from "./drain.ts";
import { upgradeNative } from "./engines/native.ts";
import { negotiateSubprotocol, type Refusal, refuseHandshake, unavailable } from "./handshake.ts";
import { type HandlerOptions, type OriginCheck, resolveOptions } from "./options.ts";
import { toOriginCheck } from "./origins.ts";
import { pickTarget } from "./pool.ts";
import type { CloseInfo, Socket } from "./socket.ts";

/** What is known of a request besides itself: a `Deno.ServeHandlerInfo` serves. */
export interface RequestInfo {
  /** The peer. */
  readonly remoteAddr: Deno.Addr;
  /** This end, where the listener knows it. Default: the host of the request. */
  readonly localAddr?: Deno.Addr;
}

/** The options that can change while connections are open. */
export type ReconfigurableOptions = Pick<
  HandlerOptions,
  "origins" | "maxMessageBytes" | "sendQueueBytes" | "maxConnections"
>;

/** How connections are closed by `drain`. */
export interface HandlerDrainOptions {
  /** Time over which they are spread, in milliseconds. */
  readonly spreadMs: number;
  /** Default 1001. */
  readonly code?: number;
  /** Default `"going away"`. */
  readonly reason?: string;
}

/** A meta-process that is also a fetch handler. */
export interface Handler extends MetaBehavior {
  /**
   * Answers a handshake: 101 and a connection, or what was wrong with it.
   * 503 until it is spawned and after it has ended.
   */
  fetch(request: Request, info?: RequestInfo): Promise<Response>;
  /** Open connections, with those that are being opened. */
  readonly connections: number;
  /** Changes options for later handshakes and messages. */
  reconfigure(options: ReconfigurableOptions): void;
  /** Refuses handshakes, closes connections in batches, resolves when all have ended. */
  drain(options: HandlerDrainOptions): Promise<void>;
}

/**
 * Creates a handler; give it to `spawnMeta`, and its `fetch` to `Deno.serve`.
 *
 * Each accepted handshake spawns one connection, whose target is the next live
 * name of `pool`, or the process that spawned the handler if the pool is empty.
 * When the handler ends, its connections are closed with 1001.
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

class WebSocketHandler implements Handler, ConnectionSettings {
  /** Longer than its connections take to end. */
  readonly stopTimeoutMs = CLOSE_TIMEOUT_MS + 2_000;
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

  constructor(options: HandlerOptions) {
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
    await this.drain({ spreadMs: 0 });
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
    const refusal = this.#refuse() ?? refuseHandshake(request.method, request.headers) ??
      await this.#refuseOrigin(request) ?? this.#refuse() ?? this.#refuseMore();
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

  closed(connection: Connection, _closeInfo: CloseInfo, reported: boolean): void {
    this.#open.delete(connection);
    if (!reported) this.#orphaned++;
    this.#tellIfEmpty();
  }

  reconfigure(options: ReconfigurableOptions): void {
    const next = resolveOptions({ ...this.#options, ...options });
    this.#isWelcome = toOriginCheck(next.origins);
    this.#options = next;
  }

  async drain({ spreadMs, code, reason }: HandlerDrainOptions): Promise<void> {
    this.#draining = true;
    const connections = [...this.#open];
    let first = 0;
    for (const size of planBatches(connections.length, spreadMs)) {
      if (first > 0) await new Promise((resolve) => setTimeout(resolve, BATCH_INTERVAL_MS));
      for (const connection of connections.slice(first, first += size)) {
        connection.close(code ?? CLOSE_CODES.goingAway.code, reason ?? "going away");
      }
    }
    if (this.connections > 0) await new Promise<void>((done) => this.#whenEmpty.push(done));
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

  async #refuseOrigin(request: Request): Promise<Refusal | undefined> {
    const { handshakeTimeoutMs } = this.#options;
    const late = Promise.withResolvers<"late">();
    const timer = setTimeout(() => late.resolve("late"), handshakeTimeoutMs);
    try {
      const answer = await Promise.race([this.#isWelcome(request), late.promise]);
      if (answer === true) return undefined;
      if (answer === "late") {
        const reason = `Cannot upgrade: the origin check took over ${handshakeTimeoutMs} ms`;
        return { status: 408, reason };
      }
      const origin = JSON.stringify(request.headers.get("origin"));
      return { status: 403, reason: `Cannot upgrade: the origin ${origin} is not allowed` };
    } catch (error) {
      this.#self?.log.error("The origin check failed: {error}", { error });
      return { status: 500, reason: "Cannot upgrade: the origin check failed" };
    } finally {
      clearTimeout(timer);
    }
  }

  #answer({ status, reason, headers }: Refusal): Response {
    this.#refused++;
    return new Response(`${reason}\n`, { status, headers });
  }

  async #accept(opened: Promise<Socket>, target: Pid, connect: ConnectInfo): Promise<void> {
    let socket: Socket;
    try {
      socket = await opened;
    } catch {
      // The client left in mid-upgrade: nobody has been told of it.
      this.#opening--;
      this.#tellIfEmpty();
      return;
    }
    this.#opening--;
    const connection = new Connection(socket, target, connect, this);
    try {
      if (this.#self === undefined || this.#draining) throw new Error("the handler is stopping");
      this.#self.spawnMeta(connection);
      this.#open.add(connection);
      this.#accepted++;
    } catch {
      socket.close(CLOSE_CODES.goingAway.code, "going away");
      this.#tellIfEmpty();
    }
  }

  #tellIfEmpty(): void {
    if (this.connections > 0) return;
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

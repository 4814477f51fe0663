/**
 * The topics protocol as a server of its own (seed 004: DemoWebsocketServer).
 *
 * @module
 */

import { createNode, type Node } from "../actor/mod.ts";
import {
  activeTraceparent,
  createTelemetry,
  flushMetrics,
  type MeterProvider,
  type Telemetry,
  type TracerProvider,
} from "../telemetry/mod.ts";
import { assertOptions, optionNames } from "../text/mod.ts";
import { createHandler, type Handler, type RequestInfo, warnIfExposed } from "../websocket/mod.ts";
import { type CloseClientsOptions, parseCommand } from "./commands.ts";
import { TopicsServerError } from "./errors.ts";
import { resolveTopicsOptions, type TopicsOptions } from "./options.ts";
import { createTopics } from "./topic_process.ts";

/** Options of {@linkcode createTopicsServer}. */
export interface TopicsServerOptions extends TopicsOptions {
  /**
   * Where to listen; false: nowhere, `fetch` is given to a server of one's own.
   * Default `{ hostname: "localhost", port: 8080 }`.
   */
  readonly listen?: { readonly hostname: string; readonly port: number } | false;
  /** As in `createHandler`. Default `"same-origin"`. */
  readonly origins?: string | readonly string[];
  /** Where spans go. Default: OpenTelemetry's global provider. */
  readonly tracerProvider?: TracerProvider;
  /** Where metrics go. Default: OpenTelemetry's global provider. */
  readonly meterProvider?: MeterProvider;
}

/** Defaults of {@linkcode TopicsServerOptions}, besides those of topics. */
export const TOPICS_SERVER_DEFAULTS: Readonly<{
  listen: Readonly<{ hostname: string; port: number }>;
  origins: string;
  stopTimeoutMs: number;
}> = Object.freeze({
  listen: Object.freeze({ hostname: "localhost", port: 8080 }),
  origins: "same-origin",
  stopTimeoutMs: 10_000,
});

const OPTIONS = optionNames<TopicsServerOptions>({
  topics: true,
  heartbeatPeriodMs: true,
  listen: true,
  origins: true,
  tracerProvider: true,
  meterProvider: true,
});
const CLOSE_OPTIONS = optionNames<CloseClientsOptions>({ code: true, reason: true });

const PROCESS = "topics";

/** A server of the topics protocol. Disposing it stops it if it was started. */
export interface TopicsServer extends AsyncDisposable {
  /** Where it listens; `undefined` if it does not. */
  readonly addr: Deno.NetAddr | undefined;
  /** The node with its processes, while it is started. */
  readonly node: Node | undefined;
  /**
   * Starts to accept connections, after a stop that is under way (seed 004: Start).
   *
   * @throws {TopicsServerError} `already_started`.
   * @throws {Deno.errors.AddrInUse} If the port is in use.
   */
  start(): Promise<void>;
  /**
   * Closes all connections with 1001 and stops, after a start that is under way;
   * it can be started again. Waits for clients no longer than `stopTimeoutMs`.
   *
   * @throws {TopicsServerError} `not_started`.
   */
  stop(): Promise<void>;
  /** Accepts a WebSocket connection (seed 004: ServeHTTP); 503 while it is stopped. */
  fetch(request: Request, info?: RequestInfo): Promise<Response>;
  /**
   * Closes the connections of all clients; resolves with how many they are.
   * Does nothing while it is stopped (seed 004: CloseClientConnections).
   *
   * @throws {TypeError} If the code may not be sent or the reason is too long.
   */
  closeClientConnections(options?: CloseClientsOptions): Promise<number>;
  /**
   * Publishes to the subscribers of a declared topic; resolves with how many
   * they are. Does nothing while it is stopped.
   *
   * @throws {CallHandlerError} If the topic is not declared.
   */
  publish(topic: string, data?: unknown): Promise<number>;
}

/**
 * Creates a topics server that is not started (seed 004: NewDemoWebsocketServer).
 *
 * @throws {TypeError} If there is no such option, a topic has a name that none can have, or an origin a form
 * that is not accepted.
 * @throws {RangeError} If the period is no time that a timer can wait.
 *
 * @example
 * ```ts
 * import { createTopicsServer } from "@troupe/troupe/topics";
 *
 * await using server = createTopicsServer({ listen: { hostname: "127.0.0.1", port: 0 } });
 * await server.start();
 * await server.closeClientConnections({ code: 1012, reason: "restart" }); // 0
 * ```
 */
export function createTopicsServer(options: TopicsServerOptions = {}): TopicsServer {
  assertOptions("create a topics server", options, OPTIONS);
  return new DemoServer(options);
}

const LOG = ["troupe", "topics"];

interface Running {
  readonly node: Node;
  readonly handler: Handler;
  readonly listener: Deno.HttpServer<Deno.NetAddr> | undefined;
  /** Ends the listener with every request that is under way. */
  readonly over: AbortController;
}

class DemoServer implements TopicsServer {
  readonly #options: TopicsServerOptions;
  readonly #topics: Required<TopicsOptions>;
  readonly #telemetry: Telemetry;
  #running: Running | undefined;
  /** Starts and stops come one after the other. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: TopicsServerOptions) {
    const { topics, heartbeatPeriodMs, tracerProvider, meterProvider } = options;
    this.#options = options;
    this.#topics = resolveTopicsOptions({ topics, heartbeatPeriodMs }, "create a topics server");
    // A rule for origins that is none is told of here, not at the first start.
    this.#createHandler();
    const meterProviders = [meterProvider];
    this.#telemetry = createTelemetry({ tracerProvider, meterProviders });
    this.#telemetry.close();
  }

  get addr(): Deno.NetAddr | undefined {
    return this.#running?.listener?.addr;
  }

  get node(): Node | undefined {
    return this.#running?.node;
  }

  start(): Promise<void> {
    return this.#inTurn(() => this.#start());
  }

  stop(): Promise<void> {
    return this.#inTurn(() => this.#stop());
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => {});
    return done;
  }

  async #start(): Promise<void> {
    if (this.#running !== undefined) throw new TopicsServerError("already_started");
    const span = this.#telemetry.span("start");
    this.#telemetry.reopen();
    try {
      this.#running = this.#run();
      const { node, listener } = this.#running;
      // Answered once the handler has been spawned.
      await node.call("owner", "started");
      this.#telemetry.started();
      if (listener !== undefined) warnIfExposed(LOG, "The topics server", listener.addr.hostname);
      span?.set({
        "troupe.node": node.name,
        "server.address": listener?.addr.hostname,
        "server.port": listener?.addr.port,
      });
    } catch (error) {
      this.#telemetry.close();
      span?.fail((error as Error).message);
      throw error;
    } finally {
      span?.end();
    }
  }

  async #stop(): Promise<void> {
    const running = this.#running;
    if (running === undefined) throw new TopicsServerError("not_started");
    const { node, handler, listener, over } = running;
    this.#running = undefined;
    const attributes = { "troupe.node": node.name, "troupe.connections": handler.connections };
    const span = this.#telemetry.span("stop", { attributes });
    await node.stop({ timeoutMs: TOPICS_SERVER_DEFAULTS.stopTimeoutMs });
    // After a shutdown() somebody who does not end a request would hold the program.
    over.abort();
    await listener?.finished;
    this.#telemetry.stopped();
    await flushMetrics(this.#options.meterProvider, TOPICS_SERVER_DEFAULTS.stopTimeoutMs);
    this.#telemetry.close();
    span?.end();
  }

  readonly fetch = async (request: Request, info?: RequestInfo): Promise<Response> => {
    if (this.#running !== undefined) return await this.#running.handler.fetch(request, info);
    const text = "Cannot upgrade: the topics server is not started\n";
    return new Response(text, { status: 503 });
  };

  async closeClientConnections(options: CloseClientsOptions = {}): Promise<number> {
    assertOptions("close client connections", options, CLOSE_OPTIONS);
    const trace = activeTraceparent();
    return await this.#ask({ kind: "closeClientConnections", ...options, trace });
  }

  async publish(topic: string, data?: unknown): Promise<number> {
    return await this.#ask({ kind: "publish", topic, data });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#inTurn(async () => {
      if (this.#running !== undefined) await this.#stop();
    });
  }

  async #ask(command: unknown): Promise<number> {
    parseCommand(command);
    return await this.#running?.node.call(PROCESS, command) as number ?? 0;
  }

  #createHandler(): Handler {
    const { origins = TOPICS_SERVER_DEFAULTS.origins } = this.#options;
    return createHandler({ pool: [PROCESS], origins });
  }

  #run(): Running {
    const { listen = TOPICS_SERVER_DEFAULTS.listen } = this.#options;
    const handler = this.#createHandler();
    const over = new AbortController();
    const serveOptions = { onListen: () => {}, signal: over.signal };
    const listener = listen === false
      ? undefined
      : Deno.serve({ ...listen, ...serveOptions }, handler.fetch);
    const node = createNode({ telemetry: this.#telemetry });
    node.spawn(createTopics(this.#topics), { name: PROCESS });
    node.spawn(async (self) => {
      self.spawnMeta(handler);
      for await (const { reply } of self) reply?.(true);
    }, { name: "owner" });
    return { node, handler, listener, over };
  }
}

/**
 * A server of several threads, which are one to the outside.
 *
 * @module
 */

import { createNode, type Node } from "../actor/mod.ts";
import type { Machine } from "../cluster/mod.ts";
import {
  type Config,
  ConfigError,
  dataOf,
  type SecretSources,
  workingDirectory,
} from "../config/mod.ts";
import {
  createToken,
  probeAddress,
  SCOPES,
  ServerStartError,
  type StartErrorCode,
} from "../http/mod.ts";
import { emitForwarded, getLogger, LINK_METRICS, mergeMetrics, METRICS } from "../telemetry/mod.ts";
import { assertOptions, optionNames } from "../text/mod.ts";
import { nameOfWorker, startWorkers, type Workers, WorkerStartError } from "../workers/mod.ts";
import { placeOf } from "./admin.ts";
import { openConfigured } from "./cluster.ts";
import type { DrainOptions } from "./drain.ts";
import { CountsBoard, SharedTotals } from "./shared_counts.ts";
import type { ServeOptions, Server } from "./types.ts";
import type { FromMain, FromServerWorker, WorkerData } from "./worker_messages.ts";

const log = getLogger(["troupe", "server"]);

const DRAIN_OPTIONS = optionNames<DrainOptions>({ delayMs: true, timeoutMs: true });

/** For what lives on the main thread: nothing, unless the program put it there. */
const STOP_MS = 200;

/** Metrics that say something of one thread, as Prometheus calls them. */
const OF_THREAD: ReadonlySet<string> = new Set(
  [
    METRICS.eventLoopLag,
    METRICS.startTimestamp,
    METRICS.started,
    ...LINK_METRICS.map(([each]) => each),
  ]
    .map(({ name, unit, kind }) => {
      const plain = name.replaceAll(".", "_");
      const withUnit = unit === "s" ? `${plain}_seconds` : plain;
      return kind === "counter" ? `${plain}_total` : withUnit;
    })
    .flatMap((name) => [name, name.replace(/_seconds$/, "")]),
);

/** As `serve`, with several workers. */
export async function serveWorkers(
  count: number,
  config: Config,
  options: ServeOptions,
): Promise<Server> {
  const server = new WorkerServer(count, config, options);
  await server.start();
  return server;
}

class WorkerServer implements Server {
  readonly node: Node;
  readonly cluster = undefined;
  /** Each worker says where it is. */
  readonly adminAddr = undefined;
  readonly addr: Deno.NetAddr;
  readonly finished: Promise<void>;
  readonly #count: number;
  readonly #config: Config;
  readonly #options: ServeOptions;
  readonly #board = new CountsBoard();
  readonly #paths: readonly string[];
  readonly #totals: SharedTotals;
  readonly #finish: () => void;
  /** What takes levels of loggers back that a worker was given. */
  readonly #overrides = new Map<number, Map<number, () => void>>();
  failure: string | undefined;
  #token: string | undefined;
  #root: unknown;
  #level: string;
  #machine: Machine | undefined;
  #workers: Workers | undefined;
  #state: Server["state"] = "ready";
  #draining: Promise<void> | undefined;

  constructor(count: number, config: Config, options: ServeOptions) {
    this.#count = count;
    this.#config = config;
    this.#options = options;
    this.#paths = Object.keys(config.endpoints);
    this.#totals = new SharedTotals(this.#paths, count);
    this.#root = this.#withToken(config);
    this.#level = config.log.level;
    const { hostname, port } = config.listen;
    this.addr = { transport: "tcp", hostname, port: probeAddress(hostname, port) };
    this.node = createNode({ name: config.node.name });
    const { promise, resolve } = Promise.withResolvers<void>();
    this.finished = promise;
    this.#finish = resolve;
  }

  get state(): Server["state"] {
    return this.#state;
  }

  async start(): Promise<void> {
    try {
      this.#machine = await openConfigured(this.#config, this.#sources);
      this.#workers = await startWorkers(new URL("./worker.ts", import.meta.url), {
        count: this.#count,
        node: this.node,
        machine: this.#machine,
        data: (index) => this.#dataOf(index),
        hear: (index, message) => this.#hear(index, message as FromServerWorker),
        answer: () => this.#readMetrics(),
        ended: (index) => this.#forget(index),
        stuck: (index) => this.#fail(`the thread of worker ${index} cannot be stopped`),
        killBlockedAfterMs: this.#config.workers.killBlockedAfterMs,
      });
    } catch (error) {
      await this.#machine?.close();
      await this.node.stop({ timeoutMs: 0 });
      throw error instanceof WorkerStartError ? toStartError(error) : error;
    }
    const { hostname, port } = this.addr;
    if (this.#token !== undefined) {
      log.info("The token of the operator's API is, for this start, {made}", { made: this.#token });
    }
    log.info("{workers} workers share port {port} of {hostname}", {
      workers: this.#count,
      port,
      hostname,
    });
  }

  async drain(options: DrainOptions = {}): Promise<void> {
    assertOptions("drain a server", options, DRAIN_OPTIONS);
    await (this.#draining ??= this.#drainOnce(options));
  }

  async reconfigure(config: Config): Promise<void> {
    const root = this.#withToken(config);
    await Promise.all(this.#ready.map((index) => this.#ask(index, { kind: "reconfigure", root })));
    this.#root = root;
    this.#level = config.log.level;
    for (const index of this.#ready) this.#tell(index, { kind: "logLevel", level: this.#level });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.drain({ delayMs: 0 });
  }

  get #ready(): readonly number[] {
    return this.#workers?.ready ?? [];
  }

  get #sources(): SecretSources {
    const { environment, baseDirectory = workingDirectory() } = this.#options;
    return { environment, baseDirectory };
  }

  #dataOf(index: number): WorkerData {
    const { environment, baseDirectory } = this.#sources;
    return {
      root: this.#root,
      port: this.addr.port,
      paths: this.#paths,
      totals: this.#totals.memory,
      counts: [...this.#board.messagesFor(index)],
      others: Array.from({ length: this.#count }, (_, at) => at + 1)
        .filter((other) => other !== index)
        .map((other) => nameOfWorker(this.#config.node.name, other)),
      baseDirectory,
      environment,
      logLevel: this.#level as WorkerData["logLevel"],
      otlp: this.#options.otlp,
    };
  }

  /** Without a token of the operator's, all workers have the one that is made now. */
  #withToken(config: Config): unknown {
    const root = dataOf(config) as Record<string, unknown>;
    if (placeOf(config) === "nowhere" || config.admin.tokens.length > 0) return root;
    this.#token ??= createToken();
    const tokens = [{ name: "start", token: this.#token, scopes: [...SCOPES] }];
    return { ...root, admin: { ...root.admin as object | undefined, tokens } };
  }

  #tell(index: number, message: FromMain): void {
    this.#workers?.tell(index, message);
  }

  #ask(index: number, request: FromMain): Promise<unknown> {
    return this.#workers!.ask(index, request);
  }

  #hear(index: number, message: FromServerWorker): void {
    if (message.kind === "log") return emitForwarded(message.record, { worker: index });
    if (message.kind === "override") return this.#override(index, message);
    if (message.kind !== "counts") return;
    this.#board.hear(index, message);
    for (const other of this.#ready) {
      if (other !== index) this.#tell(other, { kind: "counts", worker: index, message });
    }
  }

  #override(
    worker: number,
    { id, category, level }: Extract<FromServerWorker, { kind: "override" }>,
  ): void {
    let undos = this.#overrides.get(worker);
    if (undos === undefined) this.#overrides.set(worker, undos = new Map());
    if (level !== undefined) {
      undos.set(id, this.#options.logs?.overrideLevel(category, level) ?? (() => {}));
    } else {
      undos.get(id)?.();
      undos.delete(id);
    }
  }

  /** Only a new start of the whole helps. */
  #fail(why: string): void {
    this.failure = why;
    log.fatal("The server stops: {why}", { why });
    void this.drain();
  }

  #forget(index: number): void {
    this.#board.forget(index);
    for (const undo of this.#overrides.get(index)?.values() ?? []) undo();
    this.#overrides.delete(index);
    this.#totals.forget(index);
    for (const other of this.#ready) this.#tell(other, { kind: "ended", worker: index });
  }

  async #readMetrics(): Promise<string> {
    const texts = await Promise.allSettled(
      this.#ready.map(async (index) => ({
        worker: String(index),
        text: String(await this.#ask(index, { kind: "metrics" })),
      })),
    );
    const threads = texts.flatMap((each) => each.status === "fulfilled" ? [each.value] : []);
    return mergeMetrics(threads, (name) => OF_THREAD.has(name));
  }

  async #drainOnce(options: DrainOptions): Promise<void> {
    this.#state = "draining";
    const { delayMs, timeoutMs } = { ...this.#config.drain, ...options };
    const drained = Promise.allSettled(
      this.#ready.map((index) =>
        this.#ask(index, { kind: "drain", options: { delayMs, timeoutMs } })
      ),
    );
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<void>((resolve) => timer = setTimeout(resolve, delayMs + timeoutMs));
    await Promise.race([drained, late]);
    clearTimeout(timer);
    await this.#workers?.[Symbol.asyncDispose]();
    await this.#machine?.close();
    await this.node.stop({ timeoutMs: STOP_MS });
    this.#state = "stopped";
    this.#finish();
  }
}

function toStartError({ message, code }: WorkerStartError): Error {
  if (code === "config_invalid") return new ConfigError(message.split("\n"));
  return new ServerStartError(code as StartErrorCode ?? "worker_failed", message);
}

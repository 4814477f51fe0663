/**
 * Starts a server: node, processes, handlers, listener.
 *
 * @module
 */

import { createNode, type Node } from "../actor/mod.ts";
import type { Cluster } from "../cluster/mod.ts";
import {
  type Config,
  exposedEndpoints,
  type ListenConfig,
  NATIVE_LIMITS,
  planReload,
  workingDirectory,
} from "../config/mod.ts";
import {
  type Certificate,
  createClientOf,
  createRoutes,
  EndpointPaths,
  listen,
  type Listener,
  loadCertificate,
  showAddress,
} from "../http/mod.ts";
import { getLogger, type LogsHandle } from "../telemetry/mod.ts";
import { assertOptions, isLoopbackHost, optionNames } from "../text/mod.ts";
import { createWebAssets } from "../web/mod.ts";
import { type Handler, HANDLER_DEFAULTS, shareLimits } from "../websocket/mod.ts";
import { type Admin, prepareAdmin, startAdmin } from "./admin.ts";
import { createApiHost } from "./api_host.ts";
import { prepareWebhooks, startWebhooks } from "./hooks.ts";
import { addGlobalGroup, isPlaced, joinConfigured } from "./cluster.ts";
import { type DrainOptions, drainServer } from "./drain.ts";
import { createEndpoints, type Endpoint, prepareEndpoints } from "./endpoints.ts";
import { createInstruments, type Instruments, reportServer, traceStart } from "./instruments.ts";
import { prepareLogins } from "./logins.ts";
import { loadAccepts, loadGroup } from "./process_modules.ts";
import type { ProcessGroup } from "./process_groups.ts";
import { createRoot } from "./root.ts";
import type { MeasuredServer, ServeOptions, Server, ServerPart } from "./types.ts";

const log = getLogger(["troupe", "server"]);

/** Time for telling why a server did not start, in milliseconds. */
const FAILED_START_FLUSH_MS = 1_000;

const SERVE_OPTIONS = optionNames<ServeOptions>({
  tracerProvider: true,
  meterProvider: true,
  flush: true,
  baseDirectory: true,
  environment: true,
  logs: true,
  otlp: true,
});
const DRAIN_OPTIONS = optionNames<DrainOptions>({ delayMs: true, timeoutMs: true });

async function loadGroups(config: Config, baseDirectory: string): Promise<ProcessGroup[]> {
  const groups: ProcessGroup[] = [];
  for (const [name, group] of Object.entries(config.processes)) {
    groups.push(await loadGroup(name, group, baseDirectory));
  }
  return groups;
}

function logStart(config: Config, addr: Deno.NetAddr, endpoints: readonly Endpoint[]): void {
  for (const { path, config: { pool, target }, engine, reason } of endpoints) {
    log.info("Endpoint {path} goes to {pool}, engine {engine} ({reason})", {
      path,
      pool: target === "" ? pool : target,
      engine,
      reason,
    });
  }
  const limits = NATIVE_LIMITS.join("; ");
  for (const path of exposedEndpoints(config)) {
    log.warn("Endpoint {path} has engine native on a public address; nothing {limits}", {
      path,
      limits,
    });
  }
  if (endpoints.length === 0) log.warn("No endpoints are configured");
  const address = showAddress(addr.hostname, addr.port);
  log.info("Listening on {url}", {
    url: `${config.listen.tls === undefined ? "http" : "https"}://${address}/`,
    addr: address,
    hostname: addr.hostname,
    port: addr.port,
    node: config.node.name,
  });
}

async function startProcesses(
  node: Node,
  groups: readonly ProcessGroup[],
  handlers: readonly Handler[],
): Promise<void> {
  const started = Promise.withResolvers<void>();
  const root = createRoot({ groups, handlers, onStarted: started.resolve });
  node.spawn((self) =>
    root(self).catch((error) => {
      // Without effect once it has started; then the node reports the panic.
      started.reject(error);
      throw error;
    })
  );
  await started.promise;
}

/** By default only those see the page who can reach a server on a loopback address. */
function showsPage({ page, listen: { hostname } }: Config): boolean {
  return page === "auto" ? isLoopbackHost(hostname) : page;
}

/** A listener that can be made before the server is there that its routes ask. */
type StartListener = (
  isReady: () => boolean,
  trouble: () => string | undefined,
  admin: Admin,
) => Promise<Listener>;

function prepareListener(
  config: Config,
  endpoints: readonly Endpoint[],
  certificate: Certificate | undefined,
  { readMetrics, reusesPort }: Pick<ServerPart, "readMetrics"> & Partial<ServerPart>,
): StartListener {
  const own = endpoints.map(({ path, handler }) => [path, handler] as const);
  const timeouts = endpoints.map((each) => each.config.handshakeTimeoutMs);
  const { hostname, port, hosts, trustProxy, maxOpenFiles, keepAliveTimeoutMs } = config.listen;
  const isNative = endpoints.every(({ engine }) => engine === "native");
  return async (isReady, trouble, { place, services, endpoints: admins }) => {
    const assets = await createWebAssets(endpoints.map(({ path }) => path), showsPage(config));
    const isHere = place === "main listener";
    const admin = isHere ? { readMetrics, services } : {};
    const paths = new EndpointPaths([...isHere ? admins : [], ...own]);
    const routes = createRoutes({ endpoints: paths, assets, isReady, trouble, ...admin });
    // Until its headers are read nobody knows whose deadline a request has.
    const handshakeTimeoutMs = timeouts.length > 0
      ? Math.max(...timeouts)
      : HANDLER_DEFAULTS.handshakeTimeoutMs;
    const clientOf = createClientOf(trustProxy);
    return await listen({
      hostname,
      port,
      reusesPort,
      certificate,
      routes,
      endpoints: paths,
      clientOf,
      hosts,
      handshakeTimeoutMs,
      keepAliveTimeoutMs,
      maxOpenFiles,
    }, isNative ? "native" : "ws");
  };
}

/** Reads the certificate again; returns what puts it into use. */
async function renewCertificate(
  { tls }: ListenConfig,
  listener: Listener,
  baseDirectory: string,
): Promise<() => void> {
  if (tls === undefined) return () => {};
  const certificate = await loadCertificate(tls, baseDirectory);
  if (listener.replaceCertificate !== undefined) {
    return () => listener.replaceCertificate?.(certificate);
  }
  return () => log.warn("With engine native a new certificate waits for the next start");
}

/** What a server is made of besides its node and its endpoints. */
interface ServerParts extends Pick<Instruments, "close" | "readMetrics"> {
  readonly baseDirectory: string;
  readonly environment: ServeOptions["environment"];
  readonly logs: LogsHandle | undefined;
  readonly endWebhooks: (leftMs: number) => Promise<void>;
  readonly cluster: Cluster | undefined;
  readonly part: ServerPart | undefined;
}

/** The parts of a server that have been started, as one thing to stop. */
async function createServer(
  config: Config,
  node: Node,
  endpoints: readonly Endpoint[],
  startListener: StartListener,
  parts: ServerParts,
): Promise<Server> {
  let state: Server["state"] = "ready";
  let draining: Promise<void> | undefined;
  const finished = Promise.withResolvers<void>();
  const handlers = endpoints.map(({ handler }) => handler);
  const { baseDirectory, close, cluster, endWebhooks } = parts;
  const isReady = () => state === "ready" && listener.isListening;
  const trouble = () => cluster?.trouble;
  const host = createApiHost(config, node, endpoints, parts);
  const isElsewhere = parts.part?.isAdminElsewhere === true;
  const admin = await prepareAdmin({ ...parts, config, host, isReady, trouble, isElsewhere });
  const listener: Listener = await startListener(isReady, trouble, admin);
  await startAdmin(admin, listener);
  const all = [...handlers, ...admin.endpoints.map(([, handler]) => handler)];
  const reportStop = reportServer(node.telemetry, node, handlers);

  async function drainOnce(options: DrainOptions): Promise<void> {
    state = "draining";
    const timing = { ...config.drain, ...options };
    const untilMs = performance.now() + timing.delayMs + timing.timeoutMs;
    admin.release();
    await reportStop(() => drainServer({ node, handlers: all, listener, cluster }, timing));
    await endWebhooks(untilMs - performance.now());
    await admin.stop(Math.max(0, untilMs - performance.now()));
    await close(untilMs - performance.now());
    state = "stopped";
    finished.resolve();
  }

  /** One after the other, so that the last one wins. */
  let turn: Promise<unknown> = Promise.resolve();

  async function reconfigureOnce(next: Config): Promise<void> {
    const apply = prepareEndpoints(endpoints, planReload(config, next).endpoints);
    const hasTls = config.listen.tls !== undefined;
    const renew = hasTls && await renewCertificate(next.listen, listener, baseDirectory);
    // First, since it is what may still fail.
    if (renew) renew();
    apply();
  }

  async function drain(options: DrainOptions = {}): Promise<void> {
    assertOptions("drain a server", options, DRAIN_OPTIONS);
    await (draining ??= drainOnce(options));
  }

  return {
    addr: listener.addr,
    get adminAddr() {
      return admin.addr ?? (admin.place === "main listener" ? listener.addr : undefined);
    },
    node,
    cluster,
    get state() {
      return state;
    },
    drain,
    finished: finished.promise,
    reconfigure(next) {
      const done = turn.then(() => reconfigureOnce(next));
      turn = done.catch(() => {});
      return done;
    },
    [Symbol.asyncDispose]: () => drain({ delayMs: 0 }),
  };
}

/**
 * Starts a server and resolves when it listens and all its processes run.
 *
 * Leaves signals, logs and the process that it runs in alone; whoever calls it
 * decides about those.
 *
 * @throws {TypeError} If there is no such option.
 * @throws {ConfigError} If a secret of the configuration cannot be read.
 * @throws {ServerStartError} If a process module does not load, the certificate
 * cannot be used, the cluster cannot be joined, or the address cannot be listened on.
 *
 * @example
 * ```ts
 * import { parseConfig, serve } from "@troupe/troupe/server";
 *
 * await using server = await serve(parseConfig({ listen: { port: 0 } }));
 * const socket = new WebSocket(`ws://127.0.0.1:${server.addr.port}/ws`);
 * await new Promise((resolve) => socket.onopen = resolve);
 * socket.close();
 * ```
 */
export async function serve(config: Config, options: ServeOptions = {}): Promise<Server> {
  assertOptions("serve", options, SERVE_OPTIONS);
  const count = countWorkers(config);
  if (count === 1) return await startServer(config, options);
  const { serveWorkers } = await import("./serve_workers.ts");
  return await serveWorkers(count, config, options);
}

function countWorkers({ node: { workers } }: Config): number {
  return workers === "auto" ? navigator.hardwareConcurrency : workers;
}

/** As `serve`, on this thread; `part` says what it is one of. */
export async function startServer(
  config: Config,
  options: ServeOptions,
  part?: ServerPart,
): Promise<MeasuredServer> {
  const instruments = await createInstruments(options);
  try {
    const server = await traceStart(
      instruments.telemetry,
      config.node.name,
      () => start(config, options, instruments, part),
    );
    return Object.assign(server, { readMetrics: instruments.readMetrics });
  } catch (error) {
    await instruments.close(FAILED_START_FLUSH_MS);
    throw error;
  }
}

async function start(
  config: Config,
  { environment, baseDirectory = workingDirectory(), logs }: ServeOptions,
  instruments: Instruments,
  part: ServerPart | undefined,
): Promise<Server> {
  const { tls } = config.listen;
  const certificate = tls && await loadCertificate(tls, baseDirectory);
  const groups = await loadGroups(config, baseDirectory);
  const accepts = await loadAccepts(config.endpoints, baseDirectory);
  const { telemetry } = instruments;
  const logins = await prepareLogins(config, { environment, baseDirectory }, telemetry);
  const webhooks = await prepareWebhooks(config, { environment, baseDirectory }, telemetry);
  const endpoints = createEndpoints(config, accepts, { logins, webhooks });
  const startListener = prepareListener(config, endpoints, certificate, part ?? instruments);
  const handlers = endpoints.map(({ handler }) => handler);
  const node = createNode({ name: config.node.name, telemetry });
  part?.join(node);
  for (const { path, handler } of endpoints) {
    const others = part?.countsOf(path);
    if (others !== undefined) shareLimits(handler, others);
  }
  let cluster: Cluster | undefined;
  try {
    const sources = { environment, baseDirectory };
    const member = cluster = await joinConfigured(config, node, sources, part?.machine);
    const isMember = member !== undefined;
    const [placed, local] = partition(groups, (group) => isPlaced(group, config, isMember));
    const endWebhooks = startWebhooks(webhooks, node);
    await startProcesses(node, local, handlers);
    for (const group of placed) addGlobalGroup(member!, node, group);
    const readMetrics = part?.readMetrics ?? instruments.readMetrics;
    const given = { baseDirectory, environment, logs, cluster, endWebhooks, part };
    const parts = { close: instruments.close, readMetrics, ...given };
    const server = await createServer(config, node, endpoints, startListener, parts);
    logStart(config, server.addr, endpoints);
    return server;
  } catch (error) {
    await cluster?.leave();
    await node.stop({ timeoutMs: config.drain.timeoutMs });
    throw error;
  }
}

function partition<T>(all: readonly T[], isFirst: (each: T) => boolean): [T[], T[]] {
  return [all.filter(isFirst), all.filter((each) => !isFirst(each))];
}

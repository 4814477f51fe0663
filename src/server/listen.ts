/**
 * A listener for handlers of a program of one's own.
 *
 * @module
 */

import {
  chooseEngineFor,
  CONFIG_DEFAULTS,
  type EngineListener,
  workingDirectory,
} from "../config/mod.ts";
import {
  createClientOf,
  createEndpointRoutes,
  EndpointPaths,
  listen as listenOn,
  loadCertificate,
} from "../http/mod.ts";
import { assertOptions, optionNames, showValue } from "../text/mod.ts";
import {
  type EngineName,
  type Handler,
  HANDLER_DEFAULTS,
  type RequestInfo,
} from "../websocket/mod.ts";

/** What a listener gives handshakes to: a handler, or the `endpoint` of an event server. */
export type ListenTarget = Pick<Handler, "fetch" | "upgrade" | "optionsForWs">;

/** Options of {@linkcode listen}. */
export interface ListenOptions {
  /** Address or name to listen on. Default `"127.0.0.1"`. */
  readonly hostname?: string;
  /** 0 lets the system choose. Default 8080. */
  readonly port?: number;
  /** Paths of PEM files, relative to the working directory. Default: no TLS. */
  readonly tls?: { readonly cert: string; readonly key: string } | undefined;
  /**
   * Answers what is no handshake, such as requests for a page. Default: handlers say that they
   * expect one, elsewhere it is 404.
   */
  readonly fetch?: (request: Request, info: RequestInfo) => Response | Promise<Response>;
  /**
   * What carries the frames. Default `"auto"`: `native` on a loopback address without TLS,
   * unless a handler has options that ask for `ws`; else `ws`.
   */
  readonly engine?: EngineName | "auto";
  /** Addresses and ranges of proxies whose word on the client's address counts. Default none. */
  readonly trustProxy?: readonly string[];
  /** Hosts that browsers may know a listener on a loopback address by. Default: loopback names. */
  readonly hosts?: readonly string[];
  /** From accepted connection to the end of a request's headers, in milliseconds. Default 15 000. */
  readonly handshakeTimeoutMs?: number;
  /** How long a connection is kept between two requests, in milliseconds. Default 65 000. */
  readonly keepAliveTimeoutMs?: number;
  /** Files that the process may have open. Default: what the system says. */
  readonly maxOpenFiles?: number;
}

const OPTIONS = optionNames<ListenOptions>({
  hostname: true,
  port: true,
  tls: true,
  fetch: true,
  engine: true,
  trustProxy: true,
  hosts: true,
  handshakeTimeoutMs: true,
  keepAliveTimeoutMs: true,
  maxOpenFiles: true,
});

/** Something that listens; disposing it stops it at once. */
export interface HandlerListener extends AsyncDisposable {
  /** Where; with the port that the system chose for port 0. */
  readonly addr: Deno.NetAddr;
  /** What carries the frames. */
  readonly engine: EngineName;
  /** Why it is this engine, in a few words. */
  readonly reason: string;
  /**
   * Stops accepting, gives requests that are being answered so long, in milliseconds, and
   * drops what is left then: drain the handlers first. Default 0.
   */
  shutdown(graceMs?: number): Promise<void>;
}

/** The engine of all handlers, and why. */
function engineOf(
  handlers: Readonly<Record<string, ListenTarget>>,
  engine: EngineName | "auto" = "auto",
  listener: EngineListener,
): { readonly engine: EngineName; readonly reason: string } {
  if (!["auto", "native", "ws"].includes(engine)) {
    throw new TypeError(
      `Cannot listen: engine is ${showValue(engine)}, expected one of "auto", "native", "ws"`,
    );
  }
  const wanted = Object.entries(handlers)
    .map(([path, { optionsForWs }]) => [path, { engine, forWs: optionsForWs }] as const);
  if (wanted.length === 0) {
    throw new TypeError("Cannot listen: there are no handlers, expected one at least");
  }
  const choice = chooseEngineFor(listener, Object.fromEntries(wanted));
  return { engine: choice.engine, reason: choice.reasons.get(wanted[0]![0])! };
}

/**
 * Listens for handlers by path, on the engine that `troupe serve` would choose.
 *
 * @throws {TypeError} If there is no such option, no handler, or a path is none.
 * @throws {ServerStartError} If the address cannot be listened on, or the certificate not used.
 *
 * @example
 * ```ts
 * import { createHandler, createNode, echo, listen } from "@troupe/troupe";
 *
 * await using node = createNode();
 * const handler = createHandler({ pool: ["echo"] });
 * node.spawn(echo, { name: "echo" });
 * node.spawnMeta(handler);
 * await using listener = await listen({ "/ws": handler }, { port: 0 });
 * console.log(`ws://127.0.0.1:${listener.addr.port}/ws`);
 * ```
 */
export async function listen(
  handlers: Readonly<Record<string, ListenTarget>>,
  options: ListenOptions = {},
): Promise<HandlerListener> {
  assertOptions("listen", options, OPTIONS);
  const endpoints = new EndpointPaths(Object.entries(handlers));
  const {
    hostname = CONFIG_DEFAULTS.hostname,
    port = CONFIG_DEFAULTS.port,
    trustProxy = [],
    hosts = [],
    handshakeTimeoutMs = HANDLER_DEFAULTS.handshakeTimeoutMs,
    keepAliveTimeoutMs = CONFIG_DEFAULTS.keepAliveTimeoutMs,
    tls,
    maxOpenFiles,
  } = options;
  const { engine, reason } = engineOf(handlers, options.engine, {
    hostname,
    trustProxy,
    keepAliveTimeoutMs,
    tls,
  });
  const certificate = tls && await loadCertificate(tls, workingDirectory());
  const listener = await listenOn({
    hostname,
    port,
    certificate,
    routes: createEndpointRoutes(endpoints, options.fetch),
    endpoints,
    clientOf: createClientOf(trustProxy),
    hosts,
    handshakeTimeoutMs,
    keepAliveTimeoutMs,
    maxOpenFiles,
  }, engine);
  const shutdown = (graceMs = 0) => listener.shutdown(graceMs);
  return {
    addr: listener.addr,
    engine,
    reason,
    shutdown,
    [Symbol.asyncDispose]: () => shutdown(),
  };
}

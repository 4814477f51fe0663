/**
 * The WebSocket endpoints of a server.
 *
 * @module
 */

import {
  chooseEngine,
  type Config,
  CONFIG_DEFAULTS,
  type EndpointConfig,
  engineConflicts,
} from "../config/mod.ts";
import { ServerStartError } from "../http/mod.ts";
import { getLogger } from "../telemetry/mod.ts";
import {
  type Accept,
  CONFIGURED_OPTIONS,
  createHandler,
  type EngineName,
  type Handler,
  type HandlerOptions,
  joinAccepts,
  type ReconfigurableOptions,
} from "../websocket/mod.ts";

import type { Webhooks } from "../webhooks/mod.ts";
import type { Logins } from "./logins.ts";

const log = getLogger(["troupe", "server"]);

/** An endpoint with its handler. */
export interface Endpoint {
  readonly path: string;
  readonly config: EndpointConfig;
  readonly engine: EngineName;
  /** Why it has this engine, in a few words. */
  readonly reason: string;
  readonly handler: Handler;
}

/** The options of the handler of an endpoint. */
export function handlerOptions(
  endpoint: string,
  config: EndpointConfig,
  accept?: Accept,
): HandlerOptions {
  return {
    ...Object.fromEntries(CONFIGURED_OPTIONS.map((name) => [name, config[name]])),
    maxConnectionsPerUser: config.users.maxConnections,
    endpoint,
    accept: withEventFormat(config, accept),
  };
}

/** Also says in what format an endpoint wants events, to whatever process gets its connections. */
function withEventFormat(config: EndpointConfig, accept: Accept | undefined): Accept | undefined {
  const { eventPrefix, binaryMessages } = config;
  const isDefault = eventPrefix === CONFIG_DEFAULTS.eventPrefix &&
    binaryMessages === CONFIG_DEFAULTS.binaryMessages;
  // By default nothing is said: a process of the application may have a prefix of its own.
  if (isDefault) return accept;
  const attributes = Object.freeze({ eventPrefix, binaryMessages });
  return joinAccepts(() => ({ attributes }), accept);
}

/** Who is asked about handshakes besides the modules of endpoints. */
export interface Asked {
  readonly logins?: Logins | undefined;
  readonly webhooks?: Pick<Webhooks, "accept"> | undefined;
}

/**
 * Makes the endpoints of a configuration; their handlers answer once spawned.
 *
 * @throws {ServerStartError} If one names engine `native` and another one needs `ws`.
 */
export function createEndpoints(
  config: Config,
  accepts: ReadonlyMap<string, Accept>,
  { logins, webhooks }: Asked = {},
): Endpoint[] {
  const [conflict] = engineConflicts(config);
  if (conflict !== undefined) {
    const { path, other, reason } = conflict;
    throw new ServerStartError(
      "engines_mixed",
      `Cannot serve ${path} with engine native: a listener has one engine, and ${other} has ws ` +
        `(${reason}), expected native for all endpoints or for none`,
    );
  }
  const { engine, reasons } = chooseEngine(config);
  return Object.entries(config.endpoints).map(([path, endpoint]) => {
    // Who it is first, then what the receiver and the application say of it.
    const asked = [logins?.get(path), webhooks?.accept(path), accepts.get(path)];
    const accept = asked.reduceRight((next, first) => first && joinAccepts(first, next) || next);
    const handler = createHandler(handlerOptions(path, endpoint, accept));
    return { path, config: endpoint, engine, reason: reasons.get(path) ?? "", handler };
  });
}

/**
 * Checks what the endpoints that are there are to take over; returns what does so.
 *
 * @throws {TypeError} If one of them cannot; then none has.
 * @throws {RangeError} Likewise.
 */
export function prepareEndpoints(
  endpoints: readonly Endpoint[],
  options: ReadonlyMap<string, ReconfigurableOptions>,
): () => void {
  const next = endpoints.flatMap(({ path, handler }) => {
    const own = options.get(path);
    return own === undefined ? [] : [{ handler, own }];
  });
  // A handler that nobody spawns refuses what those would.
  for (const { own } of next) createHandler(own);
  return () => {
    for (const { path } of endpoints.filter((endpoint) => !options.has(endpoint.path))) {
      log.warn("Endpoint {path} is not configured any more, it stays until the next start", {
        path,
      });
    }
    for (const { handler, own } of next) handler.reconfigure(own);
  };
}

/**
 * Where the operator's API is, and who may use it.
 *
 * @module
 */

import { API_BASE, API_PROCESS, API_SOCKET_PATH, type ApiHost, createApi } from "../api/mod.ts";
import { createDashboard, DASHBOARD_PATH } from "../dashboard/mod.ts";
import type { AdminConfig, Config, SecretSources } from "../config/mod.ts";
import {
  type AccessToken,
  createClientOf,
  createRoutes,
  createToken,
  EndpointPaths,
  Guard,
  listen,
  type Listener,
  type PathService,
  SCOPES,
  ServerStartError,
  showAddress,
  Tokens,
} from "../http/mod.ts";
import { getLogger } from "../telemetry/mod.ts";
import { isLoopbackHost } from "../text/mod.ts";
import { SYSTEM_CLOCK } from "../time/mod.ts";
import { type Handler, HANDLER_DEFAULTS } from "../websocket/mod.ts";
import { VERSION } from "./version.ts";

const log = getLogger(["troupe", "server"]);

/** Name of the process that answers the WebSocket of the API. */
const SOCKET_PROCESS = "troupe.api.socket";

/** Shortest token, in characters: what is shorter is guessed. */
const MIN_TOKEN = 16;

/** What `Authorization: Bearer` can carry (RFC 6750, section 2.1). */
const BEARER_TOKEN = /^[A-Za-z0-9._~+/-]+=*$/;

/** Where the operator's side is. */
export type AdminPlace = "own listener" | "main listener" | "nowhere";

/** A listener of its own if one is configured, else the main one if only this machine reaches it. */
export function placeOf({ admin, listen }: Pick<Config, "admin" | "listen">): AdminPlace {
  if (admin.port !== undefined) return "own listener";
  return isLoopbackHost(listen.hostname) ? "main listener" : "nowhere";
}

/**
 * The tokens of a configuration, or one that is made now.
 *
 * @throws {ConfigError} If a secret cannot be read.
 * @throws {ServerStartError} If one is too short.
 */
export async function readTokens(
  { tokens }: AdminConfig,
  sources: SecretSources,
): Promise<{ readonly tokens: readonly AccessToken[]; readonly made?: string }> {
  if (tokens.length === 0) {
    const made = createToken();
    return { tokens: [{ name: "start", token: made, scopes: SCOPES }], made };
  }
  const read = await Promise.all(tokens.map(async ({ name, token, scopes }, index) => {
    const path = ["admin", "tokens", index, "token"];
    const text = await token.reveal(path, sources);
    if (!BEARER_TOKEN.test(text)) {
      throw new ServerStartError(
        "token_short",
        `Cannot use admin.tokens[${index}]: it has characters that no header can carry, expected ` +
          'letters, digits, "-", ".", "_", "~", "+", "/" and "=" at the end',
      );
    }
    if (text.length >= MIN_TOKEN) return { name, token: text, scopes };
    throw new ServerStartError(
      "token_short",
      `Cannot use admin.tokens[${index}]: it has ${text.length} characters, expected at least ` +
        `${MIN_TOKEN}`,
    );
  }));
  return { tokens: read };
}

/** What the operator's side is made of. */
export interface AdminParts extends SecretSources {
  readonly config: Config;
  readonly host: ApiHost;
  readonly isReady: () => boolean;
  readonly trouble: () => string | undefined;
  readonly readMetrics: () => Promise<string>;
  /** Another part of the program has the listener of its own. */
  readonly isElsewhere: boolean;
}

/** The operator's side of a server. */
export interface Admin {
  readonly place: AdminPlace;
  /** What answers, for the listener that it is on. */
  readonly services: readonly PathService[];
  /** Its WebSocket, by path; none where it is nowhere. */
  readonly endpoints: readonly (readonly [path: string, handler: Handler])[];
  /** Starts the listener of its own, if it has one, and says where it is. */
  start(mainAddr: Deno.NetAddr): Promise<void>;
  /** Where its own listener is. */
  readonly addr: Deno.NetAddr | undefined;
  /** Lets go of those who are answered for long, so that listeners need not wait for them. */
  release(): void;
  /** Ends within the time. */
  stop(graceMs: number): Promise<void>;
}

/**
 * Prepares the operator's side.
 *
 * @throws {ConfigError} If a secret cannot be read.
 * @throws {ServerStartError} If a token is too short.
 */
export async function prepareAdmin(parts: AdminParts): Promise<Admin> {
  const { config, baseDirectory, environment, host } = parts;
  const place = parts.isElsewhere ? "nowhere" : placeOf(config);
  const { tokens, made } = place === "nowhere"
    ? { tokens: [] }
    : await readTokens(config.admin, { baseDirectory, environment });
  const guard = new Guard(new Tokens(tokens), SYSTEM_CLOCK);
  const api = createApi(host, { guard, version: VERSION });
  // Asked by the other nodes, also where there is no API.
  host.node.spawn(api.process, { name: API_PROCESS });
  const services = [api, createDashboard()];
  const endpoints: Admin["endpoints"] = place === "nowhere"
    ? []
    : [[API_SOCKET_PATH, api.socket.handler]];
  if (place !== "nowhere") host.node.spawn(api.socket.process, { name: SOCKET_PROCESS });
  let listener: Listener | undefined;
  const release = () => {
    guard[Symbol.dispose]();
    api[Symbol.dispose]();
  };
  return {
    place,
    services,
    endpoints,
    get addr() {
      return listener?.addr;
    },
    async start(mainAddr) {
      if (place === "own listener") listener = await listenAdmin(parts, { services, endpoints });
      if (!parts.isElsewhere) logPlace(place, listener?.addr ?? mainAddr, config, made);
    },
    release,
    async stop(graceMs) {
      release();
      await listener?.shutdown(graceMs);
    },
  };
}

function listenAdmin(
  { config, isReady, trouble, readMetrics }: AdminParts,
  { services, endpoints: served }: Pick<Admin, "services" | "endpoints">,
): Promise<Listener> {
  const { admin, listen: main } = config;
  const endpoints = new EndpointPaths<Handler>(served);
  const assets = new Map();
  const routes = createRoutes({ endpoints, assets, isReady, trouble, readMetrics, services });
  return listen({
    hostname: admin.hostname,
    port: admin.port ?? 0,
    routes,
    endpoints,
    clientOf: createClientOf(main.trustProxy),
    hosts: admin.hosts,
    keepAliveTimeoutMs: main.keepAliveTimeoutMs,
    handshakeTimeoutMs: HANDLER_DEFAULTS.handshakeTimeoutMs,
    maxOpenFiles: main.maxOpenFiles,
  }, "ws");
}

function logPlace(
  place: AdminPlace,
  { hostname, port }: Deno.NetAddr,
  { listen: { tls } }: Config,
  made: string | undefined,
): void {
  if (place === "nowhere") {
    return log.info(
      "The operator's API and metrics are off, as the listener is not on a loopback address; " +
        "admin.port opens a listener for them",
    );
  }
  const scheme = place === "main listener" && tls !== undefined ? "https" : "http";
  const base = `${scheme}://${showAddress(hostname, port)}`;
  const url = `${base}${API_BASE}`;
  log.info("The operator's page is at {page}", { page: `${base}${DASHBOARD_PATH}` });
  if (made === undefined) log.info("The operator's API is at {url}", { url });
  else {log.info("The operator's API is at {url}, for this start with the token {made}", {
      url,
      made,
    });}
  if (place === "own listener" && !isLoopbackHost(hostname)) {
    log.warn("The operator's API at {url} is without TLS on an address that others reach", { url });
  }
}

/** Starts it; nothing is left behind of one that cannot start. */
export async function startAdmin(admin: Admin, main: Listener): Promise<void> {
  try {
    await admin.start(main.addr);
  } catch (error) {
    await admin.stop(0);
    await main.shutdown(0);
    throw error;
  }
}

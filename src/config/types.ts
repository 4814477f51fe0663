/**
 * The configuration as the server uses it: complete, units in the names.
 *
 * @module
 */

import type { ClusterConfig } from "./cluster.ts";
import type { JwtOptions } from "../auth/mod.ts";
import type { BehaviorName } from "../behaviors/mod.ts";
import type { Scope } from "../http/mod.ts";
import type { ProgramFormat } from "../programs/mod.ts";
import type { LogFormat, LogLevel } from "../telemetry/mod.ts";
import type { ConfiguredOption, EngineName, HandlerOptions, RateLimit } from "../websocket/mod.ts";
import type { Secret } from "./secrets.ts";

/** The node. */
export interface NodeConfig {
  /** `name@host`. */
  readonly name: string;
  /** JavaScript threads that share the port. */
  readonly workers: number | "auto";
}

/** What is done about workers. */
export interface WorkersConfig {
  /** Computing for so long without a pause ends one; absent: never. */
  readonly killBlockedAfterMs?: number | undefined;
}

/** Files of a certificate and its private key, in PEM. */
export interface TlsConfig {
  /** Path of the certificate chain. */
  readonly cert: string;
  /** Path of the private key. */
  readonly key: string;
}

/** Where the server listens. */
export interface ListenConfig {
  /** Host name or address. */
  readonly hostname: string;
  /** 0 lets the system choose. */
  readonly port: number;
  /** Present: serve `https` and `wss`. */
  readonly tls?: TlsConfig | undefined;
  /** Hosts that browsers may know the server by, where it listens on a loopback address. */
  readonly hosts: readonly string[];
  /** Addresses and ranges of proxies whose word on the client's address counts. */
  readonly trustProxy: readonly string[];
  /** How long a connection is kept between two requests. */
  readonly keepAliveTimeoutMs: number;
  /** Files that the process may have open; absent: what the system says. */
  readonly maxOpenFiles?: number | undefined;
}

/** A group of equal processes: a behavior, a module or a program. */
export interface ProcessConfig {
  /** A process function that Troupe brings along. */
  readonly behavior?: BehaviorName | undefined;
  /** TypeScript or JavaScript file whose default export is the process function. */
  readonly module?: string | undefined;
  /** An executable and its arguments: the code of the process. */
  readonly program?: readonly string[] | undefined;
  /** Of programs: directory to start in, relative to the configuration. */
  readonly cwd?: string | undefined;
  /** Of programs: how messages look to it. */
  readonly format: ProgramFormat;
  /** Of programs: one for each connection. */
  readonly per?: "connection" | undefined;
  /** Of programs: longest line or message it may write. */
  readonly maxMessageBytes: number;
  /** How many processes; more than one get numbered names. */
  readonly instances: number;
  /** One process for each key: `NAME/KEY` is started when somebody sends to it. */
  readonly keyed: boolean;
  /** Of keyed processes: time without use until one ends; 0: never. */
  readonly idleTimeoutMs: number;
  /** Of keyed processes: most at a time. */
  readonly maxKeys: number;
  /** On each node, or on one of the cluster at a time. */
  readonly scope: "local" | "global";
  /** Plain data for the process, as `self.env`; of a program, its environment. */
  readonly env: Readonly<Record<string, unknown>>;
}

/** How fast a client may send. */
export type RateLimitConfig = RateLimit;

/** Tokens that let clients in. */
export interface JwtConfig
  extends Required<Pick<JwtOptions, "algorithms" | "claim" | "from" | "leewayMs">> {
  /** Shared secret. */
  readonly secret?: Secret | undefined;
  /** Public key in PEM. */
  readonly publicKey?: Secret | undefined;
  /** URL or path of a set of keys. */
  readonly jwks?: string | undefined;
  /** Who must have issued them. */
  readonly issuer?: string | readonly string[] | undefined;
  /** For whom they must be. */
  readonly audience?: string | readonly string[] | undefined;
}

/** One WebSocket endpoint: options of its handler, and how it speaks events. */
export interface EndpointConfig
  extends Required<Pick<HandlerOptions, Exclude<ConfiguredOption, "origins" | "rateLimit">>> {
  /** TypeScript or JavaScript file whose default export decides about handshakes. */
  readonly accept?: string | undefined;
  /** What carries the frames; `"auto"` chooses by what all endpoints ask for. */
  readonly engine: EngineName | "auto";
  /** Origins of web pages that may connect. */
  readonly origins: string | readonly string[];
  /** How fast a client may send; absent is no limit. */
  readonly rateLimit?: RateLimit | undefined;
  /** Who may connect; absent: anybody. */
  readonly auth?: { readonly jwt: JwtConfig } | undefined;
  /** What each user may do. */
  readonly users: { readonly maxConnections: number };
  /** Prefix of event messages; ends in `:`. */
  readonly eventPrefix: string;
  /** Send events as binary messages. */
  readonly binaryMessages: boolean;
}

/** A token of the operator's API. */
export interface AdminTokenConfig {
  /** Who has it, for logs. */
  readonly name: string;
  /** The token. */
  readonly token: Secret;
  /** What it may do. */
  readonly scopes: readonly Scope[];
}

/** Who is told of connections and rooms. */
export interface WebhooksConfig {
  /** Address of the receiver. */
  readonly url: string;
  /** Key of the signatures. */
  readonly secret: Secret;
  /** What it is asked and told. */
  readonly events: readonly ("connect" | "disconnect" | "occupied" | "vacated")[];
  /** Time for one answer. */
  readonly timeoutMs: number;
  /** What becomes of a handshake that it does not answer. */
  readonly onFailure: "refuse" | "allow";
  /** How often an event is sent, at most. */
  readonly attempts: number;
  /** From the first attempt to the second; it doubles. */
  readonly retryDelayMs: number;
  /** Whether it may have an address of this machine or of a private network. */
  readonly allowPrivate: boolean;
}

/** Where the operator's API is, and who may use it. */
export interface AdminConfig {
  /** Of a listener of its own. */
  readonly hostname: string;
  /** Of a listener of its own; absent: there is none. 0 lets the system choose. */
  readonly port?: number | undefined;
  /** Further hosts that browsers may know it by, where it listens on a loopback address. */
  readonly hosts: readonly string[];
  /** Empty: one is made at each start. */
  readonly tokens: readonly AdminTokenConfig[];
}

/** How the server stops. */
export interface DrainConfig {
  /** From saying "not ready" to refusing connections. */
  readonly delayMs: number;
  /** For closing all connections and ending all processes. */
  readonly timeoutMs: number;
}

/** What is logged, and how. */
export interface LogConfig {
  /** The lowest level that is written. */
  readonly level: LogLevel;
  /** How lines look. */
  readonly format: LogFormat;
}

/** A complete, checked configuration. */
export interface Config {
  /** The node. */
  readonly node: NodeConfig;
  /** What is done about its workers. */
  readonly workers: WorkersConfig;
  /** Where the server listens. */
  readonly listen: ListenConfig;
  /** Whether processes may be programs. */
  readonly programs: boolean;
  /** Groups of processes by name. */
  readonly processes: Readonly<Record<string, ProcessConfig>>;
  /** Endpoints by path. */
  readonly endpoints: Readonly<Record<string, EndpointConfig>>;
  /** The cluster that the node is part of. */
  readonly cluster?: ClusterConfig | undefined;
  /** Whether `/` is a page about the server; `"auto"`: on a loopback address. */
  readonly page: boolean | "auto";
  /** Who is told of connections and rooms; absent: nobody. */
  readonly webhooks?: WebhooksConfig | undefined;
  /** The operator's API. */
  readonly admin: AdminConfig;
  /** How the server stops. */
  readonly drain: DrainConfig;
  /** Logs. */
  readonly log: LogConfig;
}

/**
 * Registered names of a group of processes: the name itself for one instance,
 * `name_1` to `name_N` for more.
 */
export function instanceNames(name: string, instances: number): string[] {
  if (instances === 1) return [name];
  return Array.from({ length: instances }, (_, index) => `${name}_${index + 1}`);
}

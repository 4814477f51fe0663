/**
 * The server as a library: `troupe serve` without its command line.
 *
 * | what | names |
 * | --- | --- |
 * | start and stop | `serve`, `Server`, `runUntilSignalled`, `catchUncaught` |
 * | configuration | `loadConfig`, `parseConfig`, `Config`, `configJsonSchema` |
 * | what runs on a node | `NodeObserver`, `ActorRow`, `ActorWindow`, `Tap` |
 * | what it brings along | `BehaviorName`, `CLIENT_SOURCE` |
 *
 * @example
 * ```ts
 * import { parseConfig, serve } from "@troupe/troupe/server";
 *
 * await using server = await serve(parseConfig({ listen: { port: 0 } }));
 * const answer = await fetch(`http://127.0.0.1:${server.addr.port}/health/ready`);
 * console.assert(await answer.text() === "ok");
 * ```
 *
 * @module
 */

export type {
  ActorRow,
  ActorWindow,
  NodeObserver,
  RelationCounts,
  RelationLists,
  Tap,
} from "../actor/mod.ts";
export {
  catchUncaught,
  type DrainOptions,
  type InstrumentsOptions,
  runUntilSignalled,
  serve,
  type ServeOptions,
  type Server,
  ServerStartError,
  type SignalOptions,
  type SignalSource,
  type StartErrorCode,
  untilSignalled,
} from "../server/mod.ts";
export {
  type AdminConfig,
  type AdminTokenConfig,
  type Assignment,
  type ClusterConfig,
  type Config,
  ConfigError,
  configJsonSchema,
  type DrainConfig,
  type EndpointConfig,
  type JwtConfig,
  type KeyPath,
  type ListenConfig,
  loadConfig,
  type LoadedConfig,
  type LoadOptions,
  type LogConfig,
  type NatsConfig,
  type NodeConfig,
  parseConfig,
  type ProcessConfig,
  type RateLimitConfig,
  type Scope,
  Secret,
  type SecretSources,
  type SourceOf,
  type TlsConfig,
  type WebhooksConfig,
  type WorkersConfig,
} from "../config/mod.ts";
export type { BehaviorName } from "../behaviors/mod.ts";
export { isLoopbackHost } from "../text/mod.ts";
export { CLIENT_SOURCE } from "../web/mod.ts";

/**
 * Configuration: schema, files, layers, checks, and the choice of engines.
 *
 * @module
 */

export type { ClusterConfig, NatsConfig } from "./cluster.ts";
export { planReload, type ReloadPlan } from "./changes.ts";
export { configJsonSchema, dataOf, parseConfig, type SourceOf } from "./config.ts";
export { CONFIG_DEFAULTS } from "./defaults.ts";
export {
  chooseEngine,
  chooseEngineFor,
  type EngineAsked,
  type EngineChoice,
  engineConflicts,
  type EngineListener,
  type EngineWanted,
  exposedEndpoints,
  NATIVE_LIMITS,
} from "./engine_choice.ts";
export { CONFIG_FILE_NAMES } from "./file.ts";
export { loadConfig, type LoadedConfig, type LoadOptions } from "./load.ts";
export { ConfigError, type KeyPath } from "./problems.ts";
export { type Assignment, parseSetting } from "./sources.ts";
export { Secret, type SecretSources } from "./secrets.ts";
export {
  type AdminConfig,
  type AdminTokenConfig,
  type Config,
  type DrainConfig,
  type EndpointConfig,
  instanceNames,
  type JwtConfig,
  type ListenConfig,
  type LogConfig,
  type NodeConfig,
  type ProcessConfig,
  type RateLimitConfig,
  type TlsConfig,
  type WebhooksConfig,
  type WorkersConfig,
} from "./types.ts";
export type { Scope } from "../http/mod.ts";
export { workingDirectory } from "./working_directory.ts";

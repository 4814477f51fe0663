/**
 * The server: configuration, listener, routes, health, drain.
 *
 * @module
 */

export {
  DialError,
  findBadProtocol,
  isSendableHeader,
  TOKEN_CHARACTERS,
  toWebSocketUrl,
} from "../websocket/mod.ts";
export { type ClientEnd, type ClientOptions, runClient } from "./client.ts";
export { configJsonSchema, parseConfig, type SourceOf } from "./config.ts";
export { planReload, type ReloadPlan } from "./config_changes.ts";
export { CONFIG_FILE_NAMES } from "./config_file.ts";
export { loadConfig, type LoadedConfig, type LoadOptions } from "./config_load.ts";
export { ConfigError, type KeyPath } from "./config_problems.ts";
export { type Assignment, parseSetting } from "./config_sources.ts";
export type {
  BehaviorName,
  Config,
  DrainConfig,
  EndpointConfig,
  ListenConfig,
  LogConfig,
  NodeConfig,
  ProcessConfig,
  RateLimitConfig,
  TlsConfig,
} from "./config_types.ts";
export type { DrainOptions } from "./drain.ts";
export { echo } from "./echo.ts";
export {
  chooseEngine,
  type ChosenEngine,
  type EngineChoice,
  exposedEndpoints,
  NATIVE_LIMITS,
} from "./engine_choice.ts";
export { ServerStartError, type StartErrorCode } from "./errors.ts";
export { workingDirectory } from "./working_directory.ts";
export type { InstrumentsOptions } from "./instruments.ts";
export { nearestName } from "./nearest.ts";
export { splitCertificates } from "./pem.ts";
export { serve, type ServeOptions, type Server } from "./serve.ts";
export {
  catchUncaught,
  runUntilSignalled,
  type SignalOptions,
  type SignalSource,
} from "./signals.ts";
export { parseDuration } from "./units.ts";

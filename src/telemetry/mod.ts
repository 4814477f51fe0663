/**
 * Logs: names, levels, formats, and where they go.
 *
 * @module
 */

export { getLogger, type LogFields, type Logger } from "./logger.ts";
export {
  configureLogs,
  LOG_FORMATS,
  LOG_LEVELS,
  type LogFormat,
  type LogLevel,
  LOGS_DEFAULTS,
  type LogsHandle,
  type LogsOptions,
} from "./configure.ts";
export type { WriteBytes } from "./output.ts";
export { escapeControls, quote } from "./escape.ts";

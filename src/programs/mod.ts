/**
 * Operating-system processes as the code of actors: started, fed, bounded and ended.
 *
 * @module
 */

export type { ChildEnd } from "./child.ts";
export { assertDirectory, findCommand, type Whereabouts } from "./command.ts";
export { baseEnvironment } from "./environment.ts";
export { ProgramEndedError, ProgramOutputError, ProgramStartError } from "./errors.ts";
export { LengthReader, LineReader, withLength } from "./framing.ts";
export { LONGEST_STOP_MS } from "./life.ts";
export {
  PROGRAM_DEFAULTS,
  PROGRAM_FORMATS,
  PROGRAM_MAILBOX,
  type ProgramFormat,
  type ProgramOptions,
  type ResolvedProgram,
  resolveProgram,
} from "./options.ts";
export { type ProgramLog } from "./program_log.ts";
export {
  type Format,
  type FormatFactory,
  type RunOptions,
  runProgram,
  type Session,
} from "./run.ts";
export { decodeText, linesOf, showBytes } from "./text_lines.ts";

/**
 * The server: starts, reloads, drains and stops what the other rooms bring.
 *
 * @module
 */

export type { DrainOptions } from "./drain.ts";
export type { InstrumentsOptions } from "./instruments.ts";
export { type HandlerListener, listen, type ListenOptions, type ListenTarget } from "./listen.ts";
export { serve } from "./serve.ts";
export type { ServeOptions, Server } from "./types.ts";
export {
  catchUncaught,
  runUntilSignalled,
  type SignalOptions,
  type SignalSource,
  untilSignalled,
} from "./signals.ts";
export { ServerStartError, type StartErrorCode } from "../http/mod.ts";
export { VERSION } from "./version.ts";

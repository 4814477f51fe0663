/**
 * What signals and uncaught errors do to a server that owns its process.
 *
 * @module
 */

import { getLogger } from "../telemetry/mod.ts";
import type { Server } from "./serve.ts";

const log = getLogger(["troupe", "server"]);

// Windows has no others that a program can listen for.
const SIGNALS: readonly Deno.Signal[] = Deno.build.os === "windows"
  ? ["SIGINT"]
  : ["SIGTERM", "SIGINT", "SIGHUP"];

/** Where signals come from: `Deno`, or a test. */
export interface SignalSource {
  /** Calls the listener at each such signal. */
  addSignalListener(signal: Deno.Signal, listener: () => void): void;
  /** Takes a listener back. */
  removeSignalListener(signal: Deno.Signal, listener: () => void): void;
}

/** Options of {@linkcode runUntilSignalled}. */
export interface SignalOptions {
  /** Called at SIGHUP; what it throws is logged and changes nothing. */
  readonly reload: (server: Server) => Promise<void>;
  /** Default `Deno`. */
  readonly source?: SignalSource;
}

/**
 * Starts a server and keeps it running until a signal ends it; resolves with
 * the exit code.
 *
 * SIGTERM or SIGINT drains and ends in 0; a second one ends in 1 at once.
 * SIGHUP reloads. Signals count from before the start, so one that comes while
 * the server starts is not lost.
 */
export async function runUntilSignalled(
  start: () => Promise<Server>,
  { reload, source = Deno }: SignalOptions,
): Promise<number> {
  const forced = Promise.withResolvers<number>();
  let server: Server | undefined;
  let stops = 0;
  const onStop = () => {
    stops++;
    if (stops === 1) server?.drain();
    else forced.resolve(1);
  };
  const onReload = () => {
    if (server === undefined) return;
    reload(server).catch((error) => {
      log.error("The configuration was not reloaded, the old one stays: {error}", { error });
    });
  };
  const listeners = ([
    ["SIGTERM", onStop],
    ["SIGINT", onStop],
    ["SIGHUP", onReload],
  ] as const).filter(([signal]) => SIGNALS.includes(signal));
  const run = async () => {
    server = await start();
    if (stops > 0) server.drain();
    await server.finished;
    return 0;
  };
  for (const [signal, listener] of listeners) source.addSignalListener(signal, listener);
  try {
    return await Promise.race([forced.promise, run()]);
  } finally {
    for (const [signal, listener] of listeners) source.removeSignalListener(signal, listener);
  }
}

/**
 * Logs errors that nobody caught, instead of letting them end the process.
 *
 * A process function that throws is handled by its supervisor; this is for
 * what user code leaves behind, such as a promise that nobody awaits or a
 * timer that throws. Disposing takes it back.
 */
export function catchUncaught(): Disposable {
  const onRejection = (event: PromiseRejectionEvent) => {
    event.preventDefault();
    log.error("A promise was rejected and nobody handled it: {error}", { error: event.reason });
  };
  const onError = (event: ErrorEvent) => {
    event.preventDefault();
    log.error("An error was thrown and nobody caught it: {error}", { error: event.error });
  };
  globalThis.addEventListener("unhandledrejection", onRejection);
  globalThis.addEventListener("error", onError);
  return {
    [Symbol.dispose]() {
      globalThis.removeEventListener("unhandledrejection", onRejection);
      globalThis.removeEventListener("error", onError);
    },
  };
}

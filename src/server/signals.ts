/**
 * What signals and uncaught errors do to a server that owns its process.
 *
 * @module
 */

import { getLogger } from "../telemetry/mod.ts";
import { assertOptions, optionNames } from "../text/mod.ts";
import type { Server } from "./types.ts";

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

/**
 * Resolves when the program is asked to end, by SIGINT or, but on Windows, SIGTERM; one more of
 * them ends it at once.
 *
 * @example
 * ```ts
 * import { createHandler, createNode, echo, listen, untilSignalled } from "@troupe/troupe";
 *
 * async function main(): Promise<void> {
 *   const node = createNode();
 *   node.spawn(echo, { name: "echo" });
 *   const handler = createHandler({ pool: ["echo"] });
 *   node.spawnMeta(handler);
 *   const listener = await listen({ "/ws": handler });
 *   await untilSignalled();
 *   await node.stop();
 *   await listener.shutdown();
 * }
 * ```
 */
export function untilSignalled(source: SignalSource = Deno): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const ending = SIGNALS.filter((signal) => signal !== "SIGHUP");
  const onSignal = () => {
    // Nobody listens then, so that the system ends the program at the next one.
    for (const signal of ending) source.removeSignalListener(signal, onSignal);
    resolve();
  };
  for (const signal of ending) source.addSignalListener(signal, onSignal);
  return promise;
}

/** Options of {@linkcode runUntilSignalled}. */
export interface SignalOptions {
  /** Called at SIGHUP, never twice at a time; what it throws is logged and changes nothing. */
  readonly reload: (server: Server) => Promise<void>;
  /** Default `Deno`. */
  readonly source?: SignalSource;
  /** How long a start is waited for that a signal has ended, in milliseconds. Default 5000. */
  readonly startTimeoutMs?: number;
}

const OPTIONS = optionNames<SignalOptions>({ reload: true, source: true, startTimeoutMs: true });

/** Default of `startTimeoutMs`. */
const START_TIMEOUT_MS = 5_000;

/**
 * Starts a server and keeps it running until a signal ends it; resolves with
 * the exit code.
 *
 * SIGTERM or SIGINT drains and ends in 0; a second one ends in 1 at once. A server that stops
 * by itself ends in 1.
 * SIGHUP reloads. Signals count from before the start, so one that comes while
 * the server starts is not lost: if that takes too long, as with a module that
 * never loads, there is nothing to drain.
 */
export async function runUntilSignalled(
  start: () => Promise<Server>,
  options: SignalOptions,
): Promise<number> {
  assertOptions("run until signalled", options, OPTIONS);
  const { reload, source = Deno, startTimeoutMs = START_TIMEOUT_MS } = options;
  const forced = Promise.withResolvers<number>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let server: Server | undefined;
  let stops = 0;
  const onStop = () => {
    stops++;
    if (stops > 1) forced.resolve(1);
    else if (server !== undefined) server.drain();
    else timer = setTimeout(onLate, startTimeoutMs);
  };
  const onLate = () => {
    if (server !== undefined) return;
    log.warn("Stopped while starting, which took longer than {startTimeoutMs} ms more", {
      startTimeoutMs,
    });
    forced.resolve(0);
  };
  const onReload = createReloader(() => server, reload);
  const listeners = ([
    ["SIGTERM", onStop],
    ["SIGINT", onStop],
    ["SIGHUP", onReload],
  ] as const).filter(([signal]) => SIGNALS.includes(signal));
  const run = async () => {
    server = await start();
    if (stops > 0) server.drain();
    await server.finished;
    return server.failure === undefined ? 0 : 1;
  };
  for (const [signal, listener] of listeners) source.addSignalListener(signal, listener);
  try {
    return await Promise.race([forced.promise, run()]);
  } finally {
    clearTimeout(timer);
    for (const [signal, listener] of listeners) source.removeSignalListener(signal, listener);
  }
}

/**
 * Reloads one after the other, so that the last one wins. Signals that come while
 * one is under way ask for one more: it reads what all of them are about.
 */
function createReloader(
  running: () => Server | undefined,
  reload: SignalOptions["reload"],
): () => void {
  let isReloading = false;
  let isAskedAgain = false;
  async function run(server: Server): Promise<void> {
    isReloading = true;
    do {
      isAskedAgain = false;
      try {
        await reload(server);
      } catch (error) {
        log.error("The configuration was not reloaded, the old one stays: {error}", { error });
      }
    } while (isAskedAgain);
    isReloading = false;
  }
  return () => {
    const server = running();
    if (isReloading) isAskedAgain = true;
    else if (server !== undefined) void run(server);
  };
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

/**
 * Sees to it that a server that was told to stop is gone in time, whatever hangs.
 *
 * @module
 */

/** What the thread that watches is told. */
export interface WatchdogOrder {
  /** The C library of this system, where native code may be called. */
  readonly library: string | undefined;
  /** From the first signal to the end of the process, in milliseconds. */
  readonly deadlineMs: number;
  readonly signals: readonly Deno.Signal[];
}

/** Ends the process in time. */
export interface ExitGuard {
  /**
   * Watches from another thread from now on. To start one takes a while, so it is for when
   * there is code that could keep the main thread.
   */
  watch(): void;
}

/** By name of the system. */
const C_LIBRARIES: Readonly<Partial<Record<typeof Deno.build.os, string>>> = Object.freeze({
  linux: "libc.so.6",
  darwin: "libSystem.B.dylib",
});

const STOP_SIGNALS = ["SIGTERM", "SIGINT"] as const;

/**
 * From now on the first signal to stop sets a deadline, at which the process ends with
 * 0 whatever it still waits for, and the second one ends it at once.
 *
 * What keeps the main thread itself, only another one can end, once it is told to watch: with these exit codes where
 * native code may be called (`--allow-ffi`, part of `-A`), else, as in the executable, with
 * SIGKILL, which a process may always send itself.
 */
export function guardExit(deadlineMs: number): ExitGuard {
  if (Deno.build.os === "windows") return { watch() {} };
  const onStop = () => {
    for (const signal of STOP_SIGNALS) Deno.removeSignalListener(signal, onStop);
    Deno.unrefTimer(setTimeout(() => Deno.exit(0), deadlineMs));
  };
  for (const signal of STOP_SIGNALS) Deno.addSignalListener(signal, onStop);
  let isWatched = false;
  return {
    watch() {
      if (!isWatched) startWatchdog(deadlineMs);
      isWatched = true;
    },
  };
}

function startWatchdog(deadlineMs: number): void {
  const isNative = Deno.permissions.querySync({ name: "ffi" }).state === "granted";
  const library = isNative ? C_LIBRARIES[Deno.build.os] : undefined;
  const worker = new Worker(new URL("./exit_watchdog.ts", import.meta.url), { type: "module" });
  // Without one, only what leaves the main thread a moment ends in time.
  worker.onerror = (event) => event.preventDefault();
  const order: WatchdogOrder = { library, deadlineMs, signals: STOP_SIGNALS };
  worker.postMessage(order);
}

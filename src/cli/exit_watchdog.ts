/**
 * A thread that ends the process when the main one cannot: it computes without a
 * pause, or Deno's exporter of traces waits for a collector that does not answer.
 *
 * It is sent a {@linkcode WatchdogOrder}, and counts the signals from then on.
 *
 * @module
 */

import type { WatchdogOrder } from "./exit_guard.ts";

/** Time for the main thread to end by itself when it should, in milliseconds. */
const LAST_WORDS_MS = 200;

const worker = self as unknown as {
  onmessage: ((event: MessageEvent<WatchdogOrder>) => void) | null;
  postMessage(message: unknown): void;
};

/** How to end the process at once; unlike Deno's own exit it does not wait for anything. */
function exitBy(library: string | undefined): (code: number) => void {
  if (library !== undefined) {
    try {
      return Deno.dlopen(library, { _exit: { parameters: ["i32"], result: "void" } }).symbols._exit;
    } catch {
      // A system with another C library: the other way.
    }
  }
  return () => Deno.kill(Deno.pid, "SIGKILL");
}

worker.onmessage = ({ data: { library, deadlineMs, signals } }) => {
  const exit = exitBy(library);
  let stops = 0;
  const onStop = () => {
    stops++;
    if (stops === 1) setTimeout(() => exit(0), deadlineMs + LAST_WORDS_MS);
    else setTimeout(() => exit(1), LAST_WORDS_MS);
  };
  for (const signal of signals) Deno.addSignalListener(signal, onStop);
  worker.postMessage("watching");
};

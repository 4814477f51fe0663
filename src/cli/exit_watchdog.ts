/**
 * A thread that ends the process when the main one cannot: it computes without a
 * pause, or Deno's exporter of traces waits for a collector that does not answer.
 *
 * It is sent a {@linkcode WatchdogOrder}, and counts the signals from then on.
 *
 * @module
 */

import type { WatchdogOrder } from "./exit_guard.ts";

/** Time for the main thread to end by itself after a second signal, in milliseconds. */
const LAST_WORDS_MS = 200;

const worker = self as unknown as {
  onmessage: ((event: MessageEvent<WatchdogOrder>) => void) | null;
  postMessage(message: unknown): void;
};

worker.onmessage = ({ data: { library, deadlineMs, signals } }) => {
  // Unlike Deno's own exit it does not wait for anything.
  const { symbols: { _exit } } = Deno.dlopen(library, {
    _exit: { parameters: ["i32"], result: "void" },
  });
  let stops = 0;
  const onStop = () => {
    stops++;
    if (stops === 1) setTimeout(() => _exit(0), deadlineMs);
    else setTimeout(() => _exit(1), LAST_WORDS_MS);
  };
  for (const signal of signals) Deno.addSignalListener(signal, onStop);
  worker.postMessage("watching");
};

/**
 * Waits for transports to have written enough.
 *
 * @module
 */

/** Time between two looks at how much is still to be written, in milliseconds. */
const LOOK_MS = 20;

interface Wait {
  isOver(): boolean;
  resolve(): void;
}

const waits = new Set<Wait>();
let timer: ReturnType<typeof setInterval> | undefined;

/**
 * Resolves once `isOver` says so: streams tell only when they are quite empty, and
 * not when they are destroyed; others tell nothing. One timer looks for all.
 */
export function untilDrained(isOver: () => boolean): Promise<void> {
  if (isOver()) return Promise.resolve();
  return new Promise((resolve) => {
    waits.add({ isOver, resolve });
    timer ??= setInterval(lookAtDrains, LOOK_MS);
  });
}

/** Looks now: something has ended. */
export function lookAtDrains(): void {
  for (const wait of waits) {
    if (!wait.isOver()) continue;
    waits.delete(wait);
    wait.resolve();
  }
  if (waits.size > 0) return;
  clearInterval(timer);
  timer = undefined;
}

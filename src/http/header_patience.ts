/**
 * Keeps `node:http` from judging clients by the server's own pauses.
 *
 * @module
 */

import { type Clock, HELD_UP_MS, heldUpMs, SYSTEM_CLOCK, type Timer } from "../time/mod.ts";

/** The deadlines of a `node:http` server, which it applies at each of its own looks. */
export interface HeaderDeadlines {
  headersTimeout: number;
  requestTimeout: number;
}

/**
 * Looks as often as the server does, and just before it: after a pause it lengthens the
 * deadlines by the pause, and a moment to read what has arrived, until none that began
 * before the pause is left.
 */
export function keepPatience(
  server: HeaderDeadlines,
  checkMs: number,
  clock: Clock = SYSTEM_CLOCK,
): Disposable {
  const usual = { headersTimeout: server.headersTimeout, requestTimeout: server.requestTimeout };
  let restoring: Timer | undefined;
  let timer: Timer;
  const lengthen = (byMs: number) => {
    server.headersTimeout += byMs;
    server.requestTimeout += byMs;
    if (restoring !== undefined) clock.clearTimeout(restoring);
    restoring = clock.setTimeout(() => Object.assign(server, usual), server.requestTimeout);
    unref(restoring);
  };
  const look = (dueMs: number) => {
    const pauseMs = heldUpMs(dueMs, clock.now());
    if (pauseMs > 0) lengthen(pauseMs + HELD_UP_MS);
    lookLater();
  };
  const lookLater = () => {
    const dueMs = clock.now() + checkMs;
    timer = clock.setTimeout(() => look(dueMs), checkMs);
    unref(timer);
  };
  lookLater();
  return {
    [Symbol.dispose]() {
      clock.clearTimeout(timer);
      if (restoring !== undefined) clock.clearTimeout(restoring);
    },
  };
}

/** It keeps no program alive. */
function unref(timer: Timer): void {
  Deno.unrefTimer(timer as unknown as number);
}

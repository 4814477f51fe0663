/**
 * Defaults and checks of what a node and its actors are made with.
 *
 * @module
 */

import { assertDelay } from "../time/mod.ts";
import type { SpawnOptions } from "./types.ts";

/** Defaults of {@linkcode NodeOptions}, and of spawn, call and stop. */
export const NODE_DEFAULTS: Readonly<{
  name: string;
  mailboxSize: number;
  callTimeoutMs: number;
  stopTimeoutMs: number;
  nodeStopTimeoutMs: number;
}> = Object.freeze({
  name: "troupe@localhost",
  mailboxSize: 10_000,
  callTimeoutMs: 5_000,
  stopTimeoutMs: 5_000,
  nodeStopTimeoutMs: 10_000,
});

/** The options that every actor has. */
export type ActorLimits = Required<
  Pick<SpawnOptions, "mailboxSize" | "stopTimeoutMs" | "trapExit">
>;

/**
 * Checks the limits of an actor and fills in the defaults.
 *
 * @throws {RangeError} If a limit is out of its range.
 */
export function resolveActorLimits(options: SpawnOptions): ActorLimits {
  const {
    mailboxSize = NODE_DEFAULTS.mailboxSize,
    stopTimeoutMs = NODE_DEFAULTS.stopTimeoutMs,
    trapExit = false,
  } = options;
  assertDelay("stop a process", stopTimeoutMs);
  if (!(mailboxSize >= 1)) {
    throw new RangeError(`Cannot make a mailbox: got size ${mailboxSize}, expected 1 or more`);
  }
  return { mailboxSize, stopTimeoutMs, trapExit };
}

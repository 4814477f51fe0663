/**
 * Defaults and checks of what a node and its actors are made with.
 *
 * @module
 */

import { assertOptions, optionNames } from "../text/mod.ts";
import { assertDelay } from "../time/mod.ts";
import type { CallOptions, MetaOptions, NodeOptions, SpawnOptions, StopOptions } from "./types.ts";

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

const NODE = optionNames<NodeOptions>({ name: true, clock: true, telemetry: true });
const STOP = optionNames<StopOptions>({ timeoutMs: true });
const CALL = optionNames<CallOptions>({ timeoutMs: true });
const META = optionNames<MetaOptions>({ mailboxSize: true, stopTimeoutMs: true });
const SPAWN = optionNames<SpawnOptions>({
  name: true,
  env: true,
  mailboxSize: true,
  trapExit: true,
  linkChild: true,
  linkParent: true,
  stopTimeoutMs: true,
});

/** The options of one action of a node. */
export const OPTIONS_OF = Object.freeze(
  {
    "create a node": NODE,
    "stop a node": STOP,
    call: CALL,
    "spawn a process": SPAWN,
    "spawn a meta-process": META,
  } as const,
);

/**
 * Checks that an action has all the options that it is given.
 *
 * @throws {TypeError} If there is no such option.
 */
export function assertOptionsOf(action: keyof typeof OPTIONS_OF, options: object): void {
  assertOptions(action, options, OPTIONS_OF[action]);
}

/** The options that every actor has. */
export type ActorLimits = Required<
  Pick<SpawnOptions, "mailboxSize" | "stopTimeoutMs" | "trapExit">
>;

/**
 * Checks the limits of an actor and fills in the defaults.
 *
 * @throws {RangeError} If a limit is out of its range.
 */
export function resolveActorLimits(options: SpawnOptions<unknown>): ActorLimits {
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

/**
 * Supervisors of the configured processes.
 *
 * @module
 */

import {
  type AnyProcessFunction,
  type ChildSpec,
  createSupervisor,
  keyed,
  NODE_DEFAULTS,
  type ProcessFunction,
} from "../actor/mod.ts";
import { instanceNames, type ProcessConfig } from "../config/mod.ts";
import { LONGEST_STOP_MS, PROGRAM_MAILBOX } from "../programs/mod.ts";

/** A configured group of equal processes with its function. */
export interface ProcessGroup {
  readonly name: string;
  readonly run: AnyProcessFunction;
  readonly config: ProcessConfig;
  /** What its processes have as `env`. */
  readonly env: Readonly<Record<string, unknown>>;
}

/** The supervisor of a group, and the time that it needs to stop. */
export interface Supervised {
  readonly run: ProcessFunction;
  readonly stopTimeoutMs: number;
}

/** Time for what comes after a program, or after processes, in milliseconds. */
const MARGIN_MS = 500;

/**
 * A program that ends is started again whatever happens: what it lacks may be back in a
 * minute. Whoever asks for it meanwhile is told so, and the log of each end.
 */
const PROGRAM_LIMITS = Object.freeze({
  // Each may take its time.
  stopTogether: true,
  intensity: Infinity,
  periodMs: 60_000,
  backoffMs: 100,
  maxBackoffMs: 10_000,
});

/** How one process of a group is spawned. */
function spawnOptions({ config, env }: ProcessGroup) {
  if (config.program === undefined) return { env, stopTimeoutMs: NODE_DEFAULTS.stopTimeoutMs };
  const { perConnection, shared } = PROGRAM_MAILBOX;
  return {
    env,
    mailboxSize: config.per === undefined ? shared : perConnection,
    stopTimeoutMs: LONGEST_STOP_MS + MARGIN_MS,
  };
}

/** A group of which one node of a cluster runs the processes, and is told so. */
export function withFence(group: ProcessGroup, fence: number): ProcessGroup {
  const { env, config } = group;
  if (config.program === undefined) return { ...group, env: { ...env, fence } };
  const variables = { ...env["env"] as Record<string, string>, TROUPE_FENCE: String(fence) };
  return { ...group, env: { ...env, env: variables } };
}

/**
 * Supervisor of a group. A configured process is meant to live as long as the
 * server, so it is started again however it ended.
 */
export function superviseGroup(group: ProcessGroup): Supervised {
  const { name, run, config: { instances, keyed: isKeyed, per, program } } = group;
  if (isKeyed || per !== undefined) return superviseKeyed(group);
  const options = spawnOptions(group);
  const children = instanceNames(name, instances).map((instance): ChildSpec => ({
    id: instance,
    run,
    restart: "permanent",
    options: { ...options, name: instance },
  }));
  const limits = program === undefined ? {} : PROGRAM_LIMITS;
  return {
    run: createSupervisor({ ...limits, strategy: "one-for-one", children }),
    stopTimeoutMs: options.stopTimeoutMs + (program === undefined ? 0 : MARGIN_MS),
  };
}

function superviseKeyed(group: ProcessGroup): Supervised {
  const { name, run, config: { idleTimeoutMs, maxKeys, per } } = group;
  const options = spawnOptions(group);
  const perConnection = per !== undefined;
  const child: ChildSpec = {
    id: name,
    run: keyed(name, run, { ...options, idleTimeoutMs, maxKeys, perConnection }),
    restart: "permanent",
    // It ends after all of its own.
    options: { name, stopTimeoutMs: options.stopTimeoutMs + NODE_DEFAULTS.stopTimeoutMs },
  };
  return {
    run: createSupervisor({ strategy: "one-for-one", children: [child] }),
    stopTimeoutMs: options.stopTimeoutMs + 2 * NODE_DEFAULTS.stopTimeoutMs,
  };
}

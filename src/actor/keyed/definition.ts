/**
 * What tells the function of keyed processes from that of any other process.
 *
 * @module
 */

import type { AnyProcessFunction, ProcessFunction, SpawnOptions } from "../types.ts";

/** How the processes of a name are made and bounded. */
export interface KeyedDefinition {
  readonly name: string;
  readonly run: AnyProcessFunction;
  readonly options: Pick<SpawnOptions, "env" | "mailboxSize" | "stopTimeoutMs">;
  /** 0: they never end by themselves. */
  readonly idleTimeoutMs: number;
  readonly maxKeys: number;
  /** Each connection to `NAME` gets one of its own. */
  readonly perConnection: boolean;
  /** Failures of one key within a period, after which it is left alone for the rest of it. */
  readonly limits: { readonly intensity: number; readonly periodMs: number };
}

const definitions = new WeakMap<AnyProcessFunction, KeyedDefinition>();

/** Marks a function: where it is spawned, `NAME/KEY` can be sent to from that moment on. */
export function markKeyed(run: ProcessFunction, definition: KeyedDefinition): ProcessFunction {
  definitions.set(run, definition);
  return run;
}

/** The definition that a function was marked with. */
export function definitionOf(run: AnyProcessFunction): KeyedDefinition | undefined {
  return definitions.get(run);
}

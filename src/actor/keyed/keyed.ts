/**
 * Keyed processes: one for each key that somebody sends to.
 *
 * @module
 */

import { assertOptions, optionNames } from "../../text/mod.ts";
import { assertDelay } from "../../time/mod.ts";
import { groupOf } from "../self.ts";
import { assertProcessName } from "../identities.ts";
import { assertPlainData } from "../plain_data.ts";
import { SUPERVISOR_DEFAULTS } from "../supervisor/options.ts";
import type { AnyProcessFunction, PlainRecord, ProcessFunction, SpawnOptions } from "../types.ts";
import { type KeyedDefinition, markKeyed } from "./definition.ts";

/** Options of {@linkcode keyed}. */
export interface KeyedOptions<E = PlainRecord>
  extends Pick<SpawnOptions<E>, "env" | "mailboxSize" | "stopTimeoutMs"> {
  /**
   * Time without a connection and without a message of others after which a process is
   * asked to stop, in milliseconds; up to a quarter more may pass. 0: never. Default 30 000.
   */
  readonly idleTimeoutMs?: number;
  /** Most processes at a time. Default 10 000. */
  readonly maxKeys?: number;
  /**
   * Give each connection whose handler has `NAME` in its pool, or as its target, a process
   * of its own, `NAME/1`, `NAME/2` and so on. Default false.
   */
  readonly perConnection?: boolean;
}

/** The options of `keyed`, which may be left out unless the function needs an env. */
export type KeyedArguments<E> = PlainRecord extends E ? [options?: KeyedOptions<E>]
  : [options: KeyedOptions<E> & { readonly env: NoInfer<E> }];

/** Defaults of {@linkcode KeyedOptions}. */
export const KEYED_DEFAULTS: Readonly<{ idleTimeoutMs: number; maxKeys: number }> = Object.freeze({
  idleTimeoutMs: 30_000,
  maxKeys: 10_000,
});

const OPTIONS = optionNames<KeyedOptions>({
  env: true,
  mailboxSize: true,
  stopTimeoutMs: true,
  idleTimeoutMs: true,
  maxKeys: true,
  perConnection: true,
});

/**
 * Makes the function of a process that has others named `NAME/KEY` started on demand:
 * spawn it like any process, once for each `NAME`.
 *
 * The first message to such a name starts its process, with the key as `self.key`. A
 * process ends when nobody has used it for `idleTimeoutMs`: it is asked to stop, and what
 * arrives from then on goes to the next one of its key, which begins when it has ended, so
 * nothing in between is lost and never two are at work. One that throws is started again by
 * the next message; more than 5 times in 5 s, and it is `"terminated"` for the rest of that
 * time. Beyond `maxKeys` a send is `"full"`. All end with the process that has them started.
 *
 * A key is a text of 1 to 255 bytes without control characters. Who is not there cannot be
 * monitored, linked or inspected: that starts nobody.
 *
 * @throws {TypeError} If the name has another form, the function is missing, there is no such
 * option, or `env` is no plain data.
 * @throws {RangeError} If a limit is out of its range.
 *
 * @example
 * ```ts
 * import { createNode, keyed } from "@troupe/troupe";
 *
 * await using node = createNode();
 * node.spawn(keyed("counter", async (self) => {
 *   let count = 0;
 *   for await (const { reply } of self) reply?.(`${self.key} ${++count}`);
 * }));
 * await node.call("counter/apples", "one more"); // "apples 1"
 * await node.call("counter/apples", "one more"); // "apples 2"
 * await node.call("counter/pears", "one more"); // "pears 1"
 * ```
 */
export function keyed<M = unknown, E = PlainRecord>(
  name: string,
  run: ProcessFunction<M, E>,
  ...[options = {}]: KeyedArguments<E>
): ProcessFunction {
  const definition = define(name, run, options as KeyedOptions);
  return markKeyed(async (self) => {
    const group = groupOf(self, name);
    try {
      self.onInspect(() => group.describe());
      for await (const { message, from, reply } of self) {
        const text =
          `Cannot answer: ${name} stands for processes ${name}/KEY and takes no messages`;
        self.log.warn("{name} was sent {message} by {from}, expected {name}/KEY", {
          name,
          message,
          from,
        });
        reply?.(new TypeError(text));
      }
    } finally {
      await group.stop();
    }
  }, definition);
}

function define(name: string, run: AnyProcessFunction, options: KeyedOptions): KeyedDefinition {
  assertProcessName(name);
  if (typeof run !== "function") {
    throw new TypeError(`Cannot make keyed processes: expected a function, got ${typeof run}`);
  }
  assertOptions("make keyed processes", options, OPTIONS);
  const {
    idleTimeoutMs = KEYED_DEFAULTS.idleTimeoutMs,
    maxKeys = KEYED_DEFAULTS.maxKeys,
    perConnection = false,
    ...spawn
  } = options;
  assertDelay("end unused keyed processes", idleTimeoutMs);
  assertPlainData(spawn.env, "make keyed processes with this env");
  if (!Number.isInteger(maxKeys) || maxKeys < 1) {
    throw new RangeError(`Cannot make keyed processes: got maxKeys ${maxKeys}, expected 1 or more`);
  }
  const { intensity, periodMs } = SUPERVISOR_DEFAULTS;
  const limits = { intensity, periodMs };
  return { name, run, options: spawn, idleTimeoutMs, maxKeys, perConnection, limits };
}

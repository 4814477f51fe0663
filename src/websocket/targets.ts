/**
 * Finds the process that a connection is for.
 *
 * @module
 */

import type { MetaProcess, Pid } from "../actor/mod.ts";
import type { Refusal } from "./handshake/handshake.ts";
import { unavailable } from "./handshake/handshake.ts";
import { pickTarget } from "./pool.ts";

/** Whom a handler can ask for processes. */
type Finder = Pick<MetaProcess, "parent" | "whereis" | "resolve">;

/** The process, or why there is none. */
export type FoundTarget = { readonly pid: Pid } | Refusal;

/** Takes turns in a pool, where connections name no process of their own. */
export class Targets {
  #cursor = 0;

  /** The process of a name, a keyed one is started; without a name the next one of the pool. */
  find(name: string | undefined, pool: readonly string[], self: Finder): FoundTarget {
    if (name !== undefined) return findNamed(name, self);
    if (pool.length === 0) return { pid: self.parent };
    const picked = pickTarget(pool, this.#cursor, (each) => self.whereis(each));
    if (picked === undefined) {
      return unavailable("no process of the pool is running", "no_process");
    }
    this.#cursor = picked.cursor;
    return picked;
  }
}

function findNamed(name: string, self: Finder): FoundTarget {
  const found = self.resolve(name);
  switch (found) {
    case "full":
      return unavailable("there are as many processes as may be", "process_limit");
    case "unknown":
    case "terminated":
    case "unreachable":
      return unavailable("the process that it is for is not running", "no_process");
    default:
      return { pid: found };
  }
}

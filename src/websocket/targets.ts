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
    let isFull = false;
    const picked = pickTarget(pool, this.#cursor, (each) => {
      const found = self.resolve(each);
      isFull ||= found === "full";
      if (!isRefused(found)) return found;
      // One of another node is not resolved here.
      return found === "unknown" ? self.whereis(each) : undefined;
    });
    if (picked === undefined) {
      return isFull ? NO_ROOM : unavailable("no process of the pool is running", "no_process");
    }
    this.#cursor = picked.cursor;
    return picked;
  }
}

/** Where the process of a connection is by now, if a cluster has moved it: its name. */
export function movedTo(self: Pick<MetaProcess, "placed">, target: Pid): string | undefined {
  const placed = self.placed(target);
  return placed?.hasMoved ? placed.name : undefined;
}

/** Whether a cluster may move it. */
export function mayMove(self: Pick<MetaProcess, "placed">, target: Pid): boolean {
  return self.placed(target) !== undefined;
}

type Found = ReturnType<Finder["resolve"]>;

const REFUSED: readonly string[] = ["unknown", "terminated", "full", "unreachable"];
const NO_ROOM = unavailable("there are as many processes as may be", "process_limit");

function isRefused(found: Found): found is Exclude<Found, Pid> {
  return REFUSED.includes(found);
}

function findNamed(name: string, self: Finder): FoundTarget {
  const found = self.resolve(name);
  if (!isRefused(found)) return { pid: found };
  if (found === "full") return NO_ROOM;
  return unavailable("the process that it is for is not running", "no_process");
}

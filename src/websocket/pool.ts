/**
 * The next process for a connection (seeds 000 and 001: ProcessPool).
 *
 * @module
 */

import type { Pid } from "../actor/mod.ts";

/**
 * Picks the next registered name of a pool, starting at `cursor`: connection 1
 * gets the first name, connection 2 the second, and so on. Names that nobody
 * holds are passed over; one that holds a name may be stopping.
 *
 * @returns The process and the cursor for the next pick; `undefined` if nobody holds any.
 */
export function pickTarget(
  pool: readonly string[],
  cursor: number,
  whereis: (name: string) => Pid | undefined,
): { readonly pid: Pid; readonly cursor: number } | undefined {
  for (let offset = 0; offset < pool.length; offset++) {
    const index = (cursor + offset) % pool.length;
    const pid = whereis(pool[index]!);
    if (pid !== undefined) return { pid, cursor: (index + 1) % pool.length };
  }
  return undefined;
}

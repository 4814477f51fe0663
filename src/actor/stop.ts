/**
 * The order in which a node ends what lives on it.
 *
 * @module
 */

import { type Clock, PatientTimer } from "../time/mod.ts";
import type { Cell } from "./cell.ts";

/**
 * Ends all cells: first the meta-processes, so that what they send last is
 * still handled; then processes, parents before children, so that a supervisor
 * ends its children in its own order. What is left at the deadline is ended.
 */
export async function stopAll(
  cells: ReadonlyMap<string, Cell>,
  clock: Clock,
  timeoutMs: number,
): Promise<void> {
  let overdue = false;
  using _deadline = new PatientTimer(
    () => {
      overdue = true;
      for (const cell of [...cells.values()]) cell.kill(timeoutMs);
    },
    timeoutMs,
    clock,
  );
  const metas = [...cells.values()].filter((cell) => cell.options.kind === "meta");
  await stopTogether(metas);
  while (cells.size > 0 && !overdue) {
    await stopTogether([...cells.values()].filter(isRoot));
  }
}

function isRoot(cell: Cell): boolean {
  const { parent } = cell.options;
  return parent === undefined || parent.state === "ended";
}

async function stopTogether(cells: readonly Cell[]): Promise<void> {
  await Promise.all(cells.map((cell) => {
    const ended = new Promise<void>((resolve) => cell.whenEnded(resolve));
    cell.stop("shutdown");
    return ended;
  }));
}

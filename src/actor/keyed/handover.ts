/**
 * What keyed processes that move leave behind.
 *
 * @module
 */

import { getLogger } from "../../telemetry/mod.ts";
import { type Clock, PatientTimer } from "../../time/mod.ts";
import type { Cell } from "../cell.ts";
import { assertPlainData } from "../plain_data.ts";
import type { HandedOver } from "./places.ts";

const log = getLogger(["troupe", "actor"]);

/** Has each of some processes end as one that moves; resolves when all have. */
export async function collectStates(
  moving: readonly { readonly key: string; readonly cell: Cell }[],
  timeoutMs: number,
  clock: Clock,
): Promise<HandedOver[]> {
  const states: HandedOver[] = [];
  using _deadline = new PatientTimer(
    () => {
      for (const { cell } of moving) cell.kill(timeoutMs);
    },
    timeoutMs,
    clock,
  );
  await Promise.all(moving.map(({ key, cell }) =>
    new Promise<void>((resolve) => {
      cell.whenEnded(() => {
        const state = stateOf(cell);
        if (state !== undefined) states.push({ key, state });
        resolve();
      });
      cell.move();
    })
  ));
  return states;
}

/** Of one that was ended, or failed, nobody knows whether it makes sense. */
function stateOf(cell: Cell): unknown {
  if (cell.endReason !== "moved") return undefined;
  try {
    const state = cell.handOver?.();
    assertPlainData(state, "hand over");
    return state;
  } catch (error) {
    log.error("{name} hands nothing over: {error}", { name: cell.name, error });
    return undefined;
  }
}

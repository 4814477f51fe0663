/**
 * The process functions that Troupe brings along.
 *
 * @module
 */

import type { ProcessFunction } from "../actor/mod.ts";
import { events } from "../events/mod.ts";
import { topics } from "../topics/mod.ts";
import type { BehaviorName } from "./config_types.ts";
import { echo } from "./echo.ts";

/** Process functions by the name that configurations use. */
export const BEHAVIORS: Readonly<Partial<Record<BehaviorName, ProcessFunction>>> = Object.freeze({
  echo,
  events,
  topics,
});

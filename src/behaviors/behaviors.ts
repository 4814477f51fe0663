/**
 * The process functions that Troupe brings along.
 *
 * @module
 */

import type { AnyProcessFunction } from "../actor/mod.ts";
import { topics } from "../topics/mod.ts";
import { events } from "./chat.ts";
import { echo } from "./echo.ts";

/** A process function that Troupe brings along. */
export type BehaviorName = "echo" | "events" | "topics";

/** Process functions by the name that configurations use. */
export const BEHAVIORS: Readonly<Record<BehaviorName, AnyProcessFunction>> = Object.freeze({
  echo,
  events,
  topics,
});

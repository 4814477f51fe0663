/**
 * The process functions that Troupe brings along.
 *
 * @module
 */

import type { AnyProcessFunction } from "../actor/mod.ts";
import { topics } from "../topics/mod.ts";
import { chat } from "./chat.ts";
import { echo } from "./echo.ts";
import { program } from "./program/program.ts";

/** A process function that Troupe brings along. */
export type BehaviorName = "chat" | "echo" | "program" | "topics" | "events";

/** Process functions by the name that configurations use. */
export const BEHAVIORS: Readonly<Record<BehaviorName, AnyProcessFunction>> = Object.freeze({
  chat,
  echo,
  program,
  topics,
  // The name that the chat had; until 1.0.
  events: chat,
});

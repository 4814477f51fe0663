/**
 * Processes by name: chat, echo, program, topics.
 *
 * @module
 */

export { type BehaviorName, BEHAVIORS } from "./behaviors.ts";
export { chat, serveChat } from "./chat.ts";
export { echo } from "./echo.ts";
export { program } from "./program/program.ts";

/**
 * Processes by name: echo, chat, topics.
 *
 * @module
 */

export { type BehaviorName, BEHAVIORS } from "./behaviors.ts";
export { chat, serveChat } from "./chat.ts";
export { echo } from "./echo.ts";

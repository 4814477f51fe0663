/**
 * Telling system messages from what somebody sent.
 *
 * @module
 */

import type { DownMessage, Envelope, ExitMessage } from "./envelope.ts";

/**
 * Whether an envelope tells of the end of something that was monitored. A message
 * that only looks like it is none.
 *
 * @example
 * ```ts
 * import { createNode, isDown } from "@troupe/troupe";
 *
 * await using node = createNode();
 * node.spawn(async (self) => {
 *   const worker = self.spawn(async () => {});
 *   self.monitor(worker);
 *   for await (const envelope of self) {
 *     if (isDown(envelope)) console.log(envelope.message.target, envelope.message.reason);
 *   }
 * });
 * ```
 */
export function isDown(
  // deno-lint-ignore no-explicit-any -- of unknown, typed messages would narrow to never
  envelope: Envelope<any>,
  // deno-lint-ignore no-explicit-any -- as above
): envelope is Envelope<any> & { readonly kind: "down"; readonly message: DownMessage } {
  return envelope.kind === "down";
}

/** Whether an envelope is an exit signal to a process that traps them. */
export function isExit(
  // deno-lint-ignore no-explicit-any -- of unknown, typed messages would narrow to never
  envelope: Envelope<any>,
  // deno-lint-ignore no-explicit-any -- as above
): envelope is Envelope<any> & { readonly kind: "exit"; readonly message: ExitMessage } {
  return envelope.kind === "exit";
}

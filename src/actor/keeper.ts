/**
 * The process that a meta-process of the node itself has as its parent.
 *
 * @module
 */

import type { Envelope } from "./envelope.ts";
import { isDown } from "./system_messages.ts";
import type { Process } from "./types.ts";

/**
 * Lives as long as the meta-process, which it monitors. What it is sent is for nobody: the
 * end of a connection whose process has gone, and what should have gone to a process.
 */
export async function keepMeta(self: Process): Promise<void> {
  for await (const envelope of self) {
    if (isDown(envelope)) return;
    refuse(self, envelope);
  }
}

function refuse(self: Process, { message, from, reply }: Envelope): void {
  self.log.debug("The node was sent {message} by {from}, which is for no process", {
    message,
    from,
  });
  reply?.(new TypeError("Cannot answer: this process only keeps a meta-process of the node"));
}

/**
 * The root process of a server: parent of its supervisors and handlers.
 *
 * @module
 */

import { isDown, type Process, type ProcessFunction, type Ref } from "../actor/mod.ts";
import { getLogger } from "../telemetry/mod.ts";
import { type Handler, isDisconnect } from "../websocket/mod.ts";
import { type ProcessGroup, superviseGroup } from "./process_groups.ts";

const log = getLogger(["troupe", "server"]);

/** What the root process starts. */
export interface RootOptions {
  readonly groups: readonly ProcessGroup[];
  readonly handlers: readonly Handler[];
  /** Called once all processes have their names and all handlers run. */
  readonly onStarted: () => void;
}

async function startGroup(self: Process, group: ProcessGroup): Promise<Ref> {
  const { run, stopTimeoutMs } = superviseGroup(group);
  const supervisor = self.spawn(run, { stopTimeoutMs });
  const ref = self.monitor(supervisor);
  try {
    // The reply comes when all instances have been spawned and have their names.
    await self.call(supervisor, { kind: "children" });
  } catch (error) {
    log.error("The processes of {group} did not start: {error}", { group: group.name, error });
  }
  return ref;
}

/**
 * Makes the root process.
 *
 * Each group has a supervisor of its own, so a group that crashes again and
 * again gives up alone: that is logged as an error, and its endpoints answer
 * 503 while everything else goes on. A connection whose process has gone sends
 * its `disconnect` here, where it is counted.
 */
export function createRoot(options: RootOptions): ProcessFunction {
  return async (self) => {
    const groups = new Map<Ref, string>();
    let orphans = 0;
    self.onInspect(() => ({
      processGroups: groups.size,
      endpoints: options.handlers.length,
      orphanedDisconnects: orphans,
    }));
    for (const group of options.groups) groups.set(await startGroup(self, group), group.name);
    for (const handler of options.handlers) self.spawnMeta(handler);
    options.onStarted();
    for await (const envelope of self) {
      const { message, from, reply } = envelope;
      if (isDown(envelope)) {
        const { ref, reason, detail } = envelope.message;
        const group = groups.get(ref);
        groups.delete(ref);
        log.error(
          "The processes of {group} gave up: their endpoints answer 503 until the next start",
          { group, reason, detail },
        );
      } else if (isDisconnect(message)) {
        orphans++;
        log.debug("Connection {id} ended after its process", { id: message.id });
      } else {
        log.warn("The root process was sent {message} by {from}, which it does not expect", {
          message,
          from,
        });
        reply?.(new TypeError("Cannot answer: the root process takes no requests"));
      }
    }
  };
}

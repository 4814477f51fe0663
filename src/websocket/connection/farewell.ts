/**
 * What the process that a connection belongs to is told of its end.
 *
 * @module
 */

import type { MetaProcess, Pid, Ref } from "../../actor/mod.ts";
import { CLOSE_CODES } from "../close_codes.ts";
import type { CloseInfo } from "../socket.ts";
import { mayMove, movedTo } from "../targets.ts";

/** What is reported of a connection that ended without a closing handshake. */
export const ABNORMAL: CloseInfo = Object.freeze({ code: CLOSE_CODES.abnormal.code, reason: "" });

/** Watches a target. One on another node is told there of the end if this node is lost. */
export function watchTarget(self: MetaProcess, target: Pid): Ref {
  if (!isElsewhere(self, target)) return self.monitor(target);
  return self.monitor(target, { will: disconnectOf(self, ABNORMAL) });
}

/** Tells the target, or else the parent, of the end. Without a monitor the target was told. */
export function reportEnd(
  self: MetaProcess,
  target: Pid,
  monitor: Ref | undefined,
  end: CloseInfo,
): boolean {
  const message = disconnectOf(self, end);
  const to = movedTo(self, target) ?? target;
  if (monitor === undefined || self.sendUnchecked(to, message, true) !== "accepted") {
    return self.sendUnchecked(self.parent, message, true) === "accepted";
  }
  if (isElsewhere(self, target)) self.demonitor(monitor);
  return true;
}

function disconnectOf({ id }: MetaProcess, { code, reason }: CloseInfo): Record<string, unknown> {
  return { kind: "disconnect", id, code, reason };
}

function isElsewhere(self: MetaProcess, target: Pid): boolean {
  return nodeOf(target) !== nodeOf(self.parent) || mayMove(self, target);
}

/** The start of a node that an identity is of. */
function nodeOf(identity: string): string {
  return identity.slice(identity.indexOf("<"), identity.lastIndexOf("/"));
}

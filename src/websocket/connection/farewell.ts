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

/** Watches a target no more that seems to have gone: if it is only out of reach, it is told. */
export function leaveTarget(self: MetaProcess, target: Pid, monitor: Ref): void {
  const will = isElsewhere(self, target) ? disconnectOf(self, ABNORMAL) : undefined;
  self.demonitor(monitor, { will });
}

/** Tells the target, or else the parent, of the end. Without a monitor the target was told. */
export function reportEnd(
  self: MetaProcess,
  target: Pid,
  monitor: Ref | undefined,
  end: CloseInfo,
): boolean {
  const message = disconnectOf(self, end);
  const isTold = monitor !== undefined &&
    (isElsewhere(self, target)
      ? tellElsewhere(self, target, monitor, message)
      : self.sendUnchecked(target, message, true) === "accepted");
  return isTold || self.sendUnchecked(self.parent, message, true) === "accepted";
}

/** It arrives although the node is out of reach for a while, or the link has a gap. */
function tellElsewhere(
  self: MetaProcess,
  target: Pid,
  monitor: Ref,
  will: Record<string, unknown>,
): boolean {
  if (self.demonitor(monitor, { will })) return true;
  // Of a target that has moved the monitor is used, and this connection is about to hear of it.
  const moved = movedTo(self, target);
  return moved !== undefined && self.sendUnchecked(moved, will, true) === "accepted";
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

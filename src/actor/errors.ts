/**
 * Errors that a caller of the actor room can act on.
 *
 * @module
 */

import type { Target } from "./identities.ts";

/** A target as it is shown in an error text. */
export function showTarget(target: Target): string {
  return typeof target === "string"
    ? JSON.stringify(target)
    : JSON.stringify(`${target.name} on ${target.node}`);
}

/** What was thrown, as a text; whatever it was, this does not throw. */
export function showError(error: unknown): string {
  try {
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  } catch {
    // A proxy, or an object without or with a throwing `toString`.
    return `a thrown ${typeof error} that has no text`;
  }
}

/** A name belongs to another process. */
export class NameTakenError extends Error {
  /** The name of the class. */
  override readonly name = "NameTakenError";
  /** Stable code. */
  readonly code = "name_taken";
  /** Of `processName`, which belongs to the process with the Pid `holder`. */
  constructor(readonly processName: string, readonly holder: string) {
    super(`Cannot register ${JSON.stringify(processName)}: the name belongs to ${holder}`);
  }
}

/** The node is stopping or has stopped. */
export class NodeStoppedError extends Error {
  /** The name of the class. */
  override readonly name = "NodeStoppedError";
  /** Stable code. */
  readonly code = "node_stopped";
  /** Of an action on the node of that name. */
  constructor(action: string, node: string) {
    super(`Cannot ${action}: node ${node} is stopping or has stopped`);
  }
}

/** A supervisor has given up: its children needed too many restarts. */
export class RestartIntensityError extends Error {
  /** The name of the class. */
  override readonly name = "RestartIntensityError";
  /** Stable code. */
  readonly code = "restart_intensity";
  /** Of the child whose end was one too many, and the limits it broke. */
  constructor(readonly childId: string, readonly intensity: number, readonly periodMs: number) {
    const id = JSON.stringify(childId);
    super(`Cannot restart ${id}: more than ${intensity} restarts in ${periodMs} ms`);
  }
}

/** Some nodes did not answer what all were asked. */
export class IncompleteAnswerError extends Error {
  /** The name of the class. */
  override readonly name = "IncompleteAnswerError";
  /** For a `switch`. */
  readonly code = "incomplete_answer";
  /** Of the nodes that are missing, and of what is known without them; `cause` is why the first is. */
  constructor(readonly nodes: readonly string[], readonly answer: unknown, options?: ErrorOptions) {
    super(`Cannot answer for the cluster: ${nodes.join(", ")} did not answer`, options);
  }
}

/** Why a call has no reply. */
export type CallErrorCode =
  | "unknown"
  | "terminated"
  | "full"
  | "unreachable"
  | "timeout"
  | "handler_error";

/** A call without a reply; the subclass and `code` say why. */
export class CallError extends Error {
  /** The name of the class. */
  override readonly name: string = "CallError";
  /** Of a target, as it was given to `call`. */
  constructor(readonly code: CallErrorCode, readonly target: Target, why: string, cause?: unknown) {
    super(
      `Cannot call ${showTarget(target)}: ${why}`,
      cause === undefined ? undefined : { cause },
    );
  }
}

/** No such name, or an identity of another incarnation. */
export class CallUnknownError extends CallError {
  /** The name of the class. */
  override readonly name = "CallUnknownError";
  /** Of a target, as it was given to `call`. */
  constructor(target: Target) {
    super("unknown", target, "no such process is known");
  }
}

/** The target had ended, or ended before it replied; or the caller has ended. */
export class CallTerminatedError extends CallError {
  /** The name of the class. */
  override readonly name = "CallTerminatedError";
  /** Of a target, as it was given to `call`. */
  constructor(target: Target, why = "it has terminated") {
    super("terminated", target, why);
  }
}

/** The mailbox of the target is full. */
export class CallFullError extends CallError {
  /** The name of the class. */
  override readonly name = "CallFullError";
  /** Of a target, as it was given to `call`. */
  constructor(target: Target) {
    super("full", target, "its mailbox is full");
  }
}

/** The target lives on a node that cannot be reached. */
export class CallUnreachableError extends CallError {
  /** The name of the class. */
  override readonly name = "CallUnreachableError";
  /** Of a target, as it was given to `call`. */
  constructor(target: Target) {
    super("unreachable", target, "its node cannot be reached");
  }
}

/** No reply came in time. */
export class CallTimeoutError extends CallError {
  /** The name of the class. */
  override readonly name = "CallTimeoutError";
  /** Of a target, as it was given to `call`, after so many milliseconds. */
  constructor(target: Target, readonly timeoutMs: number) {
    super("timeout", target, `no reply within ${timeoutMs} ms`);
  }
}

/** The target threw while it had the request, or replied with an error: see `cause`. */
export class CallHandlerError extends CallError {
  /** The name of the class. */
  override readonly name = "CallHandlerError";
  /** Of a target, as it was given to `call`, and what it threw. */
  constructor(target: Target, cause: unknown) {
    super("handler_error", target, `its handler failed: ${showError(cause)}`, cause);
  }
}

/** A call that was refused, by the result of its send. */
export const REFUSALS = {
  unknown: CallUnknownError,
  terminated: CallTerminatedError,
  full: CallFullError,
  unreachable: CallUnreachableError,
} as const;

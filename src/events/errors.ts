/**
 * Errors of events and connections on which a caller can act.
 *
 * @module
 */

import { showError } from "../actor/mod.ts";

/**
 * Why an event message was refused: `"invalid_type"` (seed 003:
 * ErrInvalidTypeMessage) or `"invalid_message"` (seed 003: ErrInvalidWebsocketMessage).
 */
export type EventMessageErrorCode = "invalid_type" | "invalid_message";

/** A message that starts with the prefix and is no event (seed 003). */
export class EventMessageError extends Error {
  /** Name of the class. */
  override readonly name = "EventMessageError";

  /** Makes one of its code and its text. */
  constructor(readonly code: EventMessageErrorCode, text: string, options?: ErrorOptions) {
    super(text, options);
  }
}

/** A connection is disconnected that already was (seed 003: ErrAlreadyDisconnected). */
export class AlreadyDisconnectedError extends Error {
  /** Name of the class. */
  override readonly name = "AlreadyDisconnectedError";
  /** For a `switch`. */
  readonly code = "already_disconnected";

  /** Makes one of the id of the connection. */
  constructor(readonly id: string) {
    super(`Cannot disconnect ${JSON.stringify(id)}: already disconnected`);
  }
}

/** There is no connection after an upgrade (seed 003: Connection.Err). */
export class UpgradeError extends Error {
  /** Name of the class. */
  override readonly name = "UpgradeError";
  /** For a `switch`. */
  readonly code = "upgrade_failed";

  /** Makes one of the HTTP status of the answer, 101 if the client left after it. */
  constructor(readonly status: number, text: string) {
    super(text);
  }
}

/** What was thrown, as an error: itself, or one with its text and itself as `cause`. Never throws. */
export function toError(thrown: unknown): Error {
  try {
    if (thrown instanceof Error) return thrown;
  } catch {
    // A revoked proxy is not even asked for its prototype.
  }
  return new Error(showError(thrown), { cause: thrown });
}

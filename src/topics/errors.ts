/**
 * Errors of the topics server.
 *
 * @module
 */

/** Why a topics server did not start or stop. */
export type TopicsServerErrorCode = "already_started" | "not_started";

const STATES = {
  already_started: "Cannot start the topics server: it has been started, expected one stopped",
  not_started: "Cannot stop the topics server: it has not been started",
} as const;

/** The topics server is not in the state that was expected. */
export class TopicsServerError extends Error {
  /** Name of the class. */
  override readonly name = "TopicsServerError";
  /** Takes what was wrong. */
  constructor(readonly code: TopicsServerErrorCode) {
    super(STATES[code]);
  }
}

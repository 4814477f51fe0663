/**
 * Errors of the server.
 *
 * @module
 */

/** What kept a server from starting. */
export type StartErrorCode =
  | "token_short"
  | "auth_failed"
  | "webhooks_failed"
  | "listen_failed"
  | "module_failed"
  | "program_failed"
  | "behavior_missing"
  | "certificate_failed"
  | "directory_gone"
  | "engines_mixed"
  | "cluster_failed"
  | "worker_failed";

/** The server could not start; the text says why in one line. */
export class ServerStartError extends Error {
  /** Name of the class. */
  override readonly name = "ServerStartError";
  /** Takes a text of one line. */
  constructor(readonly code: StartErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
  }
}

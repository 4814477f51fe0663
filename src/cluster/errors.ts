/**
 * Why a node cannot be part of a cluster.
 *
 * @module
 */

/** What stands in the way. */
export type ClusterErrorCode =
  /** The broker is too old. */
  | "broker_too_old"
  /** It does not let this node in, or is none that this node may talk to. */
  | "broker_refused"
  /** A key or a certificate is not what it should be. */
  | "rights_invalid"
  /** It has no JetStream, which what was asked for needs. */
  | "no_jetstream"
  /** A live node has the name. */
  | "node_name_taken";

/** A node cannot join a cluster. */
export class ClusterError extends Error {
  /** Name of the class. */
  override readonly name = "ClusterError";
  /** Takes a stable code and the text. */
  constructor(readonly code: ClusterErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
  }
}

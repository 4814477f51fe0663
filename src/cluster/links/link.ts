/**
 * What a carrier of bytes between two nodes offers: memory, workers and NATS alike.
 *
 * @module
 */

/** What a link tells its owner. */
export interface LinkHandlers {
  /** A batch arrived, whole. Links keep order; what they lose shows in the numbers of batches. */
  onBytes(bytes: Uint8Array): void;
  /** Nothing arrives or leaves any more; once, after `close` too. */
  onClose(reason: string): void;
}

/** One way to one start of another node. */
export interface Link {
  /** Largest batch that it carries, in bytes. */
  readonly maxBytes: number;
  /** Resolves when bytes can be sent; rejects with the reason why they cannot. */
  open(handlers: LinkHandlers): Promise<void>;
  /** Hands over a batch, and does not wait; false if it could not be taken. Never keeps the array. */
  send(bytes: Uint8Array): boolean;
  /** Lets go of all it holds; a second call does nothing. */
  close(): void;
}

/**
 * Whether a watch of the store still tells what is written.
 *
 * Of a server that is gone the client tells nothing, and its watch goes on in silence.
 *
 * @module
 */

/** So long after a write of its own a watch has told of it. */
export const WATCH_PATIENCE_MS = 2_000;

/** What was written by this node and what the watch has told. */
export class WatchCheck {
  #toldRevision = 0;
  /** The oldest own write that was not told, and when its answer came. */
  #untold: { readonly revision: number; readonly sinceMs: number } | undefined;

  /** The watch begins anew. */
  begin(): void {
    // A store that was lost counts from the beginning again.
    this.#toldRevision = 0;
    this.#untold = undefined;
  }

  /** The watch has told a revision; it may do so before the answer to a write comes. */
  told(revision: number): void {
    this.#toldRevision = Math.max(this.#toldRevision, revision);
    if (this.#toldRevision >= (this.#untold?.revision ?? Infinity)) this.#untold = undefined;
  }

  /** A write of this node succeeded. */
  wrote(revision: number, nowMs: number): void {
    if (revision > this.#toldRevision) this.#untold ??= { revision, sinceMs: nowMs };
  }

  /** Whether the watch has to begin anew; true once. */
  isBehind(nowMs: number): boolean {
    if (nowMs - (this.#untold?.sinceMs ?? Infinity) < WATCH_PATIENCE_MS) return false;
    if (this.#untold === undefined) return false;
    this.#untold = undefined;
    return true;
  }
}

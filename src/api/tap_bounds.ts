/**
 * How much of what passes a tap shows in a second.
 *
 * @module
 */

/** Bounds of one tap, and of all of them. */
export const TAP_LIMITS = Object.freeze({
  perSecond: 200,
  bytesPerSecond: 262_144,
  /** Characters that are shown of a message. */
  preview: 1_024,
  taps: 16,
  /** Members of a room that are followed. */
  members: 1_000,
});

/** Counts of one second. */
export interface Second {
  readonly count: number;
  readonly bytes: number;
  readonly skipped: number;
}

/** Nothing yet. */
export const NEW_SECOND: Second = Object.freeze({ count: 0, bytes: 0, skipped: 0 });

/** Decides about one more event of so many bytes. */
export function stepTap(
  { count, bytes, skipped }: Second,
  size: number,
): { readonly second: Second; readonly isShown: boolean } {
  const { perSecond, bytesPerSecond } = TAP_LIMITS;
  if (count >= perSecond || bytes + size > bytesPerSecond) {
    return { second: { count, bytes, skipped: skipped + 1 }, isShown: false };
  }
  return { second: { count: count + 1, bytes: bytes + size, skipped }, isShown: true };
}

/** Shows what passes, as much as may be of each second. */
export class Bounded {
  readonly #write: (event: string) => boolean;
  #second = NEW_SECOND;

  /** `write` returns false for what its reader did not take. */
  constructor(write: (event: string) => boolean) {
    this.#write = write;
  }

  show(event: string): void {
    const { second, isShown } = stepTap(this.#second, event.length);
    this.#second = second;
    if (isShown && !this.#write(event)) this.skip(1);
  }

  /** So many were left out. */
  skip(count: number): void {
    const { skipped, ...rest } = this.#second;
    this.#second = { ...rest, skipped: skipped + count };
  }

  /** Begins the next second; returns how many were left out in the one before. */
  turn(): number {
    const { skipped } = this.#second;
    this.#second = NEW_SECOND;
    return skipped;
  }
}

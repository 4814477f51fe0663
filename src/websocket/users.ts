/**
 * How many connections each user has.
 *
 * @module
 */

/** Counts connections by user. */
export class Users {
  readonly #counts = new Map<string, number>();

  /** Counts one; false, and it is not counted, if there are `most` (0: no limit). */
  enter(user: string, most: number): boolean {
    const count = this.#counts.get(user) ?? 0;
    if (most > 0 && count >= most) return false;
    this.#counts.set(user, count + 1);
    return true;
  }

  /** Takes one off the count. */
  leave(user: string): void {
    const count = (this.#counts.get(user) ?? 0) - 1;
    if (count > 0) this.#counts.set(user, count);
    else this.#counts.delete(user);
  }
}

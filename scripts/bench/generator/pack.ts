/**
 * Keeps connections together, so that a server is measured on all of them.
 *
 * @module
 */

/** Exchanges that a connection may be ahead of the slowest. */
const MOST_AHEAD = 1;

/**
 * Counts exchanges of each connection, and holds back who is ahead. A generator at its limit
 * takes what is there at once, again and again from the same few sockets, while others wait for
 * as long as it runs: of a thousand connections a fast server would be measured on a handful.
 */
export class Pack {
  /** Connections by the number of exchanges that they have behind them. */
  readonly #at = new Map<number, number>();
  readonly #waiting = new Map<number, (() => void)[]>();
  #slowest = 0;

  constructor(connections: number) {
    this.#at.set(0, connections);
  }

  /** A connection has gone on; returns what to wait for before it sends more. */
  advance(from: number, to: number): Promise<void> | undefined {
    this.#at.set(to, (this.#at.get(to) ?? 0) + 1);
    this.leave(from);
    if (to - this.#slowest <= MOST_AHEAD) return undefined;
    return new Promise((resolve) => {
      const level = this.#waiting.get(to);
      if (level === undefined) this.#waiting.set(to, [resolve]);
      else level.push(resolve);
    });
  }

  /** A connection with so many exchanges behind it is waited for no more. */
  leave(at: number): void {
    const left = this.#at.get(at)! - 1;
    if (left > 0) return void this.#at.set(at, left);
    this.#at.delete(at);
    while (this.#at.size > 0 && !this.#at.has(this.#slowest)) this.#release(++this.#slowest);
  }

  #release(slowest: number): void {
    const level = slowest + MOST_AHEAD;
    const waiting = this.#waiting.get(level) ?? [];
    this.#waiting.delete(level);
    for (const resolve of waiting) resolve();
  }
}

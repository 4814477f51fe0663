/**
 * When each subscriber gets its next heartbeat.
 *
 * @module
 */

/**
 * Keeps a pace of its own for each subscriber, without timers.
 *
 * The period is the same for all, so whoever was served last is due last: the
 * first entry is always the next one.
 */
export class HeartbeatSchedule<Id> {
  readonly #periodMs: number;
  #dueMs = new Map<Id, number>();

  /** With one heartbeat per `periodMs` milliseconds for each subscriber. */
  constructor(periodMs: number) {
    this.#periodMs = periodMs;
  }

  /** Subscribers. */
  get size(): number {
    return this.#dueMs.size;
  }

  /** When the next heartbeat is due, in milliseconds; `undefined` without subscribers. */
  get nextMs(): number | undefined {
    return this.#dueMs.values().next().value;
  }

  /** Adds a subscriber that has just had a heartbeat. */
  add(id: Id, nowMs: number): void {
    this.#dueMs.delete(id);
    this.#dueMs.set(id, nowMs + this.#periodMs);
  }

  /** Takes a subscriber out. */
  remove(id: Id): void {
    this.#dueMs.delete(id);
  }

  /**
   * Those who are due, in order. Each is due again at the next moment of its own
   * pace; heartbeats that were missed because the process was late are left out.
   */
  takeDue(nowMs: number): Id[] {
    const due: Id[] = [];
    let late = false;
    for (const [id, dueMs] of this.#dueMs) {
      if (dueMs > nowMs) break;
      const missed = Math.floor((nowMs - dueMs) / this.#periodMs);
      late ||= missed > 0;
      due.push(id);
      this.#dueMs.delete(id);
      this.#dueMs.set(id, dueMs + (missed + 1) * this.#periodMs);
    }
    if (late) this.#dueMs = new Map([...this.#dueMs].sort(([, a], [, b]) => a - b));
    return due;
  }
}

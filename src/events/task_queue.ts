/**
 * Tasks of one connection, one after the other.
 *
 * @module
 */

/** Does something, at once or by and by; never throws or rejects. */
export type Task = () => void | Promise<void>;

/**
 * Runs tasks in the order in which they came. As long as none takes its time,
 * each runs within `run`; while one does, later ones wait, at most `limit`.
 */
export class TaskQueue {
  readonly #limit: number;
  readonly #waiting: Task[] = [];
  #busy = false;
  #held: boolean;

  /** `held` ones wait for `release`. */
  constructor(limit: number, held = false) {
    this.#limit = limit;
    this.#held = held;
  }

  /** Whether a task that comes now has to wait. */
  get isBusy(): boolean {
    return this.#busy || this.#held;
  }

  /** Runs a task or lets it wait; false if too many wait. `beyondLimit` is for the last one. */
  run(task: Task, beyondLimit = false): boolean {
    if (this.isBusy && this.#waiting.length >= this.#limit && !beyondLimit) return false;
    this.#waiting.push(task);
    this.#goOn();
    return true;
  }

  /** Lets what was held go on. */
  release(): void {
    this.#held = false;
    this.#goOn();
  }

  /** Forgets what waits. */
  clear(): void {
    this.#waiting.length = 0;
  }

  #goOn(): void {
    while (!this.isBusy && this.#waiting.length > 0) {
      // What the task puts here itself waits for its end.
      this.#busy = true;
      const pending = this.#waiting.shift()!();
      if (pending === undefined) this.#busy = false;
      else {
        pending.then(() => {
          this.#busy = false;
          this.#goOn();
        });
      }
    }
  }
}

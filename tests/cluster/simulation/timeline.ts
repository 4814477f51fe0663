/**
 * Virtual time: a queue of what happens when, and a seeded source of chance.
 *
 * @module
 */

const IDLE = () => {};

/** What is due when. */
interface Slots {
  /** The last entry of each millisecond, by its number; 0: there is none. */
  readonly last: Uint16Array;
  /** A bit for each millisecond that has any. */
  readonly used: Int32Array;
}

/** Of timelines that have ended, and left them empty. */
const spare: Slots[] = [];

/** Runs what was put in, in order of time, then of putting in; what is due after its end, never. */
export class Timeline {
  nowMs = 0;
  readonly #endMs: number;
  readonly #slots: Slots;
  /** By number of entry, from 1; numbers are used again. */
  readonly #runs: (() => void)[] = [IDLE];
  /** After the last entry of a millisecond comes its first. */
  readonly #next: number[] = [0];
  readonly #free: number[] = [];

  /** Times are whole milliseconds. */
  constructor(endMs: number) {
    this.#endMs = endMs;
    const found = spare.pop();
    this.#slots = found?.last.length === endMs + 1
      ? found
      : { last: new Uint16Array(endMs + 1), used: new Int32Array((endMs >> 5) + 1) };
  }

  after(delayMs: number, run: () => void): void {
    const atMs = this.nowMs + delayMs;
    if (atMs > this.#endMs) return;
    const { last, used } = this.#slots;
    const entry = this.#free.pop() ?? this.#runs.length;
    this.#runs[entry] = run;
    const before = last[atMs]!;
    this.#next[entry] = before === 0 ? entry : this.#next[before]!;
    if (before === 0) used[atMs >> 5]! |= 1 << (atMs & 31);
    else this.#next[before] = entry;
    last[atMs] = entry;
  }

  /** Runs all. */
  run(): void {
    const { used } = this.#slots;
    for (let word = 0; word < used.length; word++) {
      for (let bits = used[word]!; bits !== 0; bits = used[word]!) {
        const first = 31 - Math.clz32(bits & -bits);
        this.#runAll((word << 5) + first);
        used[word]! &= ~(1 << first);
      }
    }
    this.nowMs = this.#endMs;
    spare.push(this.#slots);
  }

  /** What is put in for this millisecond meanwhile, too. */
  #runAll(ms: number): void {
    this.nowMs = ms;
    const { last } = this.#slots;
    for (let entry = this.#next[last[ms]!]!;;) {
      this.#runs[entry]!();
      const isLast = entry === last[ms];
      const next = this.#next[entry]!;
      this.#runs[entry] = IDLE;
      this.#free.push(entry);
      if (isLast) break;
      entry = next;
    }
    last[ms] = 0;
  }
}

/** Numbers from 0 to below 1, the same for the same seed (mulberry32). */
export function createRandom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/**
 * Virtual time: a queue of what happens when, and a seeded source of chance.
 *
 * @module
 */

interface Entry {
  readonly atMs: number;
  readonly order: number;
  readonly run: () => void;
}

/** Runs what was put in, in order of time, then of putting in. */
export class Timeline {
  nowMs = 0;
  #order = 0;
  readonly #heap: Entry[] = [];

  after(delayMs: number, run: () => void): void {
    const heap = this.#heap;
    const entry = { atMs: this.nowMs + delayMs, order: this.#order++, run };
    let at = heap.push(entry) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(entry, heap[parent]!)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = entry;
  }

  /** Runs all that is due until then. */
  runUntil(endMs: number): void {
    while (this.#heap.length > 0 && this.#heap[0]!.atMs <= endMs) {
      const { atMs, run } = this.#takeFirst();
      this.nowMs = atMs;
      run();
    }
    this.nowMs = endMs;
  }

  #takeFirst(): Entry {
    const heap = this.#heap;
    const first = heap[0]!;
    const last = heap.pop()!;
    if (heap.length === 0) return first;
    let at = 0;
    for (;;) {
      let child = at * 2 + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++;
      if (!isBefore(heap[child]!, last)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
    return first;
  }
}

function isBefore(a: Entry, b: Entry): boolean {
  return a.atMs < b.atMs || a.atMs === b.atMs && a.order < b.order;
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

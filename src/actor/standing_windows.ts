/**
 * The windows that somebody looks at again and again.
 *
 * @module
 */

import type { Clock } from "../time/mod.ts";
import type { Cell } from "./cell.ts";
import type { ActorRow, ActorWindow } from "./observer.ts";
import { StandingWindow } from "./standing_window.ts";

/** Bounds of what is kept for those who look. */
export const WINDOW_LIMITS = Object.freeze({
  /** Windows that stand. */
  windows: 256,
  /** A window falls when nobody has looked for this time, in milliseconds. */
  idleMs: 5_000,
  /** How often the clock is read while nobody looks: after so many changes. */
  changesBetweenLooks: 4_096,
});

/** A window, and when it was last asked for. */
interface Asked {
  atMs: number;
  /** Present from the second time on: one who asks once leaves nothing behind. */
  standing?: StandingWindow;
}

/**
 * Goes through all actors when a window is asked for the first two times; from then on it is told
 * of changes, which costs a little for each message, until nobody has looked for some seconds.
 */
export class StandingWindows {
  readonly #cells: ReadonlyMap<string, Cell>;
  readonly #clock: Pick<Clock, "now">;
  readonly #listen: (isNeeded: boolean) => void;
  readonly #asked = new Map<string, Asked>();
  readonly #changed = new Set<Cell>();
  #changes = 0;

  /** `listen` is told whether changes are to be told. */
  constructor(
    cells: ReadonlyMap<string, Cell>,
    clock: Pick<Clock, "now">,
    listen: (isNeeded: boolean) => void,
  ) {
    this.#cells = cells;
    this.#clock = clock;
    this.#listen = listen;
  }

  /** The rows of each window. */
  look(windows: readonly ActorWindow[]): ActorRow[][] {
    this.#forget();
    this.#handOut();
    const looked = windows.map((window) => this.#find(window));
    this.#scan(
      looked.filter(({ isNew, standing }) => isNew || !standing.settle())
        .map(({ standing }) => standing),
    );
    this.#listen([...this.#asked.values()].some(({ standing }) => standing !== undefined));
    return looked.map(({ standing }) => standing.rows());
  }

  /** An actor has begun, is offered a message, or has another name. */
  changed(cell: Cell): void {
    this.#changed.add(cell);
    this.#changes++;
    if (this.#changes % WINDOW_LIMITS.changesBetweenLooks === 0) this.#forget();
  }

  #find(window: ActorWindow): { readonly standing: StandingWindow; readonly isNew: boolean } {
    const known = this.#asked.get(window.id);
    const atMs = this.#clock.now();
    if (known === undefined) {
      if (this.#asked.size < WINDOW_LIMITS.windows) this.#asked.set(window.id, { atMs });
      return { standing: new StandingWindow(window), isNew: true };
    }
    known.atMs = atMs;
    if (known.standing !== undefined) return { standing: known.standing, isNew: false };
    return { standing: known.standing = new StandingWindow(window), isNew: true };
  }

  #scan(windows: readonly StandingWindow[]): void {
    for (const each of windows) each.begin();
    // One at a time: the shorter the loop, the sooner it runs as fast as it can.
    for (const each of windows.filter(({ window }) => window.parent === undefined)) {
      for (const cell of this.#cells.values()) each.offer(cell);
    }
    const below = windows.filter(({ window }) => window.parent !== undefined);
    if (below.length === 0) return;
    const byParent = Map.groupBy(below, ({ window }) => window.parent!);
    for (const cell of this.#cells.values()) {
      const children = byParent.get(cell.options.parent?.address ?? "");
      if (children === undefined) continue;
      for (const each of children) each.offer(cell);
    }
  }

  #handOut(): void {
    for (const { standing } of this.#asked.values()) {
      if (standing === undefined) continue;
      for (const cell of this.#changed) standing.hear(cell);
    }
    this.#changed.clear();
  }

  /** Drops those that nobody has looked at. */
  #forget(): void {
    const sinceMs = this.#clock.now() - WINDOW_LIMITS.idleMs;
    for (const [id, { atMs }] of this.#asked) if (atMs < sinceMs) this.#asked.delete(id);
    if (this.#asked.size > 0) return;
    this.#listen(false);
    this.#changed.clear();
  }
}

/**
 * The first actors in some order, kept as they change instead of being looked for again.
 *
 * @module
 */

import type { Cell } from "./cell.ts";
import { CellRow, counterOf, rowOf } from "./cell_row.ts";
import type { ActorRow, ActorWindow } from "./observer.ts";

/** Where an actor stands in the order of a window. */
interface Place {
  readonly cell: Cell;
  readonly rank: Rank;
  /** Number in its address: who came first stands first among equals. */
  readonly counter: number;
}

type Rank = number | string;

/** More are kept than are shown, so that the window is still full when some of them have ended. */
const SPARE = 2;

function rankOf(cell: Cell, by: ActorWindow["by"]): Rank {
  switch (by) {
    case "mailboxDepth":
      return cell.mailbox.depth;
    case "accepted":
      return cell.mailbox.accepted;
    case "overflows":
      return cell.mailbox.overflows;
    case "name":
      return cell.name ?? "";
    default:
      return 0;
  }
}

/** Numbers have the largest first, names are in their order. */
function isBefore(one: Rank, other: Rank): boolean {
  return typeof one === "number" && typeof other === "number" ? one > other : one < other;
}

function comparePlaces(one: Place, other: Place): number {
  if (one.rank === other.rank) return one.counter - other.counter;
  return isBefore(one.rank, other.rank) ? -1 : 1;
}

/**
 * One window. An actor that is not in it comes after all that are, and stays there until it is
 * heard of: what it is ranked by grows only with a message that it is offered.
 */
export class StandingWindow {
  readonly window: ActorWindow;
  readonly #most: number;
  readonly #row = new CellRow();
  #cells: Cell[] = [];
  #ranks: Rank[] = [];
  /** Present if there are others: they come after this one. */
  #floor: Place | undefined;
  readonly #heard = new Set<Cell>();

  constructor(window: ActorWindow) {
    this.window = window;
    this.#most = SPARE * window.limit;
  }

  /** From here on all actors are offered, in the order of their creation. */
  begin(): void {
    this.#cells = [];
    this.#ranks = [];
    this.#floor = undefined;
    this.#heard.clear();
  }

  /** Takes an actor if it belongs here; most of a hundred thousand do not. */
  offer(cell: Cell): void {
    const { by, isMeant } = this.window;
    if (isMeant !== undefined) {
      this.#row.cell = cell;
      if (!isMeant(this.#row)) return;
    }
    const rank = rankOf(cell, by);
    const cells = this.#cells;
    const ranks = this.#ranks;
    const isFull = cells.length === this.#most;
    if (isFull && !isBefore(rank, ranks[ranks.length - 1]!)) return this.#setFloor();
    const at = placeAmong(ranks, rank);
    cells.splice(at, 0, cell);
    ranks.splice(at, 0, rank);
    if (!isFull) return;
    cells.pop();
    ranks.pop();
    this.#floor = undefined;
    this.#setFloor();
  }

  /** An actor has begun, was offered a message, or has another name. */
  hear(cell: Cell): void {
    this.#heard.add(cell);
  }

  /** Takes in what was heard; false if it can no longer say who is in it. */
  settle(): boolean {
    const places: Place[] = [];
    for (const cell of new Set([...this.#cells, ...this.#heard])) {
      const place = this.#placeOf(cell);
      if (place !== undefined) places.push(place);
    }
    this.#heard.clear();
    places.sort(comparePlaces);
    if (places.length > SPARE * this.#most) {
      places.length = this.#most;
      this.#floor = places.at(-1);
    }
    this.#cells = places.map(({ cell }) => cell);
    return this.#floor === undefined || places.length >= this.window.limit;
  }

  rows(): ActorRow[] {
    return this.#cells.slice(0, this.window.limit).map(rowOf);
  }

  /** Absent for one that is not in it. */
  #placeOf(cell: Cell): Place | undefined {
    const { by, isMeant, parent } = this.window;
    if (cell.state === "ended") return undefined;
    this.#row.cell = cell;
    if (parent !== undefined && this.#row.parent !== parent) return undefined;
    if (isMeant !== undefined && !isMeant(this.#row)) return undefined;
    const place = { cell, rank: rankOf(cell, by), counter: counterOf(cell.address) };
    const isBeyond = this.#floor !== undefined && comparePlaces(place, this.#floor) > 0;
    return isBeyond ? undefined : place;
  }

  /** There are more than are kept. */
  #setFloor(): void {
    if (this.#floor !== undefined) return;
    const cell = this.#cells.at(-1)!;
    this.#floor = { cell, rank: this.#ranks.at(-1)!, counter: counterOf(cell.address) };
  }
}

/** After those that are equal. */
function placeAmong(ranks: readonly Rank[], rank: Rank): number {
  let low = 0;
  let high = ranks.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isBefore(rank, ranks[middle]!)) high = middle;
    else low = middle + 1;
  }
  return low;
}

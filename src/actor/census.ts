/**
 * Looks at the actors of a node for its operator.
 *
 * @module
 */

import type { Clock } from "../time/mod.ts";
import type { Cell } from "./cell.ts";
import { CellRow, counterOf } from "./cell_row.ts";
import { type Address, parseIdentity, type Pid } from "./identities.ts";
import type { ActorRow, ActorWindow, NodeObserver, Tap } from "./observer.ts";
import type { RelationLists } from "./relations.ts";
import { StandingWindows } from "./standing_windows.ts";

/** What an observer looks at. */
export interface Observed {
  readonly cells: ReadonlyMap<string, Cell>;
  readonly clock: Pick<Clock, "now">;
  relations(address: Address, limit: number): RelationLists;
}

/** Implements {@linkcode NodeObserver}, for one node. */
export class Census implements NodeObserver {
  readonly #observed: Observed;
  readonly #providers = new Map<string, Set<Cell>>();
  readonly #taps = new Set<Tap>();
  readonly #windows: StandingWindows;
  /** Present while somebody taps. */
  tapped: Tap | undefined;
  /** Is told of actors that begin, are offered a message, or have another name; while needed. */
  changed: ((cell: Cell) => void) | undefined;

  constructor(observed: Observed) {
    this.#observed = observed;
    const changed = (cell: Cell) => this.#windows.changed(cell);
    this.#windows = new StandingWindows(observed.cells, observed.clock, (isNeeded) => {
      this.changed = isNeeded ? changed : undefined;
    });
  }

  *rows(after?: Address): Iterable<ActorRow> {
    const row = new CellRow();
    // One that has ended by now still has its place: identities are counted.
    const first = after === undefined ? 0 : parseIdentity(after)?.counter ?? 0;
    for (const cell of this.#observed.cells.values()) {
      if (first > 0 && counterOf(cell.address) <= first) continue;
      row.cell = cell;
      yield row;
    }
  }

  windows(windows: readonly ActorWindow[]): ActorRow[][] {
    return this.#windows.look(windows);
  }

  relations(address: Address, limit: number): RelationLists {
    return this.#observed.relations(address, limit);
  }

  providers(service: string): Pid[] {
    return Array.from(this.#providers.get(service) ?? [], (cell) => cell.address);
  }

  tap(tap: Tap): () => void {
    // One that is given twice is told twice, and taken back once for each.
    const own: Tap = (to, envelope) => tap(to, envelope);
    this.#taps.add(own);
    this.#setTapped();
    return () => {
      this.#taps.delete(own);
      this.#setTapped();
    };
  }

  /** A process says what it provides; that ends with it. */
  provide(service: string, cell: Cell): void {
    if (cell.state === "ended") return;
    const providers = this.#providers.get(service);
    if (providers?.has(cell)) return;
    if (providers === undefined) this.#providers.set(service, new Set([cell]));
    else providers.add(cell);
    cell.whenEnded(() => this.#withdraw(service, cell));
  }

  #withdraw(service: string, cell: Cell): void {
    const providers = this.#providers.get(service)!;
    providers.delete(cell);
    if (providers.size === 0) this.#providers.delete(service);
  }

  #setTapped(): void {
    const [only, ...others] = this.#taps;
    this.tapped = others.length === 0 ? only : (to, envelope) => {
      for (const tap of this.#taps) tap(to, envelope);
    };
  }
}

/**
 * One actor as a look at all of them shows it.
 *
 * @module
 */

import type { Cell } from "./cell.ts";
import type { Address } from "./identities.ts";
import type { ActorRow } from "./observer.ts";

/** Reads a cell where it is asked; a hundred thousand rows cost no copies. */
export class CellRow implements ActorRow {
  cell!: Cell;

  get address(): Address {
    return this.cell.address;
  }

  get kind(): "process" | "meta" {
    return this.cell.options.kind;
  }

  get name(): string {
    return this.cell.name ?? "";
  }

  get parent(): string {
    return this.cell.options.parent?.address ?? "";
  }

  get state(): ActorRow["state"] {
    return this.cell.state;
  }

  get mailboxDepth(): number {
    return this.cell.mailbox.depth;
  }

  get mailboxSize(): number {
    return this.cell.mailbox.size;
  }

  get accepted(): number {
    return this.cell.mailbox.accepted;
  }

  get overflows(): number {
    return this.cell.mailbox.overflows;
  }

  get behavior(): object | undefined {
    return this.cell.options.behavior;
  }
}

/** A row of its own for a cell. */
export function rowOf(cell: Cell): ActorRow {
  const row = new CellRow();
  row.cell = cell;
  return row;
}

/** Of an address of this node: the number that stands last in it. */
export function counterOf(address: string): number {
  return Number(address.slice(address.lastIndexOf("/") + 1, -1));
}

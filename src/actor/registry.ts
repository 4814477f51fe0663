/**
 * Who lives on a node: addresses, names and new identities.
 *
 * @module
 */

import type { Cell } from "./cell.ts";
import { NameTakenError, showTarget } from "./errors.ts";
import {
  type Alias,
  assertNodeName,
  assertProcessName,
  createIncarnation,
  formatIdentity,
  type IdentityParts,
  type Pid,
} from "./identities.ts";

/** Cells by address and by name. A process has at most one name. */
export class Registry {
  readonly incarnation: string = createIncarnation();
  readonly #cells = new Map<string, Cell>();
  readonly #names = new Map<string, Cell>();
  #counter = 0;

  /** @throws {TypeError} If the name of the node is not of the form `name@host`. */
  constructor(readonly node: string) {
    assertNodeName(node);
  }

  /** Addresses of all that lives, in order of creation. */
  addresses(): (Pid | Alias)[] {
    return [...this.#cells.keys()] as (Pid | Alias)[];
  }

  /** All cells, live: the view changes as they end. */
  get cells(): ReadonlyMap<string, Cell> {
    return this.#cells;
  }

  /** How many names are registered. */
  get nameCount(): number {
    return this.#names.size;
  }

  /** The next identity of a kind. */
  createIdentity(kind: IdentityParts["kind"]): string {
    return this.#format(kind, ++this.#counter);
  }

  /** The identity of the node itself. */
  nodeIdentity(): Pid {
    return this.#format("pid", 0) as Pid;
  }

  add(cell: Cell): void {
    this.#cells.set(cell.options.address, cell);
  }

  /** Takes a cell and its name out. */
  remove(cell: Cell): void {
    this.#cells.delete(cell.options.address);
    this.releaseName(cell);
  }

  /** Gives a keyed process the name that its key makes. */
  addKeyed(name: string, cell: Cell): void {
    cell.name = name;
    this.#names.set(name, cell);
  }

  /** Takes the name of a cell away from it, though it goes on to be called so. */
  releaseName(cell: Cell): void {
    if (cell.name !== undefined && this.#names.get(cell.name) === cell) {
      this.#names.delete(cell.name);
    }
  }

  register(name: string, pid: Pid): void {
    this.assertFree(name, pid);
    const cell = this.#cells.get(pid);
    if (cell === undefined || cell.options.kind !== "process") {
      throw new TypeError(
        `Cannot register ${JSON.stringify(name)}: ${showTarget(pid)} is no live process`,
      );
    }
    if (cell.name !== undefined) this.#names.delete(cell.name);
    cell.name = name;
    this.#names.set(name, cell);
  }

  unregister(name: string): boolean {
    const cell = this.#names.get(name);
    // The name of a keyed process is no one's to give or take.
    if (cell === undefined || cell.options.key !== undefined) return false;
    cell.name = undefined;
    return this.#names.delete(name);
  }

  whereis(name: string): Pid | undefined {
    return this.#names.get(name)?.address;
  }

  /** Checks that a name is well formed and free, or the holder's own. */
  assertFree(name: string, holder?: Pid): void {
    assertProcessName(name);
    const found = this.#names.get(name);
    if (found !== undefined && found.address !== holder) {
      throw new NameTakenError(name, found.address);
    }
  }

  /**
   * The live cell behind an address or a name of this node.
   *
   * @throws {TypeError} If it has not the form of a target.
   */
  locate(target: string | { readonly name: string }): Cell | undefined {
    if (typeof target === "string") return this.#cells.get(target) ?? this.#names.get(target);
    if (typeof target !== "object" || target === null) throw badTarget(target);
    return this.#names.get(target.name);
  }

  /** Why `locate` found nothing behind an identity of this node. */
  whyAbsent({ kind, incarnation, counter }: IdentityParts): "unknown" | "terminated" {
    if (incarnation !== this.incarnation) return "unknown";
    const wasAlive = kind !== "ref" && counter > 0 && counter <= this.#counter;
    return wasAlive ? "terminated" : "unknown";
  }

  #format(kind: IdentityParts["kind"], counter: number): string {
    return formatIdentity({ kind, node: this.node, incarnation: this.incarnation, counter });
  }
}

function badTarget(target: unknown): TypeError {
  return new TypeError(
    `Cannot find a process: expected a Pid, an Alias, a name or { name, node }, got ${
      target === null ? "null" : typeof target
    }`,
  );
}

/**
 * Who on one node watches and is linked to whom elsewhere, and what they were told.
 *
 * @module
 */

import type { Address, Ref } from "../../../src/actor/mod.ts";
import { Relations } from "../../../src/actor/relations.ts";
import type { World } from "./world.ts";

/** A target on another node. */
interface Tie {
  /** Of one start: `n1/4`. */
  readonly node: string;
  readonly target: string;
}

const WATCHER = "watcher" as Address;

function isElsewhere(address: Address): boolean {
  return address.startsWith("n");
}

function toTie(address: Address): Tie {
  const [name, incarnation, target = ""] = address.split("/");
  return { node: `${name}/${incarnation}`, target };
}

/** The same tables that a node keeps, with one watcher, and a linker for each link. */
export class Ties {
  readonly #world: World;
  readonly #id: number;
  readonly #relations = new Relations();
  /** How often each monitor has fired. */
  readonly fired = new Map<Ref, number>();
  /** How often each linker has got the exit signal of its link. */
  readonly signalled = new Map<Address, number>();

  constructor(world: World, id: number) {
    this.#world = world;
    this.#id = id;
  }

  /** Monitors that have not fired. */
  monitors(): (Tie & { readonly ref: Ref })[] {
    return this.#relations.addresses(isElsewhere).flatMap((address) =>
      [...this.#relations.watchersOf(address)].map(([ref]) => ({ ref, ...toTie(address) }))
    );
  }

  /** Links that are not broken. */
  links(): (Tie & { readonly linker: Address })[] {
    return this.#relations.addresses(isElsewhere).flatMap((address) =>
      [...this.#relations.linkersOf(address)].map((linker) => ({ linker, ...toTie(address) }))
    );
  }

  /** A monitor of something on a start of a node; of one out of reach, it fires at once. */
  monitor(node: string | undefined, target: string): Ref {
    const ref = `${this.#id}/${this.fired.size + 1}` as Ref;
    this.fired.set(ref, 0);
    if (node === undefined) this.#fire(ref);
    else this.#relations.monitor(ref, WATCHER, `${node}/${target}` as Address);
    return ref;
  }

  /** A link with it, of a linker of its own. */
  link(node: string | undefined, target: string): Address {
    const linker = `linker ${this.#id}/${this.signalled.size + 1}` as Address;
    this.signalled.set(linker, 0);
    if (node === undefined) this.#signal(linker);
    else this.#relations.link(linker, `${node}/${target}` as Address);
    return linker;
  }

  /** The other side tells of the end of what was watched. */
  hearDown(ref: Ref): void {
    if (this.monitors().every((each) => each.ref !== ref)) return;
    if (this.#world.mutation !== "firesAgain") this.#relations.demonitor(WATCHER, ref);
    this.#fire(ref);
  }

  /** The other side tells of the end of what somebody is linked to. */
  hearExit(linker: Address): void {
    const link = this.links().find((each) => each.linker === linker);
    if (link === undefined) return;
    const target = `${link.node}/${link.target}` as Address;
    if (this.#world.mutation !== "signalsAgain") this.#relations.unlink(linker, target);
    this.#signal(linker);
  }

  /** A start of a node is lost; without one, all are. */
  lose(node?: string): void {
    const isMeant = (address: Address) =>
      isElsewhere(address) && (node === undefined || address.startsWith(`${node}/`));
    for (const address of this.#relations.addresses(isMeant)) {
      const { monitors, linkers } = this.#relations.release(address);
      for (const { ref } of monitors) this.#fire(ref);
      for (const linker of linkers) this.#signal(linker);
    }
  }

  #fire(ref: Ref): void {
    const times = this.fired.get(ref)! + 1;
    this.fired.set(ref, times);
    if (times > 1) this.#world.fail(`monitor ${ref} fired ${times} times`);
  }

  #signal(linker: Address): void {
    const times = this.signalled.get(linker)! + 1;
    this.signalled.set(linker, times);
    if (times > 1) this.#world.fail(`${linker} got ${times} exit signals of one link`);
  }
}

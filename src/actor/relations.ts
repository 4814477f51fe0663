/**
 * Who watches whom: links and monitors, kept on both ends.
 *
 * @module
 */

import type { Ref } from "./identities.ts";
import { SmallMap } from "./small_map.ts";

/** One monitor as the watched end keeps it. */
export interface Monitor<T> {
  readonly watcher: T;
  readonly ref: Ref;
  /** The target as it was given to `monitor`. */
  readonly target: string;
}

/** The relations of one actor. Both are one-way. */
export class Relations<T extends { readonly relations: Relations<T> }> {
  #monitors: Map<Ref, Monitor<T>> | undefined;
  #monitoring: SmallMap<Ref, T> | undefined;
  #linkers: Set<T> | undefined;
  #linking: Set<T> | undefined;

  /** `watcher` will be told of the end of `watched`. */
  static monitor<T extends { readonly relations: Relations<T> }>(
    watched: T,
    monitor: Monitor<T>,
  ): void {
    (watched.relations.#monitors ??= new Map()).set(monitor.ref, monitor);
    (monitor.watcher.relations.#monitoring ??= new SmallMap()).set(monitor.ref, watched);
  }

  /** Takes a monitor of `watcher` back. */
  static demonitor<T extends { readonly relations: Relations<T> }>(watcher: T, ref: Ref): boolean {
    const watched = watcher.relations.#monitoring?.get(ref);
    if (watched === undefined) return false;
    watcher.relations.#monitoring!.delete(ref);
    return watched.relations.#monitors!.delete(ref);
  }

  /** `linker` will get the exit signal of `linked`. */
  static link<T extends { readonly relations: Relations<T> }>(linker: T, linked: T): void {
    (linked.relations.#linkers ??= new Set()).add(linker);
    (linker.relations.#linking ??= new Set()).add(linked);
  }

  /** Takes a link of `linker` back. */
  static unlink<T extends { readonly relations: Relations<T> }>(linker: T, linked: T): void {
    linked.relations.#linkers?.delete(linker);
    linker.relations.#linking?.delete(linked);
  }

  /** Undoes every relation of `owner` and tells who was watching it. */
  static release<T extends { readonly relations: Relations<T> }>(
    owner: T,
  ): { monitors: Monitor<T>[]; linkers: T[] } {
    const own = owner.relations;
    for (const [ref, watched] of own.#monitoring ?? []) watched.relations.#monitors!.delete(ref);
    for (const linked of own.#linking ?? []) linked.relations.#linkers!.delete(owner);
    const monitors = [...own.#monitors?.values() ?? []];
    const linkers = [...own.#linkers ?? []];
    for (const { watcher, ref } of monitors) watcher.relations.#monitoring!.delete(ref);
    for (const linker of linkers) linker.relations.#linking!.delete(owner);
    own.#monitors =
      own.#monitoring =
      own.#linkers =
      own.#linking =
        undefined;
    return { monitors, linkers };
  }

  /** Counts, for `inspect`. */
  describe(): Record<"monitors" | "monitoredBy" | "links" | "linkedBy", number> {
    return {
      monitors: this.#monitoring?.size ?? 0,
      monitoredBy: this.#monitors?.size ?? 0,
      links: this.#linking?.size ?? 0,
      linkedBy: this.#linkers?.size ?? 0,
    };
  }
}

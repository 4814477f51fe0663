/**
 * Which rooms have members, whichever process has them.
 *
 * @module
 */

/** Rooms by the processes that have members in them. */
export class OccupiedRooms {
  readonly #processes = new Map<string, Set<string>>();
  readonly #sizes = new Map<string, number>();

  /** Whether a process has told of a room. */
  knows(process: string): boolean {
    return this.#processes.has(process);
  }

  /** Takes what a process tells; true if the room was empty before, or is now. */
  note(kind: "occupied" | "vacated", room: string, process: string): boolean {
    let rooms = this.#processes.get(process);
    if (rooms === undefined) this.#processes.set(process, rooms = new Set());
    if (rooms.has(room) === (kind === "occupied")) return false;
    if (kind === "occupied") rooms.add(room);
    else rooms.delete(room);
    const size = (this.#sizes.get(room) ?? 0) + (kind === "occupied" ? 1 : -1);
    if (size === 0) this.#sizes.delete(room);
    else this.#sizes.set(room, size);
    return size === (kind === "occupied" ? 1 : 0);
  }

  /** A process has ended; returns the rooms that are empty now. */
  end(process: string): string[] {
    const rooms = [...this.#processes.get(process) ?? []];
    const vacated = rooms.filter((room) => this.note("vacated", room, process));
    this.#processes.delete(process);
    return vacated;
  }
}

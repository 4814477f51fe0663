/**
 * The answers of several event servers as one, decided by plain functions.
 *
 * @module
 */

import { compareTexts, firstOf, namesIn, type NameWindow } from "../text/mod.ts";
import type { ConnectionInfo, EventCommand, RoomInfo } from "./messages.ts";

type Kind = EventCommand["kind"];

/** What one answer is made of: that of this node first. */
type Merge = (answers: readonly unknown[], command: EventCommand) => unknown;

const any: Merge = (answers) => answers.includes(true);

const MERGES: Readonly<Partial<Record<Kind, Merge>>> = {
  join: any,
  leave: any,
  leaveAll: any,
  kick: any,
  isConnected: any,
  isJoined: any,
  count: (answers) => (answers as number[]).reduce((sum, each) => sum + each, 0),
  connections: (answers, command) => {
    const all = (answers as ConnectionInfo[][]).flat();
    const { limit } = command as Partial<NameWindow>;
    return limit === undefined ? all : firstById(all, limit);
  },
  members: (answers, command) =>
    firstById((answers as ConnectionInfo[][]).flat(), limitOf(command)),
  rooms: (answers, command) => sumRooms((answers as RoomInfo[][]).flat(), limitOf(command)),
};

/** Names in a window, where a message asks for no number of them. */
export const DEFAULT_WINDOW = 100;

/** Whether a command is to be put to all nodes: emitting needs no answer of them. */
export function isGathered({ kind, scope }: EventCommand): boolean {
  return scope !== "node" && Object.hasOwn(MERGES, kind);
}

/** The answer to a command, from those of all nodes. */
export function mergeAnswers(command: EventCommand, answers: readonly unknown[]): unknown {
  return MERGES[command.kind]!(answers, command);
}

/** Whether an answer is right whatever other nodes would say. */
export function isFinal(answer: unknown): boolean {
  return answer === true;
}

function limitOf(command: EventCommand): number {
  return (command as Partial<NameWindow>).limit ?? DEFAULT_WINDOW;
}

function firstById(all: readonly ConnectionInfo[], limit: number): ConnectionInfo[] {
  return firstOf(all, limit, (one, other) => compareTexts(one.id, other.id), (each) => each);
}

function sumRooms(all: readonly RoomInfo[], limit: number): RoomInfo[] {
  const members = new Map<string, number>();
  for (const each of all) members.set(each.room, (members.get(each.room) ?? 0) + each.members);
  return namesIn(members.keys(), { limit }).map((room) => ({ room, members: members.get(room)! }));
}

/**
 * Which subjects other nodes are told of: decided by plain functions.
 *
 * They change what they are given: there may be a hundred thousand subjects.
 *
 * @module
 */

import type { InterestChange } from "./types.ts";

/** Limits of what is told. */
export const INTEREST_LIMITS = Object.freeze({
  /** How long a subject is still wanted after its last member has left, in milliseconds. */
  lingerMs: 5_000,
  /** Subjects of one message. */
  subjects: 250,
  /** UTF-16 units of the subjects of one message; a longer one goes alone. */
  units: 4_096,
});

/** Subjects of one space that have lost their last member: when they are given up, first to last. */
export type Lingering = Map<string, number>;

/** A subject has got its first member; whether the others are to be told. */
export function joinSubject(lingering: Lingering, subject: string): boolean {
  return !lingering.delete(subject);
}

/** A subject has lost its last member. */
export function leaveSubject(lingering: Lingering, subject: string, nowMs: number): void {
  lingering.delete(subject);
  lingering.set(subject, nowMs + INTEREST_LIMITS.lingerMs);
}

/** Takes out the subjects that are given up by now: the others are to be told. */
export function takeLeft(lingering: Lingering, nowMs: number): string[] {
  const left: string[] = [];
  for (const [subject, leaveAtMs] of lingering) {
    if (leaveAtMs > nowMs) break;
    lingering.delete(subject);
    left.push(subject);
  }
  return left;
}

/** What one other node is not told yet. */
export interface Untold {
  /** All is to be said anew. */
  begins: boolean;
  /** That this is all is to be said in the end. */
  ends: boolean;
  readonly spaces: Map<string, UntoldSpace>;
}

interface UntoldSpace {
  /** What was said of it before is over. */
  isGone: boolean;
  isOpen: boolean;
  /** Whether a subject is wanted; the last word counts. */
  readonly subjects: Map<string, boolean>;
}

/** Nothing is to be told. */
export function createUntold(): Untold {
  return { begins: false, ends: false, spaces: new Map() };
}

/** A space is open. */
export function tellOpen({ spaces }: Untold, space: string): void {
  spaceOf(spaces, space).isOpen = true;
}

/** A space is closed. */
export function tellGone({ spaces }: Untold, space: string): void {
  spaces.set(space, { isGone: true, isOpen: false, subjects: new Map() });
}

/** A subject of an open space is wanted from now on, or not any more. */
export function tellSubject(
  { spaces }: Untold,
  space: string,
  subject: string,
  isWanted: boolean,
): void {
  const untold = spaceOf(spaces, space);
  untold.isOpen = true;
  untold.subjects.set(subject, isWanted);
}

/** All subjects that are wanted, by space; one may come more than once. */
export type Interest = Iterable<readonly [space: string, subjects: Iterable<string>]>;

/** All is to be said anew: some of what was said may not have arrived. */
export function tellAnew(untold: Untold, interest: Interest): void {
  untold.begins = true;
  untold.spaces.clear();
  tellAll(untold, interest);
}

/** All is to be said. */
export function tellAll(untold: Untold, interest: Interest): void {
  for (const [space, subjects] of interest) {
    tellOpen(untold, space);
    for (const subject of subjects) tellSubject(untold, space, subject, true);
  }
}

/** Takes the next thing to be told; `undefined` if that was all. */
export function takeChange(untold: Untold): InterestChange | undefined {
  if (untold.begins) {
    untold.begins = false;
    untold.ends = true;
    return { kind: "interestBegins" };
  }
  for (const [space, next] of untold.spaces) {
    if (next.isGone) {
      next.isGone = false;
      if (!next.isOpen) untold.spaces.delete(space);
      return { kind: "interestGone", space };
    }
    const change = takeSome(space, next.subjects);
    if (next.subjects.size === 0) untold.spaces.delete(space);
    return change;
  }
  if (!untold.ends) return undefined;
  untold.ends = false;
  return { kind: "interestEnds" };
}

function takeSome(space: string, subjects: Map<string, boolean>): InterestChange {
  const add: string[] = [];
  const drop: string[] = [];
  let units = 0;
  for (const [subject, isWanted] of subjects) {
    const count = add.length + drop.length;
    units += subject.length;
    if (count >= INTEREST_LIMITS.subjects || count > 0 && units > INTEREST_LIMITS.units) break;
    (isWanted ? add : drop).push(subject);
    subjects.delete(subject);
  }
  return { kind: "interest", space, add, drop };
}

function spaceOf(spaces: Map<string, UntoldSpace>, space: string): UntoldSpace {
  let found = spaces.get(space);
  if (found === undefined) {
    spaces.set(space, found = { isGone: false, isOpen: false, subjects: new Map() });
  }
  return found;
}

/** What one other node wants. */
export interface Wanted {
  spaces: Map<string, Set<string>>;
  /** What it has said since it began anew; `spaces` counts until it has said all. */
  anew: Map<string, Set<string>> | undefined;
}

/** It wants nothing. */
export function createWanted(): Wanted {
  return { spaces: new Map(), anew: undefined };
}

/** Takes in what it says. */
export function hearChange(wanted: Wanted, change: InterestChange): void {
  switch (change.kind) {
    case "interestBegins":
      wanted.anew = new Map();
      return;
    case "interestEnds":
      wanted.spaces = wanted.anew ?? wanted.spaces;
      wanted.anew = undefined;
      return;
    case "interestGone":
      wanted.spaces.delete(change.space);
      wanted.anew?.delete(change.space);
      return;
    case "interest":
      return hearSubjects(wanted, change);
  }
}

function hearSubjects(
  { spaces, anew }: Wanted,
  { space, add, drop }: Extract<InterestChange, { kind: "interest" }>,
): void {
  const to = anew ?? spaces;
  let subjects = to.get(space);
  if (subjects === undefined) to.set(space, subjects = new Set());
  for (const subject of add) subjects.add(subject);
  for (const subject of drop) {
    subjects.delete(subject);
    spaces.get(space)?.delete(subject);
  }
}

/** Whether it has a space open. */
export function hasSpace({ spaces, anew }: Wanted, space: string): boolean {
  return spaces.has(space) || anew?.has(space) === true;
}

/** Whether it has members of a subject. */
export function wants({ spaces, anew }: Wanted, space: string, subject: string): boolean {
  return spaces.get(space)?.has(subject) === true || anew?.get(space)?.has(subject) === true;
}

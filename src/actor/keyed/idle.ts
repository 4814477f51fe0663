/**
 * When a keyed process is no longer needed, as a plain function.
 *
 * @module
 */

/** Looks at a process in each idle time-out: that many in a row without use end it. */
export const LOOKS_PER_TIMEOUT = 4;

/** What is remembered of a process between two looks. */
export interface IdleState {
  /** Messages it had been sent by others when it was last looked at. */
  readonly heard: number;
  /** Looks in a row that found it unused. */
  readonly quiet: number;
}

/** What a look finds. */
export interface Usage {
  /** Messages it has been sent by others so far. */
  readonly heard: number;
  /** It has a connection, an answer to give, or messages to read. */
  readonly isNeeded: boolean;
}

/** A process that has just been started, or was asked for by name. */
export function freshlyUsed(heard: number): IdleState {
  return { heard, quiet: 0 };
}

/**
 * Takes note of a look. A program that was stopped for a while looks once at
 * what it missed, so its pause counts as one look, however long it was.
 */
export function stepIdle(
  { heard, quiet }: IdleState,
  usage: Usage,
): { readonly state: IdleState; readonly isOver: boolean } {
  const isUsed = usage.isNeeded || usage.heard !== heard;
  const state = { heard: usage.heard, quiet: isUsed ? 0 : quiet + 1 };
  return { state, isOver: state.quiet >= LOOKS_PER_TIMEOUT };
}

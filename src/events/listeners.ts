/**
 * Calling listeners that may throw, reject, or take their time.
 *
 * @module
 */

/** How a connection ended. */
export interface ConnectionEnd {
  /** Close code: of the peer, of our own close, or 1006 if there was no closing handshake. */
  readonly code: number;
  /** Text of the close frame; empty if none. */
  readonly reason: string;
}

/** Told that a connection has ended (seed 003: DisconnectFunc). */
export type DisconnectListener = (end: ConnectionEnd) => unknown;

/** Told of an error of a connection (seed 003: ErrorFunc). */
export type ErrorListener = (error: Error) => unknown;

/** Told that a connection leaves a room, while it is still in (seed 003: LeaveRoomFunc). */
export type LeaveListener = (room: string) => unknown;

/**
 * Gets the data of an event (seed 003: MessageFunc). `text` is what stood on the
 * wire: a listener for strings uses it, since the original client sends `"42"`
 * as a number.
 */
// deno-lint-ignore no-explicit-any -- the listener says what it expects
export type EventListener = (data: any, text: string) => unknown;

/** Gets a native message: text or bytes, as it came (seed 003: NativeMessageFunc). */
export type NativeMessageListener = (body: string | Uint8Array) => unknown;

/** Told of a ping that arrived (seed 003: PingFunc). */
export type PingListener = (payload: Uint8Array) => unknown;

/** Told of a pong that arrived (seed 003: PongFunc). */
export type PongListener = (payload: Uint8Array) => unknown;

/** A listener; what it returns is awaited where order matters. */
// deno-lint-ignore no-explicit-any -- any tuple of arguments
export type Listener<A extends any[]> = (...args: A) => unknown;

/** Told what a listener threw or rejected with; must not throw itself. */
export type FaultReporter = (error: unknown) => void;

/**
 * Calls each after the one before has settled. Returns a promise only if one of
 * them did. Those that were added meanwhile are called the next time.
 */
export function callInTurn<A extends unknown[]>(
  listeners: readonly Listener<A>[],
  args: A,
  report: FaultReporter,
): void | Promise<void> {
  const count = listeners.length;
  for (let index = 0; index < count; index++) {
    const pending = callOne(listeners[index]!, args, report);
    if (pending === undefined) continue;
    const rest = listeners.slice(index + 1, count);
    return pending.then(() => callInTurn(rest, args, report));
  }
}

/** Calls all of them now and waits for none. */
export function callAtOnce<A extends unknown[]>(
  listeners: readonly Listener<A>[],
  args: A,
  report: FaultReporter,
): void {
  for (const listener of [...listeners]) void callOne(listener, args, report);
}

/** What it returns never rejects. */
function callOne<A extends unknown[]>(
  listener: Listener<A>,
  args: A,
  report: FaultReporter,
): Promise<void> | undefined {
  try {
    const returned = listener(...args);
    if (typeof (returned as PromiseLike<void> | undefined)?.then !== "function") return undefined;
    return Promise.resolve(returned as PromiseLike<void>).catch(report);
  } catch (error) {
    report(error);
  }
}

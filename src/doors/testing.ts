/**
 * For tests of processes and servers: a clock that a test moves, an inbox to wait for,
 * clients without a network, and a client that obeys nobody.
 *
 * | what | names |
 * | --- | --- |
 * | time | `ManualClock`, `LateClock`, `settle`, `settleUntil`, `inDeadline` |
 * | a process that keeps its messages | `Inbox` |
 * | a connection without a network | `connectPeer`, `SocketPeer` |
 * | any handshake, any frame | `RawClient`, `encodeFrame`, `decodeFrame`, `OPCODE` |
 *
 * @example
 * ```ts
 * import { createNode, type Process } from "@troupe/troupe";
 * import { ManualClock } from "@troupe/troupe/testing";
 *
 * const clock = new ManualClock();
 * await using node = createNode({ clock });
 * const woken: string[] = [];
 * node.spawn(async (self: Process<string>) => {
 *   self.sendAfter(self.pid, "wake up", 60_000);
 *   for await (const { message } of self) woken.push(message);
 * });
 * await clock.advance(60_000);
 * console.assert(woken.length === 1);
 * ```
 *
 * @module
 */

export * from "../testing/mod.ts";

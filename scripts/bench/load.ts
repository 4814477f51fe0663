/**
 * Load on a WebSocket server for comparisons within Troupe, by the generator of the
 * scenarios.
 *
 * @module
 */

import { type Connection, upgrade } from "./generator/connection.ts";
import { echo } from "./generator/echo.ts";
import { fanOut } from "./generator/fan_out.ts";
import { textFrame } from "./generator/frames.ts";

/** One kind of load. */
export interface Load {
  readonly connections: number;
  /** Messages in flight: of an echo on each connection, of a fan-out in all. */
  readonly depth: number;
  /** Payload of a message, in bytes. */
  readonly size: number;
}

/** Opens a connection that is read and written as it is. */
export async function open(port: number, path = "/"): Promise<Deno.TcpConn> {
  return (await upgrade(port, path)).tcp;
}

/** Echoes for `durationMs` on open connections; resolves with echoes per second. */
export function echoRate(
  connections: readonly Connection[],
  { depth, size }: Load,
  durationMs: number,
): Promise<number> {
  const frames = [textFrame("x".repeat(size))];
  return perSecond(() => echo(connections, { frames, depth, durationMs }));
}

/**
 * Sends over the first connection what comes to all of them, for `durationMs`;
 * resolves with deliveries per second, when the last one has come.
 */
export function fanOutRate(
  connections: readonly Connection[],
  { depth, size }: Load,
  durationMs: number,
): Promise<number> {
  const frames = [textFrame("x".repeat(size))];
  return perSecond(() => fanOut([connections], { frames: () => frames, depth, durationMs }));
}

async function perSecond(measure: () => Promise<number>): Promise<number> {
  const startedMs = performance.now();
  const count = await measure();
  return count / (performance.now() - startedMs) * 1000;
}

/**
 * What a server holds and how fast it answers while it is abused.
 *
 * `deno run -A scripts/abuse.ts [--announcing 300] [--stalled 100] [--dripping 100]
 * [--seconds 15]` starts a server on engine `ws` in a process of its own. Some
 * connections announce a message of 64 MiB and send none of it, some read
 * nothing of a broadcast, some send their headers byte by byte. Printed are the
 * server's resident memory before, during and after, and the round-trip time of
 * 100 connections that behave, before and during. It ends by itself.
 * What readers that stall cost the others is measured by `stalled_readers.ts`.
 *
 * @module
 */

import { parseArgs } from "./abuse/args.ts";
import { announce, drip, stall } from "./abuse/abusers.ts";
import { measureRoundTrips } from "./abuse/round_trips.ts";
import type { Times } from "./abuse/times.ts";
import { open } from "./bench/load.ts";
import { startSubject, type Subject } from "./bench/subject.ts";

/** Time between two looks at the server's memory, in milliseconds. */
const LOOK_MS = 250;

/** Time for the server to come to rest, in milliseconds. */
const REST_MS = 3_000;

const counts = parseArgs(Deno.args);
await using server = await startSubject("abused");
const wellBehaved = await Promise.all(
  Array.from({ length: counts.wellBehaved }, () => open(server.port)),
);
const share = counts.seconds * 1000 / 3;
show("alone", server.residentBytes(), await measureRoundTrips(wellBehaved, share));

const over = new AbortController();
const abusers = [
  ...repeat(counts.announcing, () => announce(server.port, over.signal)),
  ...repeat(counts.stalled, () => stall(server.port, over.signal)),
  ...repeat(counts.dripping, () => drip(server.port, over.signal)),
];
const most = watchMemory(server, over.signal);
const roundTrips = await measureRoundTrips(wellBehaved, 2 * share);
show("abused, now", server.residentBytes(), roundTrips);
over.abort();
const outcomes = await Promise.all(abusers);
show("abused, at most", await most);
await new Promise((resolve) => setTimeout(resolve, REST_MS));
show("after", server.residentBytes(), await measureRoundTrips(wellBehaved, share / 2));
for (const [outcome, count] of Object.entries(Object.groupBy(outcomes, (each) => each))) {
  console.log(`  ${String(count!.length).padStart(6)} × ${outcome}`);
}
for (const connection of wellBehaved) connection.close();

function repeat<T>(count: number, make: () => T): T[] {
  return Array.from({ length: count }, make);
}

/** The most that the server has held up to the end of the signal. */
async function watchMemory(subject: Subject, signal: AbortSignal): Promise<number | undefined> {
  let bytes = subject.residentBytes();
  while (!signal.aborted) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    const now = subject.residentBytes();
    if (now !== undefined) bytes = Math.max(bytes ?? 0, now);
  }
  return bytes;
}

function show(when: string, bytes: number | undefined, trips?: Times): void {
  const memory = bytes === undefined ? "unknown" : `${(bytes / 1_048_576).toFixed(1)} MiB`;
  const times = trips === undefined
    ? ""
    : `  round trip: median ${trips.medianMs.toFixed(2)} ms, p99 ${trips.p99Ms.toFixed(2)} ms` +
      ` (${trips.count.toLocaleString("en-US")})`;
  console.log(`  ${when.padEnd(16)} ${memory.padStart(10)} resident${times}`);
}

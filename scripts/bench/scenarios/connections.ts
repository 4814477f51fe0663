/**
 * How fast connections are made, and what they take when they do nothing.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import { type Contestant, CONTESTANTS, TROUPE_WS } from "../contestants.ts";
import { entriesOf, webSocketEntry } from "../entries.ts";
import { Connection } from "../generator/connection.ts";
import type { Protocol } from "../generator/protocols.ts";
import type { Latencies } from "../latency.ts";
import type { Entry, Scenario } from "../scenario.ts";
import type { Subject } from "../subject.ts";

/** Connections that are being made at any time. */
const AT_ONCE = 32;
/** Idle connections. */
const IDLE = { quick: 500, full: 9_000 } as const;

/** As an echo, or what comes nearest to it where there is none. */
const ENTRIES = CONTESTANTS.flatMap((each: Contestant) =>
  entriesOf(each.roles.includes("echo") ? "echo" : "broadcast", { from: [each] })
);

function protocolOf(entry: Entry): Protocol {
  const { contestant, role } = webSocketEntry(entry);
  return contestant.protocol(role);
}

/** Opens and leaves, again and again; resolves with how often. */
async function connectAll(
  port: number,
  protocol: Protocol,
  durationMs: number,
  latencies: Latencies,
): Promise<number> {
  const untilMs = performance.now() + durationMs;
  let count = 0;
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    while (performance.now() < untilMs) {
      const startedMs = performance.now();
      (await Connection.open({ port, protocol }))[Symbol.dispose]();
      latencies.record(performance.now() - startedMs);
      count++;
    }
  }));
  return count;
}

/** Opens connections in a process of its own, and waits until they are open. */
async function hold(port: number, { name }: Protocol, count: number): Promise<AsyncDisposable> {
  const script = fileURLToPath(new URL("../generator/holder.ts", import.meta.url));
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", script, `${port}`, name, `${count}`],
    stdin: "null",
    stdout: "piped",
  }).spawn();
  const reader = child.stdout.getReader();
  const { value } = await reader.read();
  const stop = async () => {
    child.kill("SIGKILL");
    await reader.cancel();
    await child.status;
  };
  if (value) return { [Symbol.asyncDispose]: stop };
  await reader.cancel();
  throw new Error(`Cannot hold ${count} connections: the process that opens them ended`);
}

/** What `deno task bench connect idle` measures. */
export const scenarios: readonly Scenario[] = [
  {
    kind: "rate",
    id: "connect",
    group: "connect",
    title: `Connections made and left, ${AT_ONCE} at once`,
    unit: "connections",
    entries: ENTRIES,
    isQuick: true,
    prepare: ({ port }: Subject, entry) => {
      const protocol = protocolOf(entry);
      return Promise.resolve({
        measure: (durationMs, latencies) => connectAll(port, protocol, durationMs, latencies),
        [Symbol.asyncDispose]: () => Promise.resolve(),
      });
    },
  },
  {
    kind: "memory",
    id: "idle",
    group: "idle",
    title: "Resident memory of an idle connection",
    entries: ENTRIES,
    isQuick: true,
    goals: [
      { entry: TROUPE_WS.id, afterSeconds: 5, bytes: 9_000 },
      { entry: TROUPE_WS.id, afterSeconds: 33, bytes: 7_000 },
    ],
    connections: ({ isQuick }) => isQuick ? IDLE.quick : IDLE.full,
    hold: ({ port }, entry, count) => hold(port, protocolOf(entry), count),
  },
];

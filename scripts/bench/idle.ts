/**
 * Measures what idle connections take of a server's memory.
 *
 * @module
 */

import { failureOf } from "./rates.ts";
import type { Failure, MemoryResult, MemoryRow } from "./results/types.ts";
import type { Entry, MemoryScenario, Plan } from "./scenario.ts";
import type { Subject } from "./subject.ts";

/** What the first connections make a server load is not theirs. */
const FIRST = 200;
/** Time for a server to come to rest, in seconds. */
const REST_SECONDS = { quick: 1, full: 2 } as const;
/** When memory is looked at, in seconds after the last connection was opened. */
const LOOKS = { quick: [2], full: [5, 33] } as const;

interface Held {
  readonly entry: Entry;
  readonly subject: Subject;
  readonly before: number | undefined;
  readonly openedMs: number;
}

/**
 * Opens connections to one server after the other (of a quick run to all at once), and
 * then waits for all of them.
 */
export async function measureMemory(scenario: MemoryScenario, plan: Plan): Promise<MemoryResult> {
  await using stack = new AsyncDisposableStack();
  const connections = scenario.connections(plan);
  const rows: Promise<MemoryRow | Failure>[] = [];
  for (const entry of scenario.entries) {
    const held = open(scenario, entry, plan, stack);
    rows.push(
      held.then((each) => look(each, connections, plan))
        .catch((error) => failureOf(entry, error)),
    );
    if (!plan.isQuick) await Promise.allSettled([held]);
  }
  const { id, group, title, goals = [] } = scenario;
  const all = await Promise.all(rows);
  return {
    kind: "memory",
    id,
    group,
    title,
    connections,
    goals,
    failures: all.filter((each) => "reason" in each),
    rows: all.filter((each) => "bytes" in each),
  };
}

async function open(
  scenario: MemoryScenario,
  entry: Entry,
  plan: Plan,
  stack: AsyncDisposableStack,
): Promise<Held> {
  const subject = stack.use(await entry.start());
  stack.use(await scenario.hold(subject, entry, FIRST));
  await seconds(REST_SECONDS[plan.isQuick ? "quick" : "full"]);
  const before = subject.residentBytes();
  stack.use(await scenario.hold(subject, entry, scenario.connections(plan)));
  return { entry, subject, before, openedMs: performance.now() };
}

async function look(
  { entry, subject, before, openedMs }: Held,
  connections: number,
  plan: Plan,
): Promise<MemoryRow> {
  const bytes: { afterSeconds: number; bytes: number | undefined }[] = [];
  for (const afterSeconds of LOOKS[plan.isQuick ? "quick" : "full"]) {
    await seconds(afterSeconds - (performance.now() - openedMs) / 1000);
    const now = subject.residentBytes();
    const each = now === undefined || before === undefined ? undefined : now - before;
    bytes.push({ afterSeconds, bytes: each && each / connections });
  }
  return { entry: entry.id, title: entry.title, bytes };
}

function seconds(count: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, count * 1000)));
}

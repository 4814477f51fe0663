/**
 * What a call within a node costs: against a request and a reply by two sends,
 * in alternating rounds.
 *
 * @module
 */

import { createNode, type Node, type Process } from "../../src/actor/mod.ts";
import { reportComparison } from "./report.ts";
import { median } from "./statistics.ts";

/** Calls per second. */
const GOAL_RATE = 300_000;
/** Of the rate of two sends. */
const GOAL_RATIO = 0.15;
const ROUNDS = 9;
const REQUESTS = 40_000;

/** Asks one after the other. */
type Ask = (self: Process, requests: number) => Promise<void>;

/** Runs the comparison and prints it. */
export async function calls(): Promise<void> {
  await using node = createNode();
  node.spawn(async (self) => {
    for await (const { message, reply } of self) reply?.(message);
  }, { name: "answers" });
  node.spawn(async (self) => {
    for await (const { message, from } of self) self.send(from, message);
  }, { name: "sends" });
  for (const callers of [1, 100]) {
    const rates: { bySend: number; byCall: number }[] = [];
    for (let round = 0; round <= ROUNDS; round++) {
      const bySend = await rate(node, callers, askBySend);
      const byCall = await rate(node, callers, askByCall);
      // The first does not count.
      if (round > 0) rates.push({ bySend, byCall });
    }
    const byCall = median(rates.map((each) => each.byCall));
    reportComparison(`Call within a node, ${callers} at once`, ["two sends", "call"], {
      baseline: { rate: median(rates.map((each) => each.bySend)), cpuMicros: undefined },
      candidate: { rate: byCall, cpuMicros: undefined },
      rateRatio: median(rates.map((each) => each.byCall / each.bySend)),
      cpuRatio: undefined,
    }, GOAL_RATIO);
    const verdict = byCall >= GOAL_RATE ? "reached" : "MISSED";
    console.log(`  goal ${GOAL_RATE.toLocaleString("en-US")} calls per second: ${verdict}`);
  }
}

/** Requests per second of as many processes at once. */
async function rate(node: Node, callers: number, ask: Ask): Promise<number> {
  const startedMs = performance.now();
  await Promise.all(Array.from({ length: callers }, () =>
    new Promise<void>((resolve, reject) => {
      node.spawn((self) => ask(self, REQUESTS / callers).then(resolve, reject));
    })));
  return REQUESTS / (performance.now() - startedMs) * 1000;
}

async function askByCall(self: Process, requests: number): Promise<void> {
  for (let i = 0; i < requests; i++) await self.call("answers", i);
}

async function askBySend(self: Process, requests: number): Promise<void> {
  const mailbox = self[Symbol.asyncIterator]();
  for (let i = 0; i < requests; i++) {
    self.send("sends", i);
    await mailbox.next();
  }
}

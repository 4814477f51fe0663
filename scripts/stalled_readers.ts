/**
 * What readers that stall cost those who read on.
 *
 * `deno run -A scripts/stalled_readers.ts [--readers 100] [--stalled 1] [--seconds 20]
 * [--rounds 3]` starts a server on engine `ws` in a process of its own, which
 * broadcasts 16 KiB fifty times a second. Each round measures, for so many
 * seconds each, how long a broadcast takes to those who read: without the
 * stalled readers, and with them, who read nothing and come back whenever the
 * server has cut them off. Printed are both of each round and the middle of the
 * ratios of their p99, which is to be below 2. It ends by itself.
 *
 * @module
 */

import { parseNumbers } from "./abuse/args.ts";
import { Audience } from "./abuse/deliveries.ts";
import { stallOn } from "./abuse/stalled.ts";
import type { Times } from "./abuse/times.ts";
import { open } from "./bench/load.ts";
import { startSubject } from "./bench/subject.ts";

/** The others' p99 stays below so many times what it was. */
const GOAL = 2;

/** For what is compiled and learned at first, in milliseconds. */
const WARM_UP_MS = 3_000;

const DEFAULTS = Object.freeze({ readers: 100, stalled: 1, seconds: 20, rounds: 3 });

const { readers, stalled, seconds, rounds } = parseNumbers(Deno.args, DEFAULTS);
await using server = await startSubject("broadcast", ["ws"]);
const audience = new Audience(
  await Promise.all(Array.from({ length: readers }, () => open(server.port))),
);
await audience.measure(Math.min(WARM_UP_MS, seconds * 1000));
const ratios: number[] = [];
for (let round = 1; round <= rounds; round++) {
  const before = await measure(`round ${round}, alone`);
  const during = await measure(`round ${round}, ${stalled} stalled`, stalled);
  ratios.push(during.p99Ms / before.p99Ms);
}
audience.end();
const ratio = ratios.toSorted((a, b) => a - b)[ratios.length >> 1]!;
console.log(
  `  ${readers} readers, ${stalled} stalled: p99 × ${ratio.toFixed(2)} ` +
    `(goal below ${GOAL}: ${ratio < GOAL ? "reached" : "MISSED"})`,
);

/** Measures with so many stalled readers and prints it. */
async function measure(title: string, stalled = 0): Promise<Times> {
  const over = new AbortController();
  let cuts = 0;
  const staying = Array.from(
    { length: stalled },
    () => stallOn(server.port, over.signal, () => cuts++),
  );
  const cpuBefore = server.cpuSeconds() ?? NaN;
  const times = await audience.measure(seconds * 1000);
  const cpu = ((server.cpuSeconds() ?? NaN) - cpuBefore) / seconds;
  over.abort();
  await Promise.all(staying);
  console.log(
    `  ${title.padEnd(22)} median ${times.medianMs.toFixed(2)} ms, p99 ${
      times.p99Ms.toFixed(2)
    } ms ` +
      `(${times.count.toLocaleString("en-US")}), ${(cpu * 100).toFixed(0)} % of a processor, ` +
      `${cuts} cut off`,
  );
  return times;
}

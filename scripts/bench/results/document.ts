/**
 * Results as the page `docs/benchmarks.md`.
 *
 * @module
 */

import { showFailure, showNumber, toSection, toTable } from "./table.ts";
import type { Results } from "./types.ts";

const INTRODUCTION = `
Absolute figures depend on the machine; ratios travel. All servers were measured in one run, in
alternating rounds, so that a machine whose speed drifts does not favour any. The generator and the
server share the machine.

- **± %** is half of the range of the rounds, over their median.
- **per CPU second** divides by the processor time of the server and all processes that it started,
  which tells what a message costs; a server that uses two cores has twice the time.
- **generator** is the processor time of the generator over the time that passed. Near 100 %, marked
  (!), the rate per second is what the generator can do, and the server could do more.
- **p50** and so on are latencies in milliseconds, of the first message of each read in echoes and
  the last in fan-outs, from a histogram exact to a thousandth. Messages in flight are constant, so
  a slow answer delays what comes after it.
- **Floor** is \`node:net\` with the plainest codec and no actors: what a server on that socket must
  spend at least.

Every peer is written as its own documentation shows it, in \`scripts/bench/peers\`.`;

/** The page, with the chart and the JSON beside it. */
export function toDocument(results: Results): string {
  const { plan } = results;
  const quick = plan.isQuick
    ? "\n**These are of a quick run: for a look, not for figures.**\n"
    : "";
  return `# Benchmarks

<!-- Written by \`deno task bench --write\`. -->

\`deno task bench\` measures all of this again, \`deno task bench --quick\` in under a minute.
The figures as data: [benchmarks.json](benchmarks.json).

![Rates per CPU second](benchmarks.svg)
${quick}
## Machine, versions, date

${whereAndWhen(results)}

${missing(results)}

## How to read it
${INTRODUCTION}

${results.scenarios.map((each) => `## ${titleOf(each)}\n\n${toSection(each)}`).join("\n\n")}
`;
}

function titleOf(result: Results["scenarios"][number]): string {
  return result.kind === "rate"
    ? result.title
    : `${result.title}, at ${showNumber(result.connections)}`;
}

function whereAndWhen({ date, machine, versions, plan }: Results): string {
  const { cpu, cores, memoryGiB, system } = machine;
  return toTable(["", "value"], [
    ["Date", date.slice(0, 16).replace("T", " ") + " UTC"],
    ["Processor", `${cpu}, ${cores} cores`],
    ["Memory", `${memoryGiB} GiB`],
    ["System", system],
    ["Rounds", `${plan.rounds} of ${plan.roundMs} ms, after one that does not count`],
    ...Object.entries(versions),
  ]);
}

function missing({ missing }: Results): string {
  if (missing.length === 0) return "No peer is missing.";
  return missing.map((each) => `- ${showFailure(each)}`).join("\n");
}

/**
 * The command line of the benchmark.
 *
 * @module
 */

import { parseArgs } from "@std/cli/parse-args";

/** What is asked for. */
export interface BenchArgs {
  /** Names of groups, scenarios and comparisons; none means all scenarios. */
  readonly names: readonly string[];
  /** Entries that are measured; none means all. */
  readonly only: readonly string[];
  readonly isQuick: boolean;
  /** Writes docs/benchmarks.md and what belongs to it. */
  readonly writes: boolean;
  /** A file for the results as JSON. */
  readonly json?: string;
  /** Results of an earlier run, which are shown (and written) in place of measuring. */
  readonly from?: string;
  /** Fetches and builds peers, and measures nothing. */
  readonly fetches: boolean;
  readonly lists: boolean;
  readonly helps: boolean;
}

/** The command line cannot be followed. */
export class BenchUsageError extends Error {
  override readonly name = "BenchUsageError";
}

/** What `--help` says. */
export const USAGE = `deno task bench [NAME ...] [OPTION ...]

Measures Troupe and its peers side by side, in alternating rounds. NAME is a group
of scenarios, a scenario, or a comparison within Troupe; without any, all scenarios
are measured, in under fifteen minutes.

  --quick        short rounds: for a look, not for figures
  --only IDS     measure these entries only, separated by commas
  --write        write docs/benchmarks.md, docs/benchmarks.json and docs/benchmarks.svg
  --json FILE    write the results as JSON
  --from FILE    show (or --write) results of an earlier run, and measure nothing
  --fetch        fetch and build the peers, and measure nothing
  --list         list the names
  --help         show this`;

const FLAGS = ["quick", "write", "fetch", "list", "help"];
const VALUES = ["only", "json", "from"];

/** Reads the command line. @throws {BenchUsageError} If it cannot be followed. */
export function parseBenchArgs(args: readonly string[]): BenchArgs {
  const parsed = parseArgs([...args], {
    boolean: FLAGS,
    string: VALUES,
    unknown: (name: string, key?: string) => {
      if (key === undefined) return true;
      const known = [...FLAGS, ...VALUES].map((each) => `--${each}`).join(", ");
      throw new BenchUsageError(
        `Cannot run the benchmark: unknown option ${JSON.stringify(name)}, expected ${known}`,
      );
    },
  });
  for (const name of VALUES) {
    if (parsed[name] === "") {
      throw new BenchUsageError(`Cannot run the benchmark: --${name} has no value`);
    }
  }
  const only = parsed.only as string | undefined;
  return {
    names: parsed._.map(String),
    only: only?.split(",").map((id) => id.trim()).filter((id) => id !== "") ?? [],
    isQuick: parsed.quick === true,
    writes: parsed.write === true,
    json: parsed.json as string | undefined,
    from: parsed.from as string | undefined,
    fetches: parsed.fetch === true,
    lists: parsed.list === true,
    helps: parsed.help === true,
  };
}

/**
 * Runs the tests: several files at a time, then those that need the machine alone.
 *
 * Usage: `deno task test [ARGUMENTS]`. With arguments for `deno test`, such as
 * paths or `--filter`, it runs just that, one file at a time.
 *
 * A file whose name ends in `_alone_test.ts` measures the process that it runs
 * in, its heap, descriptors or threads, or leaves no processor to others.
 *
 * @module
 */

import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { REPORTS } from "./test_report.ts";

const ALONE = "**/*_alone_test.ts";

const ALWAYS = ["test", "--allow-all", "--sanitize-ops", "--sanitize-resources"];

/** The runs of `deno test` that make up all tests, as arguments for deno. */
export function testRuns(extra: readonly string[], alone: readonly string[]): string[][] {
  if (extra.length > 0) return [[...ALWAYS, ...extra]];
  const [parallel, single] = REPORTS.map((report) => `--junit-path=${report}`) as [string, string];
  return [
    // Those in the documentation too.
    [...ALWAYS, "--parallel", "--doc", `--ignore=${ALONE}`, parallel],
    [...ALWAYS, single, ...alone],
  ];
}

/** Paths of the files that run alone, in the order of the alphabet. */
export async function filesAlone(root: string): Promise<string[]> {
  const found: string[] = [];
  const visit = async (folder: string) => {
    for await (const { name, isDirectory } of Deno.readDir(`${root}/${folder}`)) {
      if (isDirectory) await visit(`${folder}/${name}`);
      else if (name.endsWith("_alone_test.ts")) found.push(`${folder}/${name}`);
    }
  };
  await visit("tests");
  return found.toSorted();
}

async function run(args: readonly string[], cwd: string): Promise<number> {
  const command = new Deno.Command(Deno.execPath(), { args: [...args], cwd, stdin: "null" });
  return (await command.spawn().status).code;
}

if (import.meta.main) {
  const root = dirname(dirname(fileURLToPath(import.meta.url)));
  let failed = 0;
  // The second run too where the first failed: one look shows all that is broken.
  for (const args of testRuns(Deno.args, await filesAlone(root))) {
    const code = await run(args, root);
    failed ||= code;
  }
  Deno.exit(failed);
}

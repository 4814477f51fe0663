/**
 * Runs the tests: several modules at a time, then those that need the machine alone.
 *
 * Usage: `deno task test [ARGUMENTS]`. With arguments for `deno test`, such as
 * paths or `--filter`, it runs just that, one file at a time.
 *
 * Without arguments nothing is type-checked: `deno task check` has checked it, the code of the
 * documentation too. A module joins several files, see {@linkcode shareOut}.
 *
 * A file whose name ends in `_alone_test.ts` measures the process that it runs
 * in, its heap, descriptors or threads, or leaves no processor to others.
 *
 * @module
 */

import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { shareOut, sourceOf } from "./test_modules.ts";
import { REPORTS } from "./test_report.ts";

const ALWAYS = ["test", "--allow-all", "--sanitize-ops", "--sanitize-resources"];

/** What to run, as paths. */
export interface TestPaths {
  /** Modules of several files each. */
  readonly modules: readonly string[];
  /** Files that run alone. */
  readonly alone: readonly string[];
  /** What may have code in its documentation: folders and files. */
  readonly documented: readonly string[];
}

/** The runs of `deno test` that make up all tests, as arguments for deno. */
export function testRuns(
  extra: readonly string[],
  { modules, alone, documented }: TestPaths,
): string[][] {
  if (extra.length > 0) return [[...ALWAYS, ...extra]];
  const [parallel, single] = REPORTS.map((report) => `--junit-path=${report}`) as [string, string];
  return [
    [...ALWAYS, "--no-check", "--parallel", "--doc", parallel, ...modules, ...documented],
    [...ALWAYS, "--no-check", single, ...alone],
  ];
}

/** Paths of all files of tests, in the order of the alphabet: those that run alone, and others. */
export async function testFiles(root: string): Promise<{ alone: string[]; others: string[] }> {
  const found: string[] = [];
  const visit = async (folder: string) => {
    for await (const { name, isDirectory } of Deno.readDir(`${root}/${folder}`)) {
      if (isDirectory) await visit(`${folder}/${name}`);
      else if (name.endsWith("_test.ts")) found.push(`${folder}/${name}`);
    }
  };
  await visit("tests");
  const { alone = [], others = [] } = Object.groupBy(
    found.toSorted(),
    (path) => path.endsWith("_alone_test.ts") ? "alone" : "others",
  );
  return { alone, others };
}

/** All of the root but the tests, what is written by programs, and what is hidden. */
export async function documentedPaths(root: string): Promise<string[]> {
  const entries = await Array.fromAsync(Deno.readDir(root));
  return entries
    .filter(({ name, isDirectory }) => isDirectory || /\.(md|ts)$/.test(name))
    .map(({ name }) => name)
    .filter((name) => !/^(tests|dist|node_modules|\..*)$/.test(name))
    .toSorted();
}

async function writeModules(
  files: readonly string[],
  root: string,
  folder: string,
): Promise<string[]> {
  return await Promise.all(
    shareOut(files).map(async (module) => {
      const path = join(folder, `${module.name}.ts`);
      await Deno.writeTextFile(path, sourceOf(module, root));
      return path;
    }),
  );
}

async function run(args: readonly string[], cwd: string): Promise<number> {
  const command = new Deno.Command(Deno.execPath(), { args: [...args], cwd, stdin: "null" });
  return (await command.spawn().status).code;
}

if (import.meta.main) {
  const root = dirname(dirname(fileURLToPath(import.meta.url)));
  const { alone, others } = await testFiles(root);
  const documented = await documentedPaths(root);
  const folder = await Deno.makeTempDir({ prefix: "tests-" });
  let failed = 0;
  try {
    const modules = await writeModules(others, root, folder);
    // The second run too where the first failed: one look shows all that is broken.
    for (const args of testRuns(Deno.args, { modules, alone, documented })) {
      const code = await run(args, root);
      failed ||= code;
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
  Deno.exit(failed);
}

/**
 * Joins the files of tests to modules: whatever several of them import is loaded
 * once for all of a module, which is a fifth of the work of all tests.
 *
 * @module
 */

import { pathToFileURL } from "node:url";

/** Some files of tests that run in one module, one after the other. */
export interface TestModule {
  /** Of letters, digits and `_`. */
  readonly name: string;
  /** Paths below the root, `tests/ROOM/…_test.ts`. */
  readonly files: readonly string[];
}

/**
 * How many modules share the files of a room of the tests in turn. Those that take
 * longest come first, so that the last ones to end are short.
 */
const SHARES: Readonly<Record<string, number>> = Object.freeze({
  executable: 2,
  delivery: 1,
  cluster: 5,
  web: 2,
  server: 3,
  examples: 1,
  cli: 2,
  http: 2,
  workers: 1,
  dashboard: 1,
  conformance: 1,
  api: 1,
  websocket: 2,
});

/** Modules of all rooms that are not in {@linkcode SHARES}. */
const SHARES_OF_OTHERS = 2;

function roomOf(path: string): string {
  return /^tests\/(\w+)\//.exec(path)?.[1] ?? "";
}

/** The modules to run, in this order; each of the files is in one of them. */
export function shareOut(files: readonly string[]): TestModule[] {
  const isListed = (path: string) => Object.hasOwn(SHARES, roomOf(path));
  const rooms = Object.entries(SHARES).map(([room, count]) => ({
    name: room,
    count,
    files: files.filter((path) => roomOf(path) === room),
  }));
  const others = files.filter((path) => !isListed(path));
  return [...rooms, { name: "others", count: SHARES_OF_OTHERS, files: others }]
    .flatMap(({ name, count, files }) =>
      Array.from({ length: count }, (_, share) => ({
        name: count === 1 ? name : `${name}_${share + 1}`,
        files: files.filter((_, index) => index % count === share),
      }))
    )
    .filter(({ files }) => files.length > 0);
}

/** Source of a module that may be anywhere. */
export function sourceOf({ files }: TestModule, root: string): string {
  return files.map((path) => `import ${JSON.stringify(pathToFileURL(`${root}/${path}`))};\n`)
    .join("");
}

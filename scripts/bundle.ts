/**
 * Bundles the program and the library with their packages into a few files.
 *
 * Usage: `deno task bundle [FOLDER]`; the default is `dist/bundle`. The executable is
 * compiled from it, and the npm package brings it along. Program and library share
 * their modules, so that what a process module imports is what the server runs on.
 *
 * @module
 */

import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import manifest from "../deno.json" with { type: "json" };
import { commitOf } from "./commit.ts";

/** Root of the sources. */
export const ROOT: string = dirname(dirname(fileURLToPath(import.meta.url)));

/** Tells `troupe version` what it was built from. */
export const BUILD_FILE = "build.json";

/** A file that a module of the sources names by its place next to itself. */
export interface Reference {
  /** As it is written in the module. */
  readonly text: string;
  /** Path below the root of the sources. */
  readonly path: string;
}

const REFERENCE = /new URL\(\s*"(\.[^"]+)",\s*import\.meta\.url,?\s*\)/g;

/** Lines of a documentation comment, whose samples name files of others. */
const COMMENT_LINE = /^ *\*.*$/gm;

/** Files that a module refers to by `new URL("./…", import.meta.url)`: threads above all. */
export function referencesOf(path: string, source: string): Reference[] {
  return [...source.replaceAll(COMMENT_LINE, "").matchAll(REFERENCE)].map(([, text]) => ({
    text: text!,
    path: join(dirname(path), text!),
  }));
}

/** Where a module of the sources is in the bundle. */
export function bundledPath(path: string): string {
  return path.replace(/^\.\//, "").replace(/\.ts$/, ".js");
}

/**
 * Replaces the places of files that a module of the bundle refers to; `path` is its
 * own below the bundle.
 *
 * @throws {Error} If a reference is left that nobody knows.
 */
export function relocate(
  path: string,
  source: string,
  references: readonly Reference[],
): string {
  const up = "../".repeat(path.split("/").length - 1) || "./";
  return source.replaceAll(REFERENCE, (_, text: string) => {
    const found = references.find((each) => each.text === text);
    if (found === undefined) throw new Error(`Cannot bundle: nobody knows where ${text} is`);
    const target = found.path.endsWith(BUILD_FILE) ? BUILD_FILE : bundledPath(found.path);
    return `new URL("${up}${target}", import.meta.url)`;
  });
}

/** Paths of all files below a folder. */
export async function* filesBelow(folder: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = join(folder, name);
    if (isDirectory) yield* filesBelow(path);
    else yield path;
  }
}

async function findReferences(): Promise<Reference[]> {
  const found: Reference[] = [];
  for await (const path of filesBelow(join(ROOT, "src"))) {
    if (!path.endsWith(".ts")) continue;
    found.push(...referencesOf(relative(ROOT, path), await Deno.readTextFile(path)));
  }
  const places = Map.groupBy(found, ({ text }) => text);
  for (const [text, [first, ...others]] of places) {
    if (others.every(({ path }) => path === first!.path)) continue;
    throw new Error(`Cannot bundle: ${text} is more than one file, expected names that differ`);
  }
  return found;
}

/** How the bundler gives packages of CommonJS a `require`. */
const EAGER_REQUIRE =
  /import \{ createRequire as (\w+) \} from "node:module";\nvar __require = \1\(import\.meta\.url\);/;

/** Loads `node:module`, which brings much of Node along, when something is required. */
const LAZY_REQUIRE = `var __required;
var __require = (name) => (__required ??= globalThis.process.getBuiltinModule("node:module")
  .createRequire(import.meta.url))(name);`;

/** Replaces a `require` that is made at the start by one that is made when it is called. */
export function delayRequire(source: string): string {
  return source.replace(EAGER_REQUIRE, () => LAZY_REQUIRE);
}

async function runBundler(folder: string, entries: readonly string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["bundle", "--platform", "deno", "--code-splitting", "--outdir", folder, ...entries],
    cwd: ROOT,
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "null",
  }).output();
  if (!success) throw new Error(`Cannot bundle: ${new TextDecoder().decode(stderr)}`);
}

/** The import map of the bundle: what process modules may import by name. */
export function bundleImports(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(manifest.exports)
      .filter(([name]) => name !== "./main")
      .map(([name, path]) => [join(manifest.name, name), `./${bundledPath(path)}`]),
  );
}

/** Writes the bundle into a folder, which is made anew. */
export async function writeBundle(folder: string): Promise<void> {
  await Deno.remove(folder, { recursive: true }).catch((error) => {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  });
  const references = await findReferences();
  const threads = references.map(({ path }) => path).filter((path) => path.endsWith(".ts"));
  const entries = new Set(
    [...Object.values(manifest.exports), ...threads].map((path) => join(path)),
  );
  await runBundler(folder, [...entries]);
  for await (const path of filesBelow(folder)) {
    const source = await Deno.readTextFile(path);
    const moved = delayRequire(relocate(relative(folder, path), source, references));
    if (moved !== source) await Deno.writeTextFile(path, moved);
  }
  const write = (name: string, content: unknown) =>
    Deno.writeTextFile(join(folder, name), `${JSON.stringify(content, null, 2)}\n`);
  await write("deno.json", { imports: bundleImports() });
  await write(BUILD_FILE, { commit: await commitOf(ROOT) });
}

if (import.meta.main) await writeBundle(resolve(ROOT, Deno.args[0] ?? join("dist", "bundle")));

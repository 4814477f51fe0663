/**
 * The source files of this repository and what they really import.
 *
 * @module
 */

import { join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Import } from "./arrows.ts";

/** Folder of the repository. */
export const ROOT: string = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");

interface ModuleInfo {
  readonly specifier: string;
  readonly error?: string;
  readonly dependencies?: readonly DependencyInfo[];
}

interface DependencyInfo {
  readonly isDynamic?: boolean;
  readonly code?: { readonly specifier?: string; readonly error?: string };
  readonly type?: { readonly specifier?: string; readonly error?: string };
}

/** The module graph below an entry, as Deno's own parser sees it. */
export interface ModuleGraph {
  readonly modules: readonly ModuleInfo[];
}

/** Paths of all TypeScript files below a folder, relative to the repository. */
export function sourceFiles(folder: string): string[] {
  const entries = [...Deno.readDirSync(join(ROOT, folder))];
  return entries.flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) return sourceFiles(path);
    return path.endsWith(".ts") ? [path] : [];
  }).sort();
}

/** Module graph of a file; type-only and dynamic imports are in it. */
export async function moduleGraph(entry: string): Promise<ModuleGraph> {
  const command = new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", "--config", join(ROOT, "deno.json"), entry],
    cwd: ROOT,
    stdin: "null",
  });
  const { success, stdout, stderr } = await command.output();
  if (success) return JSON.parse(new TextDecoder().decode(stdout));
  throw new Error(`Cannot read the imports of ${entry}: ${new TextDecoder().decode(stderr)}`);
}

/** Every import between files of the repository that one of the files makes. */
export async function importsOf(files: readonly string[]): Promise<Import[]> {
  const entry = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    const lines = files.map((path) => `import ${JSON.stringify(urlOf(path))};`);
    await Deno.writeTextFile(entry, lines.join("\n"));
    const { modules } = await moduleGraph(entry);
    return modules.filter(({ specifier }) => pathOf(specifier) !== undefined).flatMap(importsIn);
  } finally {
    await Deno.remove(entry);
  }
}

function importsIn(module: ModuleInfo): Import[] {
  const from = pathOf(module.specifier)!;
  const targets = (module.dependencies ?? []).flatMap(({ code, type }) => [code, type])
    .flatMap((resolved) => pathOf(resolved?.specifier ?? "") ?? []);
  return [...new Set(targets)].map((to) => ({ from, to }));
}

function urlOf(path: string): string {
  return pathToFileURL(join(ROOT, path)).href;
}

/** Path relative to the repository; `undefined` for what lies outside of it. */
function pathOf(specifier: string): string | undefined {
  if (!specifier.startsWith("file:")) return undefined;
  const path = relative(ROOT, fileURLToPath(specifier));
  return path.startsWith("..") ? undefined : path;
}

/**
 * `troupe init`: a configuration and a sample process to start from.
 *
 * @module
 */

import { join, resolve } from "node:path";
import { CONFIG_FILE_NAMES } from "../config/mod.ts";
import { escapeControls, quote } from "../text/mod.ts";
import { shellWord } from "./completions/shells.ts";
import type { CliIo } from "./io.ts";
import board from "./sample/board.ts.txt" with { type: "text" };
import config from "./sample/troupe.jsonc" with { type: "text" };

const FILES: ReadonlyMap<string, string> = new Map([
  ["troupe.jsonc", config],
  ["board.ts", board],
]);

async function findExisting(directory: string): Promise<string | undefined> {
  for (const name of new Set([...FILES.keys(), ...CONFIG_FILE_NAMES])) {
    try {
      await Deno.lstat(join(directory, name));
      return name;
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  return undefined;
}

async function writeAll(directory: string): Promise<void> {
  const written: string[] = [];
  try {
    for (const [name, text] of FILES) {
      const path = join(directory, name);
      // createNew: a file that appears meanwhile is not overwritten either.
      await Deno.writeTextFile(path, text, { createNew: true });
      written.push(path);
    }
  } catch (error) {
    for (const path of written) await Deno.remove(path);
    throw error;
  }
}

/** Writes the files into a directory, all of them or none. */
export async function runInit(directory: string, io: CliIo): Promise<number> {
  const target = resolve(io.directory, directory);
  const shown = quote(directory);
  try {
    await Deno.mkdir(target, { recursive: true });
    const existing = await findExisting(target);
    if (existing !== undefined) {
      io.stderr(`Cannot write into ${shown}: ${existing} is there already, expected none\n`);
      return 1;
    }
    await writeAll(target);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    io.stderr(`Cannot write into ${shown}: ${escapeControls(why)}\n`);
    return 1;
  }
  const path = shellWord(escapeControls(join(directory, "troupe.jsonc")));
  io.stdout(
    `Wrote ${[...FILES.keys()].join(" and ")} into ${shown}.\n` +
      `Run it with: troupe serve -c ${path}\n` +
      `In a checkout: deno run -A main.ts serve -c ${path}\n`,
  );
  return 0;
}

/**
 * Certificates to trust, read from a file and checked.
 *
 * @module
 */

import { resolve } from "node:path";
import { escapeControls, quote, splitCertificates } from "../text/mod.ts";
import { UsageError } from "./flags.ts";

function unusable(file: string, why: string): UsageError {
  return new UsageError(`Cannot use --ca ${quote(file)}: ${why}, expected certificates in PEM`);
}

async function read(path: string, file: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    const missing = error instanceof Deno.errors.NotFound;
    const why = missing ? "there is no such file" : escapeControls((error as Error).message);
    throw unusable(file, why);
  }
}

/**
 * The certificates of a file; a relative path starts from the directory.
 *
 * @throws {UsageError} If it cannot be read, or if it has none or a broken one.
 */
export async function readAuthorities(file: string, directory: string): Promise<string> {
  const pem = await read(resolve(directory, file), file);
  try {
    return splitCertificates(pem).join("\n");
  } catch (error) {
    throw unusable(file, (error as Error).message);
  }
}

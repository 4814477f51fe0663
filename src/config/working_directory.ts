/**
 * The working directory.
 *
 * @module
 */

import { ServerStartError } from "../http/mod.ts";

/**
 * Path of the working directory.
 *
 * @throws {ServerStartError} If it is gone, or a directory above it may not be searched.
 */
export function workingDirectory(): string {
  try {
    return Deno.cwd();
  } catch (cause) {
    const text = "Cannot use the working directory: it is gone or may not be searched, " +
      "expected to be started in one that is there";
    throw new ServerStartError("directory_gone", text, { cause });
  }
}

/**
 * Where and with what it runs.
 *
 * @module
 */

import os from "node:os";
import { MissingPeerError, PINNED, versionOf } from "./peers/fetch.ts";
import type { Machine } from "./results/types.ts";

/** The machine. */
export function describeMachine(): Machine {
  return {
    cpu: os.cpus()[0]?.model.trim() ?? "unknown",
    cores: os.cpus().length,
    memoryGiB: Math.round(os.totalmem() / 2 ** 30),
    system: `${os.type()} ${os.release()} ${Deno.build.arch}`,
  };
}

/** Versions of runtimes and peers. */
export async function describeVersions(): Promise<Readonly<Record<string, string>>> {
  return {
    Troupe: await tool("git", ["describe", "--always", "--dirty"]),
    Deno: `${Deno.version.deno} (V8 ${Deno.version.v8})`,
    Node: await tool("node", ["--version"]),
    Go: await tool("go", ["env", "GOVERSION"]),
    ...PINNED,
  };
}

async function tool(name: string, args: readonly string[]): Promise<string> {
  try {
    return await versionOf(name, args);
  } catch (error) {
    if (error instanceof MissingPeerError) return "missing";
    throw error;
  }
}

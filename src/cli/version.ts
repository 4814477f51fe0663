/**
 * The version of this build.
 *
 * @module
 */

import { VERSION } from "../server/mod.ts";

export { VERSION } from "../server/mod.ts";

/** File that `deno task bundle` writes next to the modules of a bundle. */
const BUILD_FILE = new URL("./build.json", import.meta.url);

const COMMIT = /^[0-9a-f]{7,64}(-dirty)?$/;

/** Where a build comes from. */
export interface Build {
  /** Version of Deno. */
  readonly deno: string;
  /** Version of V8. */
  readonly v8: string;
  /** Commit that it was compiled from, with `-dirty` if it was changed, or `unknown`. */
  readonly commit: string;
  /** Machine and system that it is for. */
  readonly target: string;
}

/** The commit in the text of a build file; `unknown` if it has none. */
export function parseCommit(text: string): string {
  try {
    const { commit } = JSON.parse(text);
    return COMMIT.test(commit) ? commit : "unknown";
  } catch {
    return "unknown";
  }
}

/** A checkout may hold anything, whatever commit it says it is at: only a bundle knows. */
function findCommit(): string {
  try {
    return parseCommit(Deno.readTextFileSync(BUILD_FILE));
  } catch {
    return "unknown";
  }
}

/** Where this very build comes from. */
export function currentBuild(): Build {
  const { deno, v8 } = Deno.version;
  return { deno, v8, commit: findCommit(), target: Deno.build.target };
}

/** What `troupe version` prints. */
export function versionText(build: Build = currentBuild()): string {
  const rows = Object.entries(build).map(([name, value]) => `${name.padEnd(6)} ${value}\n`);
  return `troupe ${VERSION}\n${rows.join("")}`;
}

/**
 * The environment of programs.
 *
 * @module
 */

import type { Process } from "../actor/mod.ts";

/** Variables of the server's own environment that every program gets. */
const PASSED = ["PATH"] as const;

/** What every program is told: where executables are, and who it is. */
export function baseEnvironment(
  { node, name, key }: Pick<Process, "node" | "name" | "key">,
): Record<string, string> {
  const passed = PASSED.flatMap((variable) => {
    const value = Deno.env.get(variable);
    return value === undefined ? [] : [[variable, value]];
  });
  return {
    ...Object.fromEntries(passed),
    TROUPE_NODE: node,
    ...(name === undefined ? {} : { TROUPE_NAME: name }),
    ...(key === undefined ? {} : { TROUPE_KEY: key }),
  };
}

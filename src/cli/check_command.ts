/**
 * `troupe check`: what is wrong with a configuration, and what is risky.
 *
 * @module
 */

import { type Config, exposedEndpoints, loadConfig, NATIVE_LIMITS } from "../config/mod.ts";
import { escapeControls, isLoopbackHost, quote } from "../text/mod.ts";
import type { CliIo } from "./io.ts";

/** What is valid and yet risky, one entry each. */
export function riskWarnings(config: Config): string[] {
  // `auto` chooses for itself; only who asked for `native` has something to change.
  const explicit = exposedEndpoints(config)
    .filter((path) => config.endpoints[path]?.engine === "native");
  const address = quote(config.listen.hostname);
  const limits = NATIVE_LIMITS.map((limit) => `  - ${limit}`).join("\n");
  const engines = explicit.map((path) =>
    `endpoints[${quote(path)}].engine is "native" on the public address ${address}. ` +
    `It has nothing that\n${limits}`
  );
  return [...engines, ...brokerWarnings(config)];
}

function brokerWarnings({ cluster }: Config): string[] {
  const [only, ...others] = cluster?.nats.servers ?? [];
  if (only === undefined || others.length > 0 || isLoopbackHost(new URL(only).hostname)) return [];
  return [
    "cluster.nats.servers is one server. While it is away, no node reaches another; " +
    "expected three, a NATS cluster, where that matters",
  ];
}

/** Checks one file; `undefined` means the one in the working directory. */
export async function runCheck(file: string | undefined, io: CliIo): Promise<number> {
  const loaded = await loadConfig({ file, directory: io.directory });
  if (loaded.file === undefined) {
    io.stderr("Cannot check: there is no configuration here, expected -c FILE\n");
    return 2;
  }
  for (const warning of riskWarnings(loaded.config)) io.stdout(`Warning: ${warning}\n`);
  io.stdout(`${escapeControls(loaded.file)} is valid\n`);
  return 0;
}

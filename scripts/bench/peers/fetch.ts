/**
 * Fetches peers into a cache folder, at the versions of `versions.json`; they
 * are no dependencies of Troupe.
 *
 * @module
 */

import { join } from "node:path";
import { fileURLToPath } from "node:url";
import VERSIONS from "./versions.json" with { type: "json" };

/** Name of a package or module whose version is pinned. */
export type Pinned = keyof typeof VERSIONS;

/** A peer cannot be had here. */
export class MissingPeerError extends Error {
  override readonly name = "MissingPeerError";
}

/** Pinned versions, by package or module. */
export const PINNED: Readonly<Record<Pinned, string>> = VERSIONS;

/** Bun's packages on npm, by what `Deno.build` says. */
const BUN_PACKAGES: Readonly<Record<string, string>> = {
  "linux-x86_64": "@oven/bun-linux-x64-baseline",
  "linux-aarch64": "@oven/bun-linux-aarch64",
  "darwin-x86_64": "@oven/bun-darwin-x64-baseline",
  "darwin-aarch64": "@oven/bun-darwin-aarch64",
};

/** Where peers are kept: `TROUPE_BENCH_CACHE`, or `troupe-bench` in the user's cache folder. */
export function cacheFolder(env: (name: string) => string | undefined = Deno.env.get): string {
  const own = env("TROUPE_BENCH_CACHE");
  if (own) return own;
  const caches = env("XDG_CACHE_HOME") ?? (env("HOME") && join(env("HOME")!, ".cache"));
  if (!caches) {
    throw new Error("Cannot keep peers: expected TROUPE_BENCH_CACHE, XDG_CACHE_HOME or HOME");
  }
  return join(caches, "troupe-bench");
}

/** Folder of a peer's program among the sources. */
export function peerSource(name: string): string {
  return fileURLToPath(new URL(`./${name}/`, import.meta.url));
}

/** Installs an npm package and puts a program beside it; resolves with the program's path. */
export async function fetchNodePeer(pinned: "ws" | "socket.io", program: string): Promise<string> {
  await versionOf("node", ["--version"]);
  const folder = await installNpm(pinned, PINNED[pinned]);
  const target = join(folder, "server.mjs");
  await Deno.copyFile(join(peerSource(program), "server.mjs"), target);
  return target;
}

/** Installs Bun; resolves with the path of its executable. */
export async function fetchBun(): Promise<string> {
  const system = `${Deno.build.os}-${Deno.build.arch}`;
  const name = BUN_PACKAGES[system];
  if (!name) throw new MissingPeerError(`there is no Bun for ${system}`);
  const folder = await installNpm(name, PINNED.bun);
  return join(folder, "node_modules", name, "bin", "bun");
}

/** Builds the program over gorilla/websocket; resolves with the path of the executable. */
export async function fetchGorilla(): Promise<string> {
  const module = "github.com/gorilla/websocket";
  const folder = join(cacheFolder(), `gorilla-${PINNED[module]}`);
  await versionOf("go", ["version"]);
  await Deno.mkdir(folder, { recursive: true });
  await Deno.copyFile(join(peerSource("gorilla"), "main.go"), join(folder, "main.go"));
  if (!await exists(join(folder, "go.mod"))) {
    await run("go", ["mod", "init", "bench"], folder);
  }
  await run("go", ["get", `${module}@${PINNED[module]}`], folder);
  await run("go", ["build", "-o", "server", "."], folder);
  return join(folder, "server");
}

/** Builds Centrifugo, which takes minutes the first time; resolves with its path. */
export async function fetchCentrifugo(): Promise<string> {
  const module = "github.com/centrifugal/centrifugo/v6";
  const folder = join(cacheFolder(), `centrifugo-${PINNED[module]}`);
  const target = join(folder, "centrifugo");
  if (await exists(target)) return target;
  await versionOf("go", ["version"]);
  await Deno.mkdir(folder, { recursive: true });
  await run("go", ["install", `${module}@${PINNED[module]}`], folder, { GOBIN: folder });
  return target;
}

/** What a tool says of its version. @throws {MissingPeerError} If there is no such tool. */
export async function versionOf(tool: string, args: readonly string[]): Promise<string> {
  return (await run(tool, args)).trim();
}

async function installNpm(name: string, version: string): Promise<string> {
  const folder = join(cacheFolder(), `${name.replaceAll("/", "-")}@${version}`);
  if (await exists(join(folder, "node_modules", name, "package.json"))) return folder;
  await Deno.mkdir(folder, { recursive: true });
  const manifest = { private: true, dependencies: { [name]: version } };
  await Deno.writeTextFile(join(folder, "package.json"), JSON.stringify(manifest));
  const flags = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock"];
  await run("npm", ["install", ...flags], folder);
  return folder;
}

async function run(
  tool: string,
  args: readonly string[],
  cwd?: string,
  env?: Record<string, string>,
): Promise<string> {
  let output: Deno.CommandOutput;
  try {
    output = await new Deno.Command(tool, { args: [...args], cwd, env, stdin: "null" }).output();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new MissingPeerError(`there is no ${tool} here`, { cause: error });
  }
  const [stdout, stderr] = [output.stdout, output.stderr].map((it) => new TextDecoder().decode(it));
  if (output.success) return stdout!;
  const last = stderr!.trim().split("\n").at(-1);
  throw new MissingPeerError(`${tool} ${args.join(" ")} failed: ${last}`);
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

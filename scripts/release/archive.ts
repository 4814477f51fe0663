/**
 * Archives of a release, and the list of their hashes.
 *
 * @module
 */

import { basename, join } from "node:path";

/** What the executable is compiled for, and what the image calls it. */
export const TARGETS: readonly string[] = [
  "x86_64-unknown-linux-gnu",
  "aarch64-unknown-linux-gnu",
  "x86_64-apple-darwin",
  "aarch64-apple-darwin",
  "x86_64-pc-windows-msvc",
];

/** Name of the executable for a target. */
export function executableName(target: string): string {
  return target.includes("windows") ? "troupe.exe" : "troupe";
}

/** Name of the archive for a target. */
export function archiveName(version: string, target: string): string {
  return `troupe-${version}-${target}.${target.includes("windows") ? "zip" : "tar.gz"}`;
}

async function run(program: string, args: readonly string[], cwd: string): Promise<void> {
  const command = new Deno.Command(program, { args: [...args], cwd, stdin: "null" });
  const { success, stderr } = await command.output();
  if (!success) throw new Error(`Cannot archive: ${new TextDecoder().decode(stderr).trim()}`);
}

/** Writes the archive of all files in a folder; the same files make the same archive. */
export async function archive(folder: string, output: string): Promise<void> {
  const names = [...Deno.readDirSync(folder)].map(({ name }) => name).toSorted();
  if (output.endsWith(".zip")) {
    await run("python3", ["-m", "zipfile", "-c", output, ...names], folder);
    return;
  }
  const same = ["--sort=name", "--mtime=@0", "--owner=0", "--group=0", "--numeric-owner"];
  await run("tar", ["--use-compress-program=gzip -n", ...same, "-cf", output, ...names], folder);
}

/** The lines of `SHA256SUMS`, as `sha256sum --check` reads them. */
export async function checksums(paths: readonly string[]): Promise<string> {
  const lines = paths.toSorted().map(async (path) => {
    const hash = await crypto.subtle.digest("SHA-256", await Deno.readFile(path));
    return `${new Uint8Array(hash).toHex()}  ${basename(path)}\n`;
  });
  return (await Promise.all(lines)).join("");
}

/** Paths of all files directly in a folder. */
export function filesIn(folder: string): string[] {
  return [...Deno.readDirSync(folder)].filter(({ isFile }) => isFile)
    .map(({ name }) => join(folder, name)).toSorted();
}

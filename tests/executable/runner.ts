/**
 * What stands for the executable in tests: the bundle run with exactly its flags,
 * or, where `DENORT_BIN` names a runtime to compile with, the executable itself.
 *
 * @module
 */

import { join } from "node:path";
import { writeBundle } from "../../scripts/bundle.ts";
import { compileBundle, RUNTIME_FLAGS } from "../../scripts/compile.ts";
import type { Need } from "../helpers/needs.ts";

/** Whether it is the executable itself. */
export const IS_COMPILED: boolean = (Deno.env.get("DENORT_BIN") ?? "") !== "";

/** Readable for every user, unlike what `makeTempDir` makes. */
async function publicFolder(): Promise<string> {
  const path = await Deno.realPath(await Deno.makeTempDir());
  await Deno.chmod(path, 0o755);
  globalThis.addEventListener("unload", () => Deno.removeSync(path, { recursive: true }));
  return path;
}

const folder = await publicFolder();

async function build(): Promise<readonly string[]> {
  const bundle = join(folder, "bundle");
  await writeBundle(bundle);
  if (!IS_COMPILED) {
    const flags = ["--no-code-cache", "--no-npm", "--no-remote", ...RUNTIME_FLAGS];
    return [Deno.execPath(), "run", ...flags, join(bundle, "main.js")];
  }
  const executable = join(folder, "troupe");
  await compileBundle(bundle, executable);
  return [executable];
}

/** The command line that stands for the executable's name. */
export const TROUPE: readonly string[] = await build();

/** User and group of nobody in particular, as images without a shell have it. */
const OTHER_ID = 65_532;

/** Leaves only the folder that comes first to write into, and only the rights of anybody. */
const CONFINE = 'mount --bind "$0" "$0" && mount -o remount,bind,ro / && ' +
  `exec setpriv --reuid=${OTHER_ID} --regid=${OTHER_ID} --clear-groups -- "$@"`;

/** The same as another user, who can write nowhere but into one folder. */
export function confined(writable: string, command: readonly string[]): readonly string[] {
  const [program = "", ...args] = command;
  return ["unshare", "--mount", "sh", "-c", CONFINE, writable, reachable(program), ...args];
}

/** A copy of a program where every user finds it. */
function reachable(program: string): string {
  if (program !== Deno.execPath()) return program;
  const copy = join(folder, "deno");
  try {
    Deno.copyFileSync(program, copy);
  } catch (error) {
    // It runs already.
    if (!(error instanceof Deno.errors.Busy)) throw error;
  }
  return copy;
}

/** Being root where name spaces of mounts may be made. */
export async function findConfinement(): Promise<Need> {
  const name = "the right to be another user on a read-only system";
  const [program = "", ...args] = confined(folder, ["true"]);
  const isRoot = Deno.build.os === "linux" && Deno.uid() === 0;
  const works = isRoot &&
    (await new Deno.Command(program, { args, stdin: "null" }).output()).success;
  return { name, executable: works ? program : undefined, requiredInCi: false };
}

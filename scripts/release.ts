/**
 * The steps of a release.
 *
 * Usage: `deno task release check TAG`, `… notes`, or `… build [TARGET]…`, which writes
 * archives, the bill of materials and `SHA256SUMS` into `dist/release`, and what the
 * image is made of into `dist/image`. Without a target it builds for all of them.
 *
 * @module
 */

import { join } from "node:path";
import manifest from "../deno.json" with { type: "json" };
import { COMMANDS } from "../src/cli/commands.ts";
import { completionScript } from "../src/cli/completions/script.ts";
import { SHELLS } from "../src/cli/completions/shells.ts";
import { ROOT, writeBundle } from "./bundle.ts";
import { compileBundle } from "./compile.ts";
import { manPage } from "./man_page.ts";
import { DENO_VERSION } from "./npm_package.ts";
import {
  archive,
  archiveName,
  checksums,
  executableName,
  filesIn,
  TARGETS,
} from "./release/archive.ts";
import { assertTag, releaseNotes } from "./release/notes.ts";
import { createSbom, packagesOf } from "./release/sbom.ts";

const { version } = manifest;

/** What the image calls the machines of its targets. */
const IMAGE_MACHINES: Readonly<Record<string, string>> = Object.freeze({
  "x86_64-unknown-linux-gnu": "amd64",
  "aarch64-unknown-linux-gnu": "arm64",
});

/** Writes what comes with the executable: texts, the manual page, completions, the unit. */
async function writeCompanions(folder: string, day: Date): Promise<void> {
  for (const name of ["LICENSE", "README.md", "CHANGELOG.md"]) {
    await Deno.copyFile(join(ROOT, name), join(folder, name));
  }
  await Deno.copyFile(
    join(ROOT, "packaging/systemd/troupe.service"),
    join(folder, "troupe.service"),
  );
  await Deno.writeTextFile(join(folder, "troupe.1"), manPage(COMMANDS, version, day));
  for (const shell of SHELLS) {
    await Deno.writeTextFile(join(folder, `troupe.${shell}`), completionScript(shell));
  }
}

/** Packages that the program is made of. */
async function packagesOfProgram(): Promise<string[]> {
  const args = ["info", "--json", "main.ts"];
  const { stdout } = await new Deno.Command(Deno.execPath(), { args, cwd: ROOT }).output();
  return packagesOf(JSON.parse(new TextDecoder().decode(stdout)));
}

async function buildTarget(target: string, bundle: string, dist: string, env: Environment) {
  const folder = await Deno.makeTempDir();
  try {
    const executable = join(folder, executableName(target));
    await compileBundle(bundle, executable, { extra: ["--target", target], env });
    await writeCompanions(folder, new Date());
    const machine = IMAGE_MACHINES[target];
    if (machine !== undefined) {
      await Deno.copyFile(executable, join(dist, "image", `troupe-${machine}`));
    }
    await archive(folder, join(dist, "release", archiveName(version, target)));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Environment of `deno compile`. */
type Environment = Readonly<Record<string, string>>;

/** Writes all files of a release below `dist`. */
export async function build(
  targets: readonly string[],
  dist: string,
  env: Environment = {},
): Promise<void> {
  const release = join(dist, "release");
  for (const folder of [release, join(dist, "image")]) {
    await Deno.mkdir(folder, { recursive: true });
  }
  const bundle = join(dist, "bundle");
  await writeBundle(bundle);
  for (const target of targets) await buildTarget(target, bundle, dist, env);
  const lock = JSON.parse(await Deno.readTextFile(join(ROOT, "deno.lock")));
  const sbom = createSbom(version, DENO_VERSION, await packagesOfProgram(), lock);
  const text = `${JSON.stringify(sbom, null, 2)}\n`;
  await Deno.writeTextFile(join(release, `troupe-${version}.cdx.json`), text);
  await Deno.writeTextFile(join(release, "SHA256SUMS"), await checksums(filesIn(release)));
}

if (import.meta.main) {
  const [step, ...args] = Deno.args;
  const changelog = await Deno.readTextFile(join(ROOT, "CHANGELOG.md"));
  if (step === "check") {
    assertTag(args[0] ?? "", version);
    releaseNotes(changelog, version);
  } else if (step === "notes") console.log(releaseNotes(changelog, version));
  else if (step === "build") await build(args.length > 0 ? args : TARGETS, join(ROOT, "dist"));
  else throw new Error("Cannot release: expected check TAG, notes, or build [TARGET]…");
}

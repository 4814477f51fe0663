import { join } from "node:path";
import manifest from "../../deno.json" with { type: "json" };
import { parse as untyped } from "@std/yaml";
import { build } from "../../scripts/release.ts";
import { archive, archiveName, checksums, TARGETS } from "../../scripts/release/archive.ts";
import { assertTag, releaseNotes } from "../../scripts/release/notes.ts";
import { createSbom, packagesOf } from "../../scripts/release/sbom.ts";
import { assert, assertEquals, assertMatch, assertThrows } from "../helpers/assert.ts";
import { findExecutable, testWith } from "../helpers/needs.ts";
import { ROOT } from "../structure/source_tree.ts";

const parse: (text: string) => unknown = untyped;

Deno.test("assertTag() takes the tag of the version alone", () => {
  assertTag("v1.2.3", "1.2.3");
  for (const tag of ["1.2.3", "v1.2.4", "v1.2.3-rc.1", ""]) {
    assertThrows(() => assertTag(tag, "1.2.3"), Error, "expected v1.2.3");
  }
});

Deno.test("releaseNotes() is the section about the version, and never another or an empty one", () => {
  const changelog =
    "# Changelog\n\n## Unreleased\n\n- soon\n\n## 1.2.0 (2026-11-27)\n\n- new\n- more\n" +
    "\n## 1.1.0\n\n## 1.0.0\n\n- first\n";
  assertEquals(releaseNotes(changelog, "1.2.0"), "- new\n- more\n");
  assertEquals(releaseNotes(changelog, "1.0.0"), "- first\n");
  for (const version of ["1.1.0", "1.2", "2.0.0"]) {
    assertThrows(() => releaseNotes(changelog, version), Error, `"## ${version}"`);
  }
});

Deno.test("the changelog tells of the version that the next tag is for", async () => {
  const changelog = await Deno.readTextFile(`${ROOT}/CHANGELOG.md`);
  assert(releaseNotes(changelog, manifest.version).startsWith("- "));
});

Deno.test("createSbom() lists what the program needs, with names and hashes of the lock file", () => {
  const graph = {
    modules: [{}, { npmPackage: "a@1.0.0" }],
    npmPackages: {
      "a@1.0.0": { dependencies: ["@s/b@2.0.0_a@1.0.0"] },
      "@s/b@2.0.0_a@1.0.0": { dependencies: ["a@1.0.0"] },
      "tests@3.0.0": { dependencies: [] },
    },
  };
  const packages = packagesOf(graph);
  assertEquals(packages, ["@s/b@2.0.0_a@1.0.0", "a@1.0.0"]);
  const integrity = `sha512-${btoa("\x00\xff")}`;
  const npm = { "a@1.0.0": { integrity }, "@s/b@2.0.0_a@1.0.0": { integrity } };
  const { components, dependencies } = createSbom("0.1.0", "2.9.6", packages, { npm }) as {
    components: { name: string; purl: string; hashes?: unknown }[];
    dependencies: { dependsOn: string[] }[];
  };
  assertEquals(components.map(({ purl }) => purl), [
    "pkg:github/denoland/deno@v2.9.6",
    "pkg:npm/%40s/b@2.0.0",
    "pkg:npm/a@1.0.0",
  ]);
  assertEquals(components[2]!.hashes, [{ alg: "SHA-512", content: "00ff" }]);
  assertEquals(dependencies[0]!.dependsOn.length, 3);
  assertThrows(() => createSbom("1", "2", ["c@1.0.0"], { npm }), Error, "c@1.0.0");
});

async function outputOf(program: string, args: readonly string[], cwd: string): Promise<string> {
  const command = new Deno.Command(program, { args: [...args], cwd, stdin: "null" });
  const { code, stdout, stderr } = await command.output();
  assertEquals(code, 0, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}

Deno.test("archive() makes the same archive of the same files, as tar and as zip", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const source = join(folder, "source");
    await Deno.mkdir(source);
    await Deno.writeTextFile(join(source, "troupe.exe"), "program");
    await Deno.writeTextFile(join(source, "LICENSE"), "text");
    for (const name of ["one.tar.gz", "two.tar.gz", "one.zip"]) {
      await archive(source, join(folder, name));
    }
    const sums = (await checksums([join(folder, "two.tar.gz"), join(folder, "one.tar.gz")])).split(
      "\n",
    );
    assertMatch(sums[0]!, /^[0-9a-f]{64} {2}one\.tar\.gz$/);
    assertEquals(sums[0]!.slice(0, 64), sums[1]!.slice(0, 64));
    const listed = await outputOf("python3", ["-m", "zipfile", "-l", "one.zip"], folder);
    assert(listed.includes("troupe.exe") && listed.includes("LICENSE"));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

const STAND_IN = {
  name: "a program in the format of Linux",
  executable: Deno.build.os === "linux" ? findExecutable(["true"]) : undefined,
  requiredInCi: true,
};

testWith(
  STAND_IN,
  "build() makes the files of a release, of which SHA256SUMS is true",
  async (runtime) => {
    const dist = await Deno.makeTempDir();
    try {
      const target = TARGETS[0]!;
      await build([target], dist, { DENORT_BIN: runtime });
      const release = join(dist, "release");
      const name = archiveName(manifest.version, target);
      const checked = await outputOf("sha256sum", ["--check", "--strict", "SHA256SUMS"], release);
      assertEquals(checked, `${name}: OK\ntroupe-${manifest.version}.cdx.json: OK\n`);
      const files = (await outputOf("tar", ["-tzf", name], release)).trim().split("\n");
      assertEquals(
        files.toSorted(),
        [
          "CHANGELOG.md",
          "LICENSE",
          "README.md",
          "troupe",
          "troupe.1",
          "troupe.bash",
          "troupe.fish",
          "troupe.service",
          "troupe.zsh",
        ],
      );
      assert((await Deno.stat(join(dist, "image/troupe-amd64"))).size > 1_000_000);
      const bill = JSON.parse(
        await Deno.readTextFile(join(release, `troupe-${manifest.version}.cdx.json`)),
      );
      const names = bill.components.map(({ name }: { name: string }) => name);
      for (const needed of ["deno", "ws", "zod"]) assert(names.includes(needed), needed);
      for (const other of ["playwright-core", "typescript"]) assert(!names.includes(other), other);
    } finally {
      await Deno.remove(dist, { recursive: true });
    }
  },
);

interface Step {
  readonly run?: string;
  readonly uses?: string;
}

Deno.test("the workflow of a release runs at a tag, checks it first, and only tasks that there are", async () => {
  const text = await Deno.readTextFile(join(ROOT, ".github/workflows/release.yml"));
  const { on, jobs } = parse(text) as {
    on: { push: { tags: string[] } };
    jobs: Record<string, { steps: Step[]; permissions: Record<string, string> }>;
  };
  assertEquals(on.push.tags, ["v*"]);
  const steps = Object.values(jobs).flatMap(({ steps }) => steps);
  const lines = steps.flatMap(({ run = "" }) => run.split("\n"));
  const tasks = lines.flatMap((line) => /^deno task (\w+)/.exec(line)?.[1] ?? []);
  assertEquals(tasks, ["release", "release", "release", "npm"]);
  for (const task of tasks) assert(task in manifest.tasks, task);
  const at = (part: string) => lines.findIndex((line) => line.includes(part));
  assert(at("release check") < at(".ci/run") && at(".ci/run") < at("release build"));
  for (const part of ["deno publish", "publish --provenance", "gh release create"]) {
    assert(at(part) > 0, part);
  }
  assert(steps.some(({ uses }) => uses?.startsWith("actions/attest-build-provenance@")));
  for (const { permissions } of Object.values(jobs)) assertEquals(permissions["id-token"], "write");
});

import { join } from "node:path";
import { commitOf, compileArguments, describeBuild, PERMISSIONS } from "../../scripts/compile.ts";
import { assert, assertEquals, assertMatch } from "../helpers/assert.ts";
import { findExecutable, testWith } from "../helpers/needs.ts";
import { ROOT } from "../structure/source_tree.ts";

/**
 * A program in the place of the runtime, which cannot be had everywhere: what
 * is put behind it can be read all the same.
 */
const STAND_IN = {
  name: "a program in the format of Linux",
  executable: Deno.build.os === "linux" ? findExecutable(["true"]) : undefined,
  requiredInCi: true,
};

interface Metadata {
  readonly code_cache_key: number | null;
  readonly permissions: Readonly<Record<string, unknown>>;
  readonly workspace_resolver: { readonly import_map: { readonly json: string } };
}

/** Reads a text whose length stands before it, in eight bytes. */
function sized(bytes: Uint8Array, start: number): string {
  const length = Number(new DataView(bytes.buffer).getBigUint64(start - 8, true));
  return new TextDecoder().decode(bytes.subarray(start, start + length));
}

function indexOf(bytes: Uint8Array, text: string): number {
  const latin1 = new TextDecoder("latin1").decode(bytes);
  const index = latin1.indexOf(text);
  assert(index > 0, `${text} is missing`);
  return index;
}

/** A file, or a folder with entries below: `n` is the name, `e` what is in it. */
interface Entry {
  readonly n: string;
  readonly e?: readonly Tagged[];
}
type Tagged = Readonly<Record<"Dir" | "File", Entry>>;

/** Paths of the embedded files. */
function pathsOf(tagged: readonly Tagged[], above = ""): string[] {
  return tagged.flatMap(Object.values<Entry>).flatMap(({ n, e }) =>
    e === undefined ? [above + n] : pathsOf(e, `${above}${n}/`)
  );
}

async function compileWith(runtime: string, output: string): Promise<Uint8Array> {
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: compileArguments(output, ["--no-check", ...await describeBuild(ROOT)]),
    cwd: ROOT,
    env: { DENORT_BIN: runtime, NO_COLOR: "1" },
    stdin: "null",
  }).output();
  assert(success, new TextDecoder().decode(stderr));
  return await Deno.readFile(output);
}

testWith(
  STAND_IN,
  "what is compiled has the library, the commit, and no cache",
  async (runtime) => {
    const folder = await Deno.makeTempDir();
    try {
      const bytes = await compileWith(runtime, join(folder, "troupe"));
      const metadata: Metadata = JSON.parse(sized(bytes, indexOf(bytes, '{"argv"')));
      assertEquals(metadata.code_cache_key, null);
      const granted = Object.entries(metadata.permissions)
        .filter(([name, value]) => name.startsWith("allow_") && value !== null)
        .map(([name]) => name.replace("allow_", "--allow-"));
      // Modules from elsewhere: the list of hosts is Deno's own default.
      const expected = [...PERMISSIONS.filter((each) => each !== "--no-prompt"), "--allow-import"];
      assertEquals(granted.toSorted(), expected.toSorted());
      assertEquals(metadata.permissions.prompt, false);

      const { imports } = JSON.parse(metadata.workspace_resolver.import_map.json);
      assertEquals(imports["@troupe/troupe"], "./src/mod.ts");
      const files = pathsOf(JSON.parse(sized(bytes, indexOf(bytes, '[{"Dir":'))));
      for (const path of ["main.ts", "src/mod.ts", "src/cli/mod.ts", "dist/build.json"]) {
        assert(files.includes(path), `${path} is missing`);
      }
      assertEquals(files.filter((path) => /^tests\/|playwright/.test(path)), []);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);

Deno.test("commitOf() names the commit of a checkout, and none of anything else", async () => {
  assertMatch(await commitOf(ROOT), /^([0-9a-f]{40}(-dirty)?|unknown)$/);
  // Below a repository lies no checkout of its own.
  assertEquals(await commitOf(join(ROOT, "src")), "unknown");
  assertEquals(await commitOf(join(ROOT, "missing")), "unknown");
});

import { dirname, join } from "node:path";
import { writeBundle } from "../../scripts/bundle.ts";
import { commitOf } from "../../scripts/commit.ts";
import { compileBundle, PERMISSIONS, RUNTIME_FLAGS } from "../../scripts/compile.ts";
import { assert, assertEquals, assertLess, assertMatch } from "../helpers/assert.ts";
import { findExecutable, testWith } from "../helpers/needs.ts";
import { Program } from "../helpers/program.ts";
import { ROOT } from "../structure/source_tree.ts";
import { askOnce, foreignFolder, stop } from "./stage.ts";

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

/** A file, or a folder: its name, what is below, and where its content lies. */
interface Entry {
  readonly n: string;
  readonly e?: readonly Tagged[];
  readonly o?: readonly [offset: number, length: number];
}
type Tagged = Readonly<Record<"Dir" | "File", Entry>>;

/** What `deno compile` has put behind the runtime. */
interface Compiled {
  readonly metadata: Metadata;
  /** Contents of the embedded files by path. */
  readonly files: ReadonlyMap<string, Uint8Array>;
}

function filesOf(tagged: readonly Tagged[], data: Uint8Array, above = ""): [string, Uint8Array][] {
  return tagged.flatMap(Object.values<Entry>).flatMap(({ n, e, o }) => {
    if (e !== undefined) return filesOf(e, data, `${above}${n}/`);
    const [offset, length] = o ?? [0, 0];
    return [[above + n, data.subarray(offset, offset + length)]];
  });
}

function readCompiled(bytes: Uint8Array): Compiled {
  const latin1 = new TextDecoder("latin1").decode(bytes);
  const view = new DataView(bytes.buffer);
  /** The part that begins so; its length stands before it, in eight bytes. */
  const partAt = (start: number) => {
    const end = start + Number(view.getBigUint64(start - 8, true));
    return { bytes: bytes.subarray(start, end), end };
  };
  const partOf = (begin: RegExp) => {
    const start = latin1.search(begin);
    assert(start > 0, `${begin} is missing`);
    return partAt(start);
  };
  const parse = (part: { bytes: Uint8Array }) => JSON.parse(new TextDecoder().decode(part.bytes));
  const tree = partOf(/\[\{"(Dir|File)":/);
  const { bytes: data } = partAt(tree.end + 8);
  return {
    metadata: parse(partOf(/\{"argv"/)),
    files: new Map(filesOf(parse(tree), data)),
  };
}

async function compileWith(runtime: string, folder: string): Promise<Compiled> {
  const bundle = join(folder, "bundle");
  const output = join(folder, "troupe");
  await writeBundle(bundle);
  await compileBundle(bundle, output, { env: { DENORT_BIN: runtime } });
  return readCompiled(await Deno.readFile(output));
}

function assertMetadata({ code_cache_key, permissions }: Metadata): void {
  assertEquals(code_cache_key, null);
  const granted = Object.entries(permissions)
    .filter(([name, value]) => name.startsWith("allow_") && value !== null)
    .map(([name]) => name.replace("allow_", "--allow-"));
  // Modules from elsewhere: the list of hosts is Deno's own default.
  const expected = [...PERMISSIONS.filter((each) => each !== "--no-prompt"), "--allow-import"];
  assertEquals(granted.toSorted(), expected.toSorted());
  assertEquals(permissions.prompt, false);
}

/** Runs what was compiled from nothing but the files in it. */
async function serveFrom({ metadata, files }: Compiled): Promise<void> {
  await using inside = await foreignFolder();
  await using outside = await foreignFolder();
  for (const [path, content] of files) {
    if (path.startsWith(".deno_compile")) continue;
    await Deno.mkdir(join(inside.path, dirname(path)), { recursive: true });
    await inside.write(path, content);
  }
  await inside.write("deno.json", metadata.workspace_resolver.import_map.json);
  await outside.write(
    "shout.ts",
    `import type { Process } from "@troupe/troupe";
    import { isMessage } from "@troupe/troupe/websocket";
    export default async function shout(self: Process): Promise<void> {
      for await (const { message } of self) {
        if (!isMessage(message)) continue;
        self.send(message.id, { kind: "message", body: String(message.body).toUpperCase() });
      }
    }`,
  );
  await outside.write(
    "troupe.yaml",
    "processes: { shout: { module: ./shout.ts } }\nendpoints: { /shout: { pool: [shout] } }\n",
  );
  const flags = ["--no-npm", "--no-remote", ...RUNTIME_FLAGS];
  const args = ["run", ...flags, join(inside.path, "main.js"), "--port", "0", "--engine", "ws"];
  await using program = new Program({ args, cwd: outside.path });
  const port = await program.port();
  assertEquals(await askOnce(port, "/shout", "héllo"), "HÉLLO");
  const page = await fetch(`http://127.0.0.1:${port}/`);
  assertEquals([page.status, (await page.text()).includes("</html>")], [200, true]);
  await stop(program);
}

/** Most that is put behind the runtime, in bytes: the packages whole took ten times as much. */
const MOST_BYTES = 6 * 1024 * 1024;

testWith(STAND_IN, "what is compiled runs by itself, without a cache", async (runtime) => {
  const folder = await Deno.makeTempDir();
  try {
    const compiled = await compileWith(runtime, folder);
    assertMetadata(compiled.metadata);
    const paths = [...compiled.files.keys()];
    assertEquals(paths.filter((path) => /^tests\/|playwright|node_modules|\.ts$/.test(path)), []);
    assert(paths.includes("src/cli/exit_watchdog.js"), "the module of a thread is missing");
    const build = compiled.files.get("build.json");
    assertMatch(new TextDecoder().decode(build), /^\{\n {2}"commit": "[0-9a-z-]+"\n\}\n$/);
    const bytes = [...compiled.files.values()].reduce((sum, { length }) => sum + length, 0);
    assertLess(bytes, MOST_BYTES);
    await serveFrom(compiled);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("commitOf() names the commit of a checkout, and none of anything else", async () => {
  assertMatch(await commitOf(ROOT), /^([0-9a-f]{40}(-dirty)?|unknown)$/);
  // Below a repository lies no checkout of its own.
  assertEquals(await commitOf(join(ROOT, "src")), "unknown");
  assertEquals(await commitOf(join(ROOT, "missing")), "unknown");
});

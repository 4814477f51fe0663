import { join } from "node:path";
import { assertEquals, assertGreater } from "../helpers/assert.ts";
import { ROOT } from "./source_tree.ts";

/** Most names that one door may have: more nobody learns. */
const MAX_NAMES = 70;

const { exports, imports } = JSON.parse(Deno.readTextFileSync(join(ROOT, "deno.json"))) as {
  readonly exports: Readonly<Record<string, string>>;
  readonly imports: Readonly<Record<string, string>>;
};

interface DocumentedSymbol {
  readonly name: string;
  readonly declarations?: readonly { readonly jsDoc?: { readonly doc?: string } }[];
}

async function namesOf(path: string): Promise<readonly DocumentedSymbol[]> {
  const command = new Deno.Command(Deno.execPath(), {
    args: ["doc", "--json", path],
    cwd: ROOT,
    stdin: "null",
  });
  const { success, stdout, stderr } = await command.output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  const { nodes } = JSON.parse(new TextDecoder().decode(stdout));
  const [module] = Object.values(nodes) as { readonly symbols: readonly DocumentedSymbol[] }[];
  return module!.symbols;
}

const DOORS = Object.entries(exports).filter(([subpath]) => subpath !== "./main");

for (const [subpath, path] of DOORS) {
  Deno.test(`the door "${subpath}" has few names, each documented`, async () => {
    const symbols = await namesOf(path);
    assertGreater(symbols.length, 10);
    assertGreater(MAX_NAMES + 1, symbols.length);
    const undocumented = symbols.filter(({ declarations }) =>
      declarations === undefined ||
      !declarations.some(({ jsDoc }) => (jsDoc?.doc ?? "").length > 8)
    );
    assertEquals(undocumented.map(({ name }) => name), []);
  });
}

Deno.test("each door is found by its name from within the repository, too", () => {
  const own = Object.entries(imports).filter(([name]) => name.startsWith("@troupe/troupe"));
  const named = DOORS.map(([subpath, path]) => [`@troupe/troupe${subpath.slice(1)}`, path]);
  assertEquals(own.toSorted(), named.toSorted());
});

Deno.test("each file of the doors is one", () => {
  const files = [...Deno.readDirSync(join(ROOT, "src/doors"))].map(({ name }) =>
    `./src/doors/${name}`
  );
  assertEquals(files.toSorted(), Object.values(exports).filter((p) => p.includes("doors")).sort());
});

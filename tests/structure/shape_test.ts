import { join } from "node:path";
import { assertEquals, assertGreater } from "../helpers/assert.ts";
import { ROOT, sourceFiles } from "./source_tree.ts";

/** Longest file, in lines. */
const MAX_LINES = 400;

/** What a source file does that the house style forbids. */
function faultsOf(path: string, text: string): string[] {
  const code = text.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, "");
  const lines = text.split("\n").length - 1;
  const rules: readonly (readonly [broken: boolean, fault: string])[] = [
    [!/^[a-z0-9]+(_[a-z0-9]+)*(\.d)?\.ts$/.test(path.split("/").at(-1)!), "name is not snake_case"],
    [/(^|\/)(utils?|helpers?|misc|common)\.ts$/.test(path), "name says nothing"],
    [!/^(#!.*\n)?\/\*\*[\s\S]*?@module\s*\*\//.test(text), "does not begin with a @module doc"],
    [lines > MAX_LINES, `${lines} lines, at most ${MAX_LINES}`],
    [/\benum\s+\w+\s*\{/.test(code), "has an enum"],
    [/\bexport\s+default\b/.test(code), "has a default export"],
    [path.startsWith("src/actor/") && doesIo(code), "does I/O in the room that has none"],
  ];
  return rules.filter(([broken]) => broken).map(([, fault]) => `${path}: ${fault}`);
}

function doesIo(code: string): boolean {
  return /\bDeno\.|\bconsole\.|\bfetch\(|(from|import) "(node|npm|jsr|https?):/.test(code);
}

Deno.test("every source file has the shape of the house style", async () => {
  const files = ["main.ts", ...sourceFiles("src")];
  const faults = await Promise.all(
    files.map(async (path) => faultsOf(path, await Deno.readTextFile(join(ROOT, path)))),
  );
  assertEquals(faults.flat(), []);
  assertGreater(files.length, 20);
});

Deno.test("faultsOf() reports each broken rule", () => {
  const doc = "/**\n * A file.\n *\n * @module\n */\n";
  const faults = (path: string, code: string) => faultsOf(path, doc + code);
  assertEquals(faults("src/web/page.ts", "export const a = 1; // enum X {"), []);
  assertEquals(faults("src/web/webPage.ts", ""), ["src/web/webPage.ts: name is not snake_case"]);
  assertEquals(faults("src/web/utils.ts", ""), ["src/web/utils.ts: name says nothing"]);
  assertEquals(faultsOf("src/web/a.ts", ""), ["src/web/a.ts: does not begin with a @module doc"]);
  assertEquals(faults("src/web/a.ts", "\n".repeat(396)), ["src/web/a.ts: 401 lines, at most 400"]);
  assertEquals(faults("src/web/a.ts", "enum A { B }"), ["src/web/a.ts: has an enum"]);
  assertEquals(faults("src/web/a.ts", "export default 1"), ["src/web/a.ts: has a default export"]);
  for (const code of ["Deno.exit()", "console.log(1)", 'import "node:fs"', "fetch(url)"]) {
    const expected = "src/actor/a.ts: does I/O in the room that has none";
    assertEquals(faults("src/actor/a.ts", code), [expected]);
    assertEquals(faults("src/server/a.ts", code), []);
  }
});

import { join } from "node:path";
import { assertEquals, assertGreater } from "../helpers/assert.ts";
import { faultOf, type Pattern, patternsIn } from "./patterns.ts";
import { ROOT } from "./source_tree.ts";

/** Paths of all scripts and modules below a folder, those for browsers too. */
function scriptsIn(folder: string): string[] {
  return [...Deno.readDirSync(join(ROOT, folder))].flatMap(({ name, isDirectory }) => {
    const path = `${folder}/${name}`;
    if (isDirectory) return scriptsIn(path);
    return /\.[jt]s$/.test(path) && !path.endsWith(".d.ts") ? [path] : [];
  });
}

Deno.test("every regular expression of the sources takes time that grows with the text's length", () => {
  const patterns = ["main.ts", ...scriptsIn("src")].flatMap((path) =>
    patternsIn(path, Deno.readTextFileSync(join(ROOT, path)))
  );
  assertEquals(patterns.flatMap((pattern) => faultOf(pattern) ?? []), []);
  assertGreater(patterns.length, 40);
  assertEquals(patterns.some(({ path }) => path === "src/web/troupe.js"), true);
});

Deno.test("patternsIn() finds literals wherever they stand, and what is made of a text", () => {
  const code = 'a.split(/x/g);\n"/no/";\n// /no/\nnew RegExp("y"); const b = 1 / 2 / 3; RegExp(c)';
  assertEquals(patternsIn("a.ts", code), [
    { path: "a.ts", line: 1, source: "x", flags: "g" },
    { path: "a.ts", line: 4, source: "RegExp", flags: "" },
    { path: "a.ts", line: 4, source: "RegExp", flags: "" },
  ]);
});

Deno.test("faultOf() tells patterns that backtrack without bound from those that do not", () => {
  const isSlow = (source: string) => {
    const pattern: Pattern = { path: "a.ts", line: 1, source, flags: "" };
    return faultOf(pattern) !== undefined;
  };
  const slow = [
    String.raw`\s*,\s*`,
    String.raw`\s+$`,
    "[ab]+c",
    "^(a+)+$",
    "^(a|a)*$",
    String.raw`^(\w|\d)+$`,
    "^(a|ab|b)*c$",
    "^a*b?a*$",
    "^(.*),(.*),(.*)$",
  ];
  for (const source of slow) assertEquals(isSlow(source), true, source);
  const quick = [
    "^a+$",
    "^(?:a|b)+c$",
    String.raw`^\d+(?:\.\d+)?$`,
    '^"(?:[^"\\\\]|\\\\[^])*"$',
    "^[^,]*,[^,]*$",
    '"[^"]*"',
    String.raw`\{\{|\{\s*([^{}\s]+)\s*\}`,
  ];
  for (const source of quick) assertEquals(isSlow(source), false, source);
});

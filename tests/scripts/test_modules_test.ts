import { testFiles } from "../../scripts/test.ts";
import { shareOut, sourceOf } from "../../scripts/test_modules.ts";
import { assert, assertEquals } from "../helpers/assert.ts";
import { ROOT } from "../structure/source_tree.ts";

Deno.test("shareOut() puts each file of tests into exactly one module", async () => {
  const { others } = await testFiles(ROOT);
  const modules = shareOut(others);
  assertEquals(modules.flatMap(({ files }) => files).toSorted(), others);
  const names = modules.map(({ name }) => name);
  assertEquals(names, [...new Set(names)]);
});

Deno.test("shareOut() shares the files of a room in turn, and knows no empty module", () => {
  const files = ["a", "b", "c"].map((name) => `tests/server/${name}_test.ts`);
  const [a, b, c] = files;
  assertEquals(shareOut([...files, "tests/a_test.ts", "tests/text/a_test.ts"]), [
    { name: "server_1", files: [a!] },
    { name: "server_2", files: [b!] },
    { name: "server_3", files: [c!] },
    { name: "others_1", files: ["tests/a_test.ts"] },
    { name: "others_2", files: ["tests/text/a_test.ts"] },
  ]);
});

Deno.test("sourceOf() imports the files from wherever it is", () => {
  const source = sourceOf({ name: "a", files: ["tests/a b_test.ts", "tests/c_test.ts"] }, "/root");
  assertEquals(
    source,
    'import "file:///root/tests/a%20b_test.ts";\nimport "file:///root/tests/c_test.ts";\n',
  );
  assert(source.endsWith("\n"));
});

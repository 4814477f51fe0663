import { join } from "node:path";
import { pathToFileURL } from "node:url";
import {
  bundledPath,
  bundleImports,
  delayRequire,
  referencesOf,
  relocate,
} from "../../scripts/bundle.ts";
import manifest from "../../deno.json" with { type: "json" };
import { assertEquals, assertThrows } from "../helpers/assert.ts";

const SOURCE = 'const worker = new Worker(new URL("./thread.ts", import.meta.url));';

Deno.test("referencesOf() finds the files that a module names by its own place", () => {
  assertEquals(referencesOf("src/cli/a.ts", SOURCE), [
    { text: "./thread.ts", path: "src/cli/thread.ts" },
  ]);
  const long = 'new URL(\n  "../up.ts",\n  import.meta.url,\n)';
  assertEquals(referencesOf("src/cli/a.ts", `/**\n * ${SOURCE}\n */`), []);
  assertEquals(referencesOf("src/cli/a.ts", long), [{ text: "../up.ts", path: "src/up.ts" }]);
  assertEquals(referencesOf("src/cli/a.ts", 'new URL("./page", request.url)'), []);
});

Deno.test("relocate() names them by where they are in the bundle, and none that it does not know", () => {
  const references = [
    { text: "./thread.ts", path: "src/cli/thread.ts" },
    { text: "./build.json", path: "src/cli/build.json" },
  ];
  assertEquals(
    relocate("chunk.js", SOURCE, references),
    'const worker = new Worker(new URL("./src/cli/thread.js", import.meta.url));',
  );
  const build = 'new URL("./build.json", import.meta.url)';
  assertEquals(relocate("main.js", build, references), build);
  assertEquals(
    relocate("src/doors/server.js", build, references),
    'new URL("../../build.json", import.meta.url)',
  );
  assertThrows(() => relocate("main.js", SOURCE, []), Error, "./thread.ts");
});

Deno.test("bundleImports() has what the package exports, and not the program", () => {
  const names = Object.keys(manifest.exports).filter((name) => name !== "./main")
    .map((name) => name.replace(/^\./, manifest.name));
  assertEquals(Object.keys(bundleImports()), names);
  assertEquals(bundleImports()["@troupe/troupe/actor"], "./src/doors/actor.js");
  assertEquals(bundledPath("./src/mod.ts"), "src/mod.js");
});

Deno.test("delayRequire() makes a require when it is called, and leaves all else", async () => {
  const eager = 'import { createRequire as made } from "node:module";\n' +
    "var __require = made(import.meta.url);";
  const delayed = delayRequire(`"before";\n${eager}\nexport { __require };`);
  assertEquals(delayed.includes("import {"), false);
  const file = await Deno.makeTempFile({ suffix: ".mjs" });
  try {
    await Deno.writeTextFile(file, delayed);
    const { __require } = await import(pathToFileURL(file).href);
    assertEquals(__require("node:path").join("a", "b"), join("a", "b"));
  } finally {
    await Deno.remove(file);
  }
  assertEquals(delayRequire("export {};"), "export {};");
});

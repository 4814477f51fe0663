import { assertEquals, assertGreater } from "../helpers/assert.ts";
import { ARROWS, findCycles, findViolations, type Import } from "./arrows.ts";
import { importsOf, sourceFiles } from "./source_tree.ts";

function arrows(...lines: string[]): Import[] {
  return lines.map((line) => {
    const [from, to] = line.split(" → ");
    return { from: from!, to: to! };
  });
}

Deno.test("the source imports only along the arrows of the design, without a cycle", async () => {
  const imports = await importsOf(["main.ts", ...sourceFiles("src")]);
  assertEquals(findViolations(imports), []);
  // A graph without these would prove nothing: one is type-only, one is not.
  for (const [from, to] of [["src/actor/types.ts", "telemetry"], ["main.ts", "cli"]]) {
    const found = imports.filter((each) => each.from === from && each.to === `src/${to}/mod.ts`);
    assertEquals(found.length, 1, `${from} → ${to}`);
  }
  assertGreater(imports.length, 20);
});

Deno.test("findViolations() accepts doors along the arrows and files of the same room", () => {
  const good = arrows(
    "main.ts → src/cli/mod.ts",
    "src/mod.ts → src/actor/mod.ts",
    "src/server/routes.ts → src/web/mod.ts",
    "src/websocket/engines/native.ts → src/websocket/socket.ts",
    "src/websocket/handler.ts → src/actor/mod.ts",
  );
  assertEquals(findViolations(good), []);
});

for (
  const [what, line, text] of [
    ["an arrow that is not drawn", "src/actor/node.ts → src/websocket/mod.ts", "may import tele"],
    ["an arrow out of a room that has none", "src/text/a.ts → src/actor/mod.ts", "no other"],
    [
      "an import past a door",
      "src/websocket/a.ts → src/actor/mailbox.ts",
      "past the door of actor",
    ],
    ["main.ts reaching deeper than cli", "main.ts → src/server/mod.ts", "may import cli"],
    ["an inner file of cli in main.ts", "main.ts → src/cli/flags.ts", "past the door of cli"],
    ["the public door from inside", "src/server/a.ts → src/mod.ts", "may import workers"],
    ["a test helper in the source", "src/actor/a.ts → tests/helpers/assert.ts", "may import tele"],
    ["a room nobody designed", "src/misc/a.ts → src/actor/mod.ts", "no room of the design"],
    ["a loose file in src", "src/utils.ts → src/actor/mod.ts", "no room of the design"],
  ] as const
) {
  Deno.test(`findViolations() reports ${what}`, () => {
    const [violation, ...others] = findViolations(arrows(line));
    assertEquals([violation?.includes(line), violation?.includes(text)], [true, true], violation);
    assertEquals(others, []);
  });
}

Deno.test("findViolations() reports a cycle between files of one room", () => {
  const cycle = arrows(
    "src/actor/mod.ts → src/actor/a.ts",
    "src/actor/a.ts → src/actor/b.ts",
    "src/actor/b.ts → src/actor/a.ts",
  );
  assertEquals(findViolations(cycle), ["cycle: src/actor/a.ts → src/actor/b.ts → src/actor/a.ts"]);
});

Deno.test("findCycles() finds none where two ways lead to the same file", () => {
  assertEquals(findCycles(arrows("a → b", "a → c", "b → d", "c → d")), []);
});

Deno.test("ARROWS have no cycle and lead to rooms only", () => {
  const between = [...ARROWS].flatMap(([from, rooms]) => rooms.map((to) => ({ from, to })));
  assertEquals(findCycles(between), []);
  assertEquals(between.filter(({ to }) => !ARROWS.has(to)), []);
});

Deno.test("importsOf() sees type-only, dynamic and re-exporting imports", async () => {
  const folder = "tests/structure/testdata";
  const names = ["reexport", "type_only", "type_query", "value", "dynamic"];
  assertEquals(
    (await importsOf([`${folder}/importer.ts`])).map(({ to }) => to).toSorted(),
    names.map((name) => `${folder}/${name}.ts`).toSorted(),
  );
});

import { ConfigError, parseConfig } from "../../src/config/mod.ts";
import { assertEquals, assertThrows } from "../helpers/assert.ts";

const PROCESSES = {
  echo: { behavior: "echo" },
  game: { behavior: "echo", keyed: true },
};

function problems(endpoints: Record<string, Record<string, unknown>>): readonly string[] {
  const parse = () => parseConfig({ processes: PROCESSES, endpoints }, () => "troupe.json");
  try {
    parse();
    return [];
  } catch {
    return assertThrows(parse, ConfigError).problems.map((each) =>
      each.replace("Cannot use troupe.json: ", "")
    );
  }
}

Deno.test("parseConfig() takes patterns, / and targets", () => {
  assertEquals(
    problems({
      "/": { pool: ["echo"] },
      "/one": { target: "echo" },
      "/game/:room": { target: "game/:room", accept: "./accept.ts" },
      "/game/lobby": { target: "game/lobby" },
      "/deep/:a/:b": { target: "game/:a/:b" },
      "/rest/*": { target: "game/*" },
    }),
    [],
  );
});

Deno.test("parseConfig() refuses two paths that match the same with equal weight, by both names", () => {
  const pool = ["echo"];
  assertEquals(
    problems({ "/a/:x": { pool }, "/a/b": { pool }, "/a/:y": { pool }, "/:x/b": { pool } }),
    ['endpoints["/a/:y"] matches the same paths as "/a/:x", expected one of them'],
  );
  assertEquals(problems({ "/a/*": { pool }, "/a/:x": { pool }, "/*": { pool } }), []);
});

for (
  const [what, path, endpoint, expected] of [
    ["neither pool nor target", "/a", {}, " has neither pool nor target, expected one of them"],
    [
      "pool and target",
      "/a",
      { pool: ["echo"], target: "echo" },
      " has both pool and target, expected one of them",
    ],
    [
      "a keyed process without a key",
      "/a",
      { target: "game" },
      '.target is "game", which is keyed, expected "game/KEY"',
    ],
    [
      "a key of a process that has none",
      "/a",
      { target: "echo/1" },
      '.target is "echo/1", but "echo" is not keyed, expected "keyed": true there, or its name alone',
    ],
    [
      "a process that is not declared",
      "/a/:x",
      { target: "gome/:x" },
      '.target is "gome", which is not declared in processes, expected one of "echo", "game"; ' +
      'did you mean "game"',
    ],
    [
      "what the path does not call so",
      "/a/:x",
      { target: "game/:y" },
      '.target is "game/:y", but the path of the endpoint has no ":y"',
    ],
    [
      "the rest of a path that has none",
      "/a/:x",
      { target: "game/*" },
      '.target is "game/*", but the path of the endpoint has no "*"',
    ],
    [
      "a target that is no name",
      "/a",
      { target: ":x/a" },
      '.target is ":x/a", expected the name of a process such as "lobby" or "game/:room", where ' +
      'a part after a slash may be ":name" or "*" of the path',
    ],
    [
      "a keyed process in a pool",
      "/a",
      { pool: ["game"] },
      '.pool[0] is "game", which is keyed, expected "target": "game/KEY"',
    ],
    [
      "an accept that is no file",
      "/a",
      { pool: ["echo"], accept: "" },
      '.accept is "", expected the path of a TypeScript or JavaScript file',
    ],
  ] as const
) {
  Deno.test(`parseConfig() refuses ${what}`, () => {
    assertEquals(problems({ [path]: endpoint }), [`endpoints["${path}"]${expected}`]);
  });
}

Deno.test("parseConfig() takes a page for yes, no and auto", () => {
  for (const page of [true, false, "auto"]) assertEquals(parseConfig({ page }).page, page);
  assertEquals(parseConfig({}).page, "auto");
  const error = assertThrows(() => parseConfig({ page: "yes" }), ConfigError);
  assertEquals(error.problems.length, 1);
});

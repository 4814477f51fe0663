import { assertEquals, assertThrows } from "../../helpers/assert.ts";
import { BenchUsageError, parseBenchArgs } from "../../../scripts/bench/args.ts";
import { select } from "../../../scripts/bench/registry.ts";
import type { RateScenario } from "../../../scripts/bench/scenario.ts";

const NONE = {
  names: [],
  only: [],
  isQuick: false,
  writes: false,
  json: undefined,
  from: undefined,
  fetches: false,
  lists: false,
  helps: false,
};

Deno.test("parseBenchArgs() reads names and options", () => {
  assertEquals(parseBenchArgs([]), NONE);
  assertEquals(parseBenchArgs(["echo", "--quick", "--only", "bun, ws", "calls", "--json=a.json"]), {
    ...NONE,
    names: ["echo", "calls"],
    isQuick: true,
    only: ["bun", "ws"],
    json: "a.json",
  });
  assertEquals(parseBenchArgs(["--write", "--from", "b.json"]), {
    ...NONE,
    writes: true,
    from: "b.json",
  });
});

Deno.test("parseBenchArgs() refuses options that there are not, and those without a value", () => {
  assertThrows(() => parseBenchArgs(["--fast"]), BenchUsageError, 'unknown option "--fast"');
  assertThrows(() => parseBenchArgs(["--json"]), BenchUsageError, "--json has no value");
});

function scenario(id: string, group: string, isQuick: boolean): RateScenario {
  const entries = ["a", "b"].map((entry) => ({
    id: entry,
    title: entry,
    start: () => Promise.reject(new Error("not started")),
  }));
  const prepare = () => Promise.reject(new Error("not prepared"));
  return { kind: "rate", id, group, title: id, unit: "messages", entries, isQuick, prepare };
}

const ALL = [scenario("x-1", "x", true), scenario("x-2", "x", false), scenario("y-1", "y", true)];
const ids = (names: string[], isQuick = false) =>
  select(ALL, ["calls"], { names, only: [], isQuick }).scenarios.map(({ id }) => id);

Deno.test("select() takes all without names, and what is quick of a quick run", () => {
  assertEquals([ids([]), ids([], true)], [["x-1", "x-2", "y-1"], ["x-1", "y-1"]]);
});

Deno.test("select() takes groups, ids and comparisons by name, and entries", () => {
  assertEquals([ids(["x"], true), ids(["y-1", "x-2"])], [["x-1", "x-2"], ["x-2", "y-1"]]);
  const selected = select(ALL, ["calls", "x"], { names: ["x"], only: ["b"], isQuick: false });
  assertEquals(selected.comparisons, ["x"]);
  const quick = select(ALL, ["calls", "x"], { names: ["calls", "x"], only: [], isQuick: true });
  assertEquals(quick.comparisons, ["calls"], "what is a group as well takes its time");
  assertEquals(selected.scenarios[0]!.entries.map(({ id }) => id), ["b"]);
});

Deno.test("select() names what it does not know, and what it does", () => {
  const names = () => select(ALL, ["calls"], { names: ["z"], only: [], isQuick: false });
  assertThrows(names, BenchUsageError, '"z": expected one of x, y, x-1, x-2, y-1, calls');
  const only = () => select(ALL, [], { names: [], only: ["c"], isQuick: false });
  assertThrows(only, BenchUsageError, 'the entry "c": expected one of a, b');
});

import { documentedPaths, testFiles, testRuns } from "../../scripts/test.ts";
import { REPORTS } from "../../scripts/test_report.ts";
import { assert, assertEquals } from "../helpers/assert.ts";
import { ROOT } from "../structure/source_tree.ts";

const PATHS = {
  modules: ["cli_1.ts", "cli_2.ts"],
  alone: ["tests/a_alone_test.ts"],
  documented: ["README.md", "src"],
};

Deno.test("testRuns() runs modules and documentation in parallel, then what is alone, each with its report", () => {
  const [parallel, alone, ...others] = testRuns([], PATHS);
  assertEquals(others, []);
  assert(parallel !== undefined);
  assert(parallel.includes("--parallel") && parallel.includes("--doc"));
  assertEquals(parallel.slice(-4), [...PATHS.modules, ...PATHS.documented]);
  assertEquals(alone?.includes("--parallel"), false);
  assertEquals(alone?.at(-1), "tests/a_alone_test.ts");
  const reports = [parallel, alone].map((run) => run?.find((flag) => flag.startsWith("--junit")));
  assertEquals(reports, REPORTS.map((path) => `--junit-path=${path}`));
});

Deno.test("testRuns() runs what it is asked for, and checks its types", () => {
  const [run, ...others] = testRuns(["--filter", "echo", "tests/cli"], PATHS);
  assertEquals([run?.slice(-3), others], [["--filter", "echo", "tests/cli"], []]);
  assertEquals(run?.includes("--no-check"), false);
});

Deno.test("the task check checks the types of all that the task test runs unchecked", async () => {
  const { tasks } = JSON.parse(await Deno.readTextFile(`${ROOT}/deno.json`));
  assertEquals(tasks.check.command, "deno check --doc . **/*.md");
});

Deno.test("testFiles() finds the files in all folders of the tests, and knows which run alone", async () => {
  const { alone, others } = await testFiles(ROOT);
  assert(alone.includes("tests/websocket/churn_alone_test.ts"), alone.join(" "));
  assertEquals(alone.filter((path) => !path.endsWith("_alone_test.ts")), []);
  assert(others.includes("tests/scripts/test_test.ts"), others.join(" "));
  assertEquals(others.filter((path) => !/^tests\/.*(?<!_alone)_test\.ts$/.test(path)), []);
});

Deno.test("documentedPaths() are all that may have documentation, without the tests", async () => {
  const paths = await documentedPaths(ROOT);
  assertEquals(["README.md", "docs", "src"].filter((path) => !paths.includes(path)), []);
  assertEquals(paths.filter((path) => /tests|dist|deno\.json|^\./.test(path)), []);
});

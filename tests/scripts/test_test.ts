import { filesAlone, testRuns } from "../../scripts/test.ts";
import { REPORTS } from "../../scripts/test_report.ts";
import { assert, assertEquals } from "../helpers/assert.ts";
import { ROOT } from "../structure/source_tree.ts";

Deno.test("testRuns() leaves to the second run what the first ignores, each with its report", () => {
  const [parallel, alone, ...others] = testRuns([], ["tests/a_alone_test.ts"]);
  assertEquals(others, []);
  assert(parallel?.includes("--parallel") && parallel.includes("--ignore=**/*_alone_test.ts"));
  assertEquals(alone?.includes("--parallel"), false);
  assertEquals(alone?.at(-1), "tests/a_alone_test.ts");
  const reports = [parallel, alone].map((run) => run?.find((flag) => flag.startsWith("--junit")));
  assertEquals(reports, REPORTS.map((path) => `--junit-path=${path}`));
});

Deno.test("testRuns() runs what it is asked for alone", () => {
  const [run, ...others] = testRuns(["--filter", "echo", "tests/cli"], ["tests/a_alone_test.ts"]);
  assertEquals([run?.slice(-3), others], [["--filter", "echo", "tests/cli"], []]);
});

Deno.test("filesAlone() finds the files in all folders of the tests, and no others", async () => {
  const files = await filesAlone(ROOT);
  assert(files.includes("tests/websocket/churn_alone_test.ts"), files.join(" "));
  assertEquals(files.filter((path) => !path.endsWith("_alone_test.ts")), []);
});

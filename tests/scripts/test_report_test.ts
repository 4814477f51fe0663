import { assertEquals } from "../helpers/assert.ts";
import { countTests, formatCounts, isGreen } from "../../scripts/test_report.ts";

const PASSED = `<testcase name="a" classname="./a_test.ts" time="0.001">
        </testcase>`;
const SKIPPED = `<testcase name="b &gt; c"><skipped/></testcase>`;
const FAILED = `<testcase name="d"><failure message="x">&lt;testcase&gt;</failure></testcase>`;

function report(...cases: string[]): string {
  return `<testsuites><testsuite name="./a_test.ts">${cases.join("\n")}</testsuite></testsuites>`;
}

Deno.test("countTests() tells passed, failed and skipped tests apart", () => {
  const counts = countTests([report(PASSED, SKIPPED, FAILED, PASSED)], 1);
  assertEquals(counts, { passed: 2, failed: 1, skipped: 1 });
  assertEquals([formatCounts(counts), isGreen(counts)], ["2 passed, 1 failed, 1 skipped", false]);
});

Deno.test("countTests() counts a failure when the run failed and no test did", () => {
  const counts = countTests([report(PASSED)], 1);
  assertEquals([formatCounts(counts), isGreen(counts)], ["1 passed, 1 failed", false]);
});

Deno.test("countTests() adds the reports up, and counts one that is missing as a failure", () => {
  const both = countTests([report(PASSED), report(SKIPPED, PASSED)], 0);
  assertEquals(both, { passed: 2, failed: 0, skipped: 1 });
  const one = countTests([report(PASSED), undefined], 0);
  assertEquals(one, { passed: 1, failed: 1, skipped: 0 });
});

Deno.test("isGreen() is true only when a test ran and none failed", () => {
  assertEquals(isGreen(countTests([report(PASSED, SKIPPED)], 0)), true);
  assertEquals(isGreen(countTests([report(SKIPPED)], 0)), false);
  assertEquals(isGreen(countTests([""], 0)), false);
});

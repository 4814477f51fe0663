import { assertEquals, assertMatch } from "./assert.ts";
import { findExecutable, judgeNeed } from "./needs.ts";

const there = { name: "chromium", executable: "/bin/chromium", requiredInCi: true };
const missing = { ...there, executable: undefined };

Deno.test("judgeNeed() ignores what is missing and fails it in CI when it can be installed", () => {
  assertEquals(judgeNeed(there, false), "run");
  assertEquals(judgeNeed(there, true), "run");
  assertEquals(judgeNeed(missing, false), "ignore");
  assertEquals(judgeNeed(missing, true), "fail");
  assertEquals(judgeNeed({ ...missing, requiredInCi: false }, true), "ignore");
});

Deno.test("findExecutable() finds the first name that exists", () => {
  assertMatch(findExecutable(["no-such-program", "sh"]) ?? "", /\/sh$/);
  assertEquals(findExecutable(["no-such-program"]), undefined);
});

import { assertEquals, assertStringIncludes, assertThrows } from "../helpers/assert.ts";
import { createTopics, resolveTopicsOptions, TOPICS_DEFAULTS } from "../../src/topics/mod.ts";

Deno.test("resolveTopicsOptions() fills in the defaults of seed 004", () => {
  assertEquals(resolveTopicsOptions({}), { topics: [], heartbeatPeriodMs: 5000 });
  assertEquals(TOPICS_DEFAULTS.heartbeatPeriodMs, 5000);
  const given = { topics: ["a"], heartbeatPeriodMs: 20 };
  assertEquals(resolveTopicsOptions(given), given);
});

for (
  const [options, text] of [
    [{ topic: [] }, '"topic" is no option, expected one of topics, heartbeatPeriodMs'],
    [{ topics: "a" }, 'topics is "a", expected a list'],
    [{ topics: ["a", "heartbeat"] }, 'topics[1] is "heartbeat", expected a name of 1 to 255'],
    [{ heartbeatPeriodMs: 0 }, "heartbeatPeriodMs is 0, expected a number from 1 to 2147483647"],
    [{ heartbeatPeriodMs: "5s" }, 'heartbeatPeriodMs is "5s", expected a number'],
    [{ heartbeatPeriodMs: 2 ** 31 }, "heartbeatPeriodMs is 2147483648"],
  ] as const
) {
  Deno.test(`createTopics() refuses ${JSON.stringify(options)}`, () => {
    const error = assertThrows(() => createTopics(options as never), Error);
    assertStringIncludes(error.message, `Cannot create topics: ${text}`);
  });
}

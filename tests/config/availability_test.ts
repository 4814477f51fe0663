import { NOT_AVAILABLE } from "../../src/config/availability.ts";
import { ConfigError, parseConfig } from "../../src/config/mod.ts";
import { assert, assertEquals, assertThrows } from "../helpers/assert.ts";

const SAMPLES: Readonly<Record<string, unknown>> = {
  workers: 2,
  behavior: "topics",
};

function configWith(path: readonly string[], value: unknown): unknown {
  const root: Record<string, Record<string, unknown>> = {
    node: {},
    listen: {},
    processes: { p: { behavior: "echo" } },
    endpoints: { "/ws": { pool: ["p"] } },
  };
  const [group = "", second = "", key] = path;
  if (key === undefined) root[group]![second] = value;
  else Object.assign(root[group]![group === "processes" ? "p" : "/ws"]!, { [key]: value });
  return root;
}

for (const entry of NOT_AVAILABLE) {
  const key = entry.path.at(-1)!;
  Deno.test(`parseConfig() says that ${entry.path.join(".")} is not available yet`, () => {
    const value = entry.values?.[0] ?? SAMPLES[key];
    assert(value !== undefined, `there is no sample of ${key}`);
    const { problems } = assertThrows(
      () => parseConfig(configWith(entry.path, value)),
      ConfigError,
    );
    // Nothing else is wrong with it: the schema describes the key already.
    assertEquals(problems.length, 1, problems.join("\n"));
    assert(problems[0]?.includes(`.${key} is `), problems[0]);
    assert(problems[0]?.endsWith(" is not available yet"), problems[0]);
  });
}

Deno.test("parseConfig() takes values that ask for nothing that is not available", () => {
  for (const entry of NOT_AVAILABLE) {
    for (const value of entry.except ?? []) parseConfig(configWith(entry.path, value));
  }
});

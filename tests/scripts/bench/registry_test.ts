import { assert, assertEquals, assertStringIncludes } from "../../helpers/assert.ts";
import { parseBenchArgs } from "../../../scripts/bench/args.ts";
import { loadScenarios, select } from "../../../scripts/bench/registry.ts";
import { compressedFrame, sampleJson } from "../../../scripts/bench/scenarios/compression.ts";
import { readHead } from "../../../scripts/bench/generator/scanner.ts";
import { Inflater } from "../../../scripts/bench/generator/inflater.ts";

Deno.test("loadScenarios() finds all files, the ceiling of the generator first", async () => {
  const all = await loadScenarios();
  assertEquals(all[0]!.group, "ceiling");
  const groups = new Set(all.map(({ group }) => group));
  for (const group of ["echo", "fan-out", "rooms", "connect", "idle", "node", "compression"]) {
    assert(groups.has(group), group);
  }
  assertEquals(new Set(all.map(({ id }) => id)).size, all.length, "ids are unique");
  assert(select(all, [], parseBenchArgs(["--quick"])).scenarios.length > 0);
});

Deno.test("loadScenarios() has goals of entries that are measured", async () => {
  for (const scenario of await loadScenarios()) {
    if (scenario.kind !== "rate") continue;
    const ids = scenario.entries.map(({ id }) => id).join(" ");
    for (const { entry, over } of scenario.goals ?? []) {
      assertStringIncludes(ids, entry, scenario.id);
      assertStringIncludes(ids, over, scenario.id);
    }
  }
});

Deno.test("compressedFrame() is inflated to its message, alone and after another", async () => {
  const inflater = new Inflater();
  for (const seed of [0, 1, 0]) {
    const text = sampleJson(seed);
    assertEquals(new TextEncoder().encode(text).length, 1_024);
    const frame = compressedFrame(text);
    const { length, isCompressed } = readHead(frame, 0);
    assertEquals([isCompressed, length < 800], [true, true]);
    const key = frame.length - length - 4;
    const payload = frame.slice(key + 4).map((byte, i) => byte ^ frame[key + (i & 3)]!);
    assertEquals(new TextDecoder().decode(await inflater.inflate(payload)), text);
  }
});

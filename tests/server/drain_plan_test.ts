import { assert } from "../helpers/assert.ts";
import { planDrain } from "../../src/server/drain_plan.ts";

Deno.test("planDrain() keeps all parts together below the timeout", () => {
  for (const timeoutMs of [0, 1, 10, 999, 20_000, 3_600_000]) {
    const { spreadMs, closeMs, stopMs, listenerMs, graceMs } = planDrain(timeoutMs);
    assert(spreadMs <= closeMs);
    assert(graceMs <= listenerMs);
    assert(closeMs + stopMs + listenerMs <= timeoutMs);
    if (timeoutMs > 100) assert(closeMs + stopMs + listenerMs < timeoutMs);
  }
});

import { assert, assertEquals, assertRejects } from "../helpers/assert.ts";
import { planDrain, within } from "../../src/server/drain_plan.ts";

Deno.test("planDrain() keeps all parts together below the timeout", () => {
  for (const timeoutMs of [0, 1, 10, 999, 20_000, 3_600_000]) {
    const { spreadMs, closeMs, stopMs, listenerMs, graceMs } = planDrain(timeoutMs);
    assert(spreadMs <= closeMs);
    assert(graceMs <= listenerMs);
    assert(closeMs + stopMs + listenerMs <= timeoutMs);
    if (timeoutMs > 100) assert(closeMs + stopMs + listenerMs < timeoutMs);
  }
});

Deno.test("within() says whether a promise was in time", async () => {
  assertEquals(await within(1000, Promise.resolve()), true);
  assertEquals(await within(1, new Promise(() => {})), false);
  await assertRejects(() => within(1000, Promise.reject(new Error("broken"))), Error, "broken");
});

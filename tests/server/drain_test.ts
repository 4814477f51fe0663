import { assertEquals } from "../helpers/assert.ts";
import { type DrainParts, drainServer } from "../../src/server/drain.ts";
import { captureLogs } from "./stage.ts";

/** Parts that note the order in which they are stopped; `hang` keeps them from it. */
function stage(hang: boolean, fail = false) {
  const order: string[] = [];
  const stop = (what: string) => () => {
    order.push(what);
    if (fail) return Promise.reject(new Error(`${what} broke`));
    return hang ? new Promise<void>(() => {}) : Promise.resolve();
  };
  const parts = {
    node: { stop: stop("node") },
    handlers: [{ connections: 2, drain: stop("handler") }],
    listener: { shutdown: stop("listener") },
  } as unknown as DrainParts;
  return { parts, order };
}

const IN_ORDER = ["handler", "node", "listener"];

Deno.test("drainServer() stops connections, then processes, then the listener", async () => {
  const { parts, order } = stage(false);
  await drainServer(parts, { delayMs: 0, timeoutMs: 60_000 });
  assertEquals(order, IN_ORDER);
});

Deno.test("drainServer() leaves behind whatever hangs", async () => {
  await using logs = captureLogs();
  const { parts, order } = stage(true);
  await drainServer(parts, { delayMs: 0, timeoutMs: 50 });
  assertEquals(order, IN_ORDER);
  await logs.find("closing the listener");
  const late = logs.lines.filter((line) => String(line.message).includes("took longer than"));
  assertEquals(late.map(({ level }) => level), ["warning", "warning", "warning"]);
});

Deno.test("drainServer() goes on when a part fails to stop", async () => {
  const { parts, order } = stage(false, true);
  await drainServer(parts, { delayMs: 0, timeoutMs: 60_000 });
  assertEquals(order, IN_ORDER);
});

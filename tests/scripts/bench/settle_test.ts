import { assertEquals, assertRejects } from "../../helpers/assert.ts";
import { type Probed, settle } from "../../../scripts/bench/settle.ts";

/** Connections among which a message goes round, as `deliver` says. */
function stage(count: number, deliver: (attempt: number, inboxes: string[][]) => void) {
  const inboxes: string[][] = Array.from({ length: count }, () => []);
  const wakes = new Set<() => void>();
  let attempt = 0;
  const connections: Probed[] = inboxes.map((inbox) => ({
    send: () => {
      deliver(++attempt, inboxes);
      for (const wake of wakes) wake();
      return Promise.resolve();
    },
    readText: async () => {
      while (inbox.length === 0) {
        const { promise, resolve } = Promise.withResolvers<void>();
        wakes.add(resolve);
        await promise;
        wakes.delete(resolve);
      }
      return inbox.shift()!;
    },
  }));
  return { connections, inboxes, attempts: () => attempt };
}

const FAST = { count: 4, firstMs: 1 };

Deno.test("settle() sends again until all have the same message, and leaves none behind", async () => {
  const { connections, inboxes, attempts } = stage(3, (attempt, all) => {
    all.forEach((inbox, i) => {
      inbox.push("receipt");
      if (i < attempt) inbox.push(`m:probe ${attempt}: x`);
    });
  });
  await settle(connections, (payload) => `m:${payload}`, "x", { count: 9, firstMs: 1 });
  assertEquals([attempts(), inboxes], [3, [[], [], []]]);
});

Deno.test("settle() knows its message where the protocol escapes it", async () => {
  const { connections } = stage(1, (attempt, [inbox]) => {
    inbox!.push(JSON.stringify({ data: `probe ${attempt}: "x"` }));
  });
  await settle(connections, (payload) => JSON.stringify({ data: payload }), '"x"', FAST);
});

Deno.test("settle() fails when a message comes other than it was sent", async () => {
  const { connections } = stage(1, (attempt, [inbox]) => inbox!.push(`probe ${attempt}: y`));
  await assertRejects(
    () => settle(connections, (payload) => payload, "x", FAST),
    Error,
    "Cannot measure: 1 of 1 connections were not sent",
  );
});

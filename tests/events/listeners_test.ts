import { callAtOnce, callInTurn, type Listener } from "../../src/events/listeners.ts";
import { assertEquals } from "../helpers/assert.ts";
import { settle } from "../../src/testing/manual_clock.ts";

function createNotes(gate: Promise<void> = Promise.resolve()) {
  const notes: unknown[] = [];
  const listeners: Listener<[number]>[] = [
    (n) => void notes.push(`first ${n}`),
    () => {
      throw new Error("thrown");
    },
    async (n) => {
      await gate;
      notes.push(`slow ${n}`);
    },
    () => Promise.reject(new Error("rejected")),
    (n) => void notes.push(`last ${n}`),
  ];
  const report = (error: unknown) => void notes.push((error as Error).message);
  return { notes, listeners, report };
}

Deno.test("callInTurn() calls each after the one before and reports faults", async () => {
  const { notes, listeners, report } = createNotes();
  await callInTurn(listeners, [7], report);
  assertEquals(notes, ["first 7", "thrown", "slow 7", "rejected", "last 7"]);
});

Deno.test("callInTurn() waits for nothing when no listener does", () => {
  const { notes, listeners, report } = createNotes();
  assertEquals(callInTurn(listeners.slice(0, 2), [7], report), undefined);
  assertEquals(notes, ["first 7", "thrown"]);
});

Deno.test("callInTurn() leaves what is added meanwhile to the next time", () => {
  let calls = 0;
  const listeners: Listener<[]>[] = [() => {
    calls++;
    listeners.push(() => void calls++);
  }];
  callInTurn(listeners, [], () => {});
  assertEquals(calls, 1);
});

Deno.test("callAtOnce() waits for none and reports faults", async () => {
  const gate = Promise.withResolvers<void>();
  const { notes, listeners, report } = createNotes(gate.promise);
  callAtOnce(listeners, [7], report);
  assertEquals(notes, ["first 7", "thrown", "last 7"]);
  gate.resolve();
  await settle();
  assertEquals(notes.slice(3).toSorted(), ["rejected", "slow 7"]);
});

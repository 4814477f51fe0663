import { inTime, LATE } from "../../src/time/in_time.ts";
import { assertEquals, assertRejects } from "../helpers/assert.ts";

Deno.test("inTime() settles as the promise does, and leaves no timer", async () => {
  assertEquals(await inTime(Promise.resolve(7), 60_000), 7);
  await assertRejects(inTime(Promise.reject(new Error("no")), 60_000), Error, "no");
});

Deno.test("inTime() gives LATE at the deadline and ignores what comes after", async () => {
  const late = Promise.withResolvers<number>();
  assertEquals(await inTime(late.promise, 1), LATE);
  late.reject(new Error("too late"));
});

import { fillBucket, takeToken } from "../../../src/websocket/connection/rate_limit.ts";
import { assertEquals } from "../../helpers/assert.ts";

const LIMIT = { messagesPerSecond: 10, burst: 3 };

Deno.test("takeToken() lets a burst pass and makes what follows wait its turn", () => {
  let bucket = fillBucket(LIMIT, 0);
  const waits: number[] = [];
  for (let i = 0; i < 5; i++) {
    const taken = takeToken(bucket, LIMIT, 0);
    bucket = taken.bucket;
    waits.push(taken.waitMs);
  }
  assertEquals(waits, [0, 0, 0, 100, 200]);
});

Deno.test("takeToken() fills up with time, never beyond the burst", () => {
  const { bucket } = takeToken({ tokens: 0, atMs: 0 }, LIMIT, 100);
  assertEquals(bucket, { tokens: 0, atMs: 100 });
  assertEquals(takeToken({ tokens: 0, atMs: 0 }, LIMIT, 1_000_000).bucket.tokens, 2);
});

Deno.test("takeToken() says how long a debt takes to pay back, and is free after that", () => {
  const { bucket, waitMs } = takeToken({ tokens: 0.5, atMs: 0 }, LIMIT, 0);
  assertEquals([bucket.tokens, waitMs], [-0.5, 50]);
  assertEquals(takeToken(bucket, LIMIT, waitMs + 100).waitMs, 0);
});

Deno.test("takeToken() keeps the rate in the long run", () => {
  let bucket = fillBucket(LIMIT, 0);
  let nowMs = 0;
  for (let i = 0; i < 103; i++) {
    const taken = takeToken(bucket, LIMIT, nowMs);
    bucket = taken.bucket;
    nowMs += taken.waitMs;
  }
  assertEquals(Math.round(nowMs), 10_000);
});

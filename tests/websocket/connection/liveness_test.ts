import {
  judgeEveryMs,
  judgeLiveness,
  type LivenessFacts,
} from "../../../src/websocket/connection/liveness.ts";
import { assertEquals } from "../../helpers/assert.ts";

const OFF = { pingPeriodMs: 0, pongTimeoutMs: 0, readTimeoutMs: 0, writeTimeoutMs: 0 };
const PINGS = { ...OFF, pingPeriodMs: 50, pongTimeoutMs: 60 };
const QUIET = { heardMs: 0, messageMs: 0, pingedMs: 0, blockedSinceMs: undefined };

function judge(limits: Partial<typeof OFF>, nowMs: number, facts: Partial<LivenessFacts> = {}) {
  return judgeLiveness({ ...QUIET, ...facts }, { ...OFF, ...limits }, nowMs);
}

Deno.test("judgeLiveness() finds nothing while every limit is off", () => {
  assertEquals(judge({}, 1e9, { blockedSinceMs: 0 }), "ok");
});

Deno.test("judgeLiveness() pings a quiet peer once a period, one that is heard never", () => {
  assertEquals([49, 50, 59].map((now) => judge(PINGS, now)), ["ok", "ping", "ping"]);
  assertEquals(judge(PINGS, 59, { pingedMs: 50 }), "ok");
  assertEquals(judge(PINGS, 99, { heardMs: 50 }), "ok");
  assertEquals(judge(PINGS, 100, { heardMs: 50 }), "ping");
});

Deno.test("judgeLiveness() gives a peer up that was not heard for pongTimeoutMs", () => {
  assertEquals(judge(PINGS, 60, { pingedMs: 50 }), "noPong");
  assertEquals(judge(PINGS, 60, { pingedMs: 50, heardMs: 51 }), "ok");
  assertEquals(judge({ ...PINGS, pingPeriodMs: 0 }, 1e9), "ok");
});

Deno.test("judgeLiveness() asks for messages, not pongs, within readTimeoutMs", () => {
  const limits = { ...PINGS, readTimeoutMs: 30 };
  assertEquals(judge(limits, 29), "ok");
  assertEquals(judge(limits, 30, { heardMs: 29 }), "readTimeout");
  assertEquals(judge(limits, 30, { heardMs: 29, messageMs: 1 }), "ok");
});

Deno.test("judgeLiveness() counts writes as blocked from when they are, and before all else", () => {
  const limits = { ...PINGS, writeTimeoutMs: 20, readTimeoutMs: 20 };
  assertEquals(judge(limits, 19, { blockedSinceMs: 0 }), "ok");
  assertEquals(judge(limits, 20, { blockedSinceMs: 0 }), "writeTimeout");
  assertEquals(judge({ writeTimeoutMs: 20 }, 1e9), "ok");
});

Deno.test("judgeEveryMs() is a tenth of the shortest limit, from 10 ms to a second", () => {
  assertEquals(judgeEveryMs(OFF), undefined);
  assertEquals(judgeEveryMs({ ...OFF, pongTimeoutMs: 60 }), undefined);
  assertEquals(judgeEveryMs({ ...OFF, writeTimeoutMs: 5_000 }), 500);
  assertEquals(judgeEveryMs({ ...OFF, writeTimeoutMs: 5_000, readTimeoutMs: 300 }), 30);
  assertEquals(judgeEveryMs({ ...PINGS, writeTimeoutMs: 5_000 }), 10);
  assertEquals(judgeEveryMs({ ...OFF, pingPeriodMs: 54_000, pongTimeoutMs: 60_000 }), 1_000);
});

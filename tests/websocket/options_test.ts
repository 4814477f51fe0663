import { createHandler, HANDLER_DEFAULTS } from "../../src/websocket/mod.ts";
import { resolveOptions } from "../../src/websocket/options.ts";
import { assertEquals, assertStringIncludes, assertThrows } from "../helpers/assert.ts";

Deno.test("resolveOptions() fills in the defaults, also for undefined", () => {
  assertEquals(resolveOptions({}), { ...HANDLER_DEFAULTS });
  assertEquals(resolveOptions({ pool: undefined, maxConnections: 5 }), {
    ...HANDLER_DEFAULTS,
    maxConnections: 5,
  });
  assertEquals(Object.isFrozen(HANDLER_DEFAULTS), true);
});

Deno.test("resolveOptions() takes what is left out from another base", () => {
  const base = resolveOptions({ maxConnections: 5, origins: "*" });
  assertEquals(resolveOptions({ maxMessageBytes: 7, origins: undefined }, base), {
    ...base,
    maxMessageBytes: 7,
  });
});

const MAX_TIMER_MS = 2_147_483_647;

Deno.test("resolveOptions() refuses a limit that is out of its range, and says the range", () => {
  const ranges = [
    ["handshakeTimeoutMs", 1, MAX_TIMER_MS],
    ["maxMessageBytes", 1, Infinity],
    ["sendQueueBytes", 1, Infinity],
    ["maxConnections", 1, Infinity],
    ["maxConnectionsPerIp", 0, Infinity],
    ["readTimeoutMs", 0, MAX_TIMER_MS],
    ["writeTimeoutMs", 0, MAX_TIMER_MS],
    ["pingPeriodMs", 1, MAX_TIMER_MS],
    ["pongTimeoutMs", 1, MAX_TIMER_MS],
    ["readBufferBytes", 1, Infinity],
    ["writeBufferBytes", 1, Infinity],
  ] as const;
  for (const [key, least, most] of ranges) {
    const range = most === Infinity ? `a number from ${least}` : `${least} to ${most}`;
    const beyond = most === Infinity ? [] : [most + 1];
    for (const value of [least - 1, -1, NaN, "5", null, ...beyond]) {
      const error = assertThrows(() => resolveOptions({ [key]: value }), RangeError);
      assertStringIncludes(error.message, `${key} is ${Deno.inspect(value)}, expected`);
      assertStringIncludes(error.message, range);
    }
  }
  assertEquals(resolveOptions({ maxConnections: Infinity }).maxConnections, Infinity);
  assertEquals(resolveOptions({ readTimeoutMs: 0, writeTimeoutMs: 0 }).writeTimeoutMs, 0);
});

Deno.test("resolveOptions() refuses a ping period that is not below the pong timeout", () => {
  for (const pingPeriodMs of [100, 101]) {
    assertThrows(
      () => resolveOptions({ pingPeriodMs, pongTimeoutMs: 100 }),
      RangeError,
      `pingPeriodMs is ${pingPeriodMs}, expected less than pongTimeoutMs`,
    );
  }
  assertEquals(resolveOptions({ pingPeriodMs: 99, pongTimeoutMs: 100 }).pingPeriodMs, 99);
});

Deno.test("resolveOptions() refuses a rate limit without a rate or a burst of one", () => {
  const bad = [[0, 5], [-1, 5], [NaN, 5], [5, 0], [5, 0.5], [5, NaN]] as const;
  for (const [messagesPerSecond, burst] of bad) {
    const rateLimit = { messagesPerSecond, burst };
    assertThrows(() => resolveOptions({ rateLimit }), RangeError, "rateLimit.");
  }
  const rateLimit = { messagesPerSecond: 0.1, burst: 1 };
  assertEquals(resolveOptions({ rateLimit }).rateLimit, rateLimit);
});

Deno.test("resolveOptions() refuses a choice that is not offered, and names those that are", () => {
  const cases = [
    ["targetLost", "retry", '"close", "next"'],
    ["slowConsumer", "wait", '"close", "drop-oldest"'],
  ] as const;
  for (const [key, value, expected] of cases) {
    assertThrows(
      () => resolveOptions({ [key]: value } as never),
      TypeError,
      `Cannot configure a handler: ${key} is "${value}", expected one of ${expected}`,
    );
  }
});

Deno.test("resolveOptions() refuses what is no list of texts, and what is no option", () => {
  const cases = [
    [{ pool: "echo" }, 'pool is "echo", expected a list of texts'],
    [{ pool: ["echo", ""] }, "pool is"],
    [{ subprotocols: [1] }, "subprotocols is [ 1 ], expected a list of texts"],
    [{ maxMessageSize: 5 }, '"maxMessageSize" is no option, expected one of endpoint, pool, '],
  ] as const;
  for (const [options, text] of cases) {
    assertThrows(() => resolveOptions(options as never), TypeError, text);
  }
});

Deno.test("createHandler() refuses bad options before anything starts", () => {
  assertThrows(() => createHandler({ origins: 5 as never }), TypeError, "got 5, expected");
  assertThrows(() => createHandler({ maxConnections: 0 }), RangeError, "maxConnections is 0");
  assertThrows(() => createHandler({ origins: "example.com" }), TypeError, "Cannot allow");
});

Deno.test("resolveOptions() takes a rate limit away that is given as undefined, and only that", () => {
  const base = { ...HANDLER_DEFAULTS, rateLimit: { messagesPerSecond: 1, burst: 1 } };
  assertEquals(resolveOptions({ rateLimit: undefined, maxConnections: undefined }, base), {
    ...HANDLER_DEFAULTS,
    rateLimit: undefined,
  });
  assertEquals(resolveOptions({ maxConnections: 5 }, base).rateLimit, base.rateLimit);
});

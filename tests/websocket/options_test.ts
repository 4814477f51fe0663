import { createHandler, HANDLER_DEFAULTS } from "../../src/websocket/mod.ts";
import { resolveOptions } from "../../src/websocket/options.ts";
import { assertEquals, assertThrows } from "../helpers/assert.ts";

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

Deno.test("resolveOptions() refuses a limit that is no number above 0", () => {
  const limits = ["handshakeTimeoutMs", "maxMessageBytes", "sendQueueBytes", "maxConnections"];
  for (const key of limits) {
    for (const value of [0, -1, NaN, "5", null]) {
      assertThrows(
        () => resolveOptions({ [key]: value }),
        RangeError,
        `Cannot configure a handler: ${key} is ${Deno.inspect(value)}, expected a number above 0`,
      );
    }
  }
  assertEquals(resolveOptions({ maxConnections: Infinity }).maxConnections, Infinity);
});

Deno.test("resolveOptions() refuses a time that no timer takes", () => {
  const handshakeTimeoutMs = 2 ** 31;
  assertThrows(() => resolveOptions({ handshakeTimeoutMs }), RangeError, "at most 2147483647");
  assertEquals(
    resolveOptions({ handshakeTimeoutMs: handshakeTimeoutMs - 1 }).handshakeTimeoutMs,
    2_147_483_647,
  );
});

Deno.test("resolveOptions() refuses a choice that is not offered, and names those that are", () => {
  const cases = [
    ["engine", "uws", '"auto", "native"'],
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

Deno.test("createHandler() refuses bad options before anything starts", () => {
  assertThrows(() => createHandler({ maxConnections: 0 }), RangeError, "maxConnections is 0");
  assertThrows(() => createHandler({ origins: "example.com" }), TypeError, "Cannot allow");
});

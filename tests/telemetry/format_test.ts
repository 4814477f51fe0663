import type { LogRecord } from "@logtape/logtape";
import { FORMAT_LIMITS, formatJson, formatText } from "../../src/telemetry/logs/format.ts";
import { assert, assertEquals, assertStringIncludes } from "../helpers/assert.ts";

function record(fields: Partial<LogRecord>): LogRecord {
  return {
    category: ["troupe", "server"],
    level: "info",
    message: ["Hello"],
    rawMessage: "Hello",
    timestamp: Date.UTC(2026, 0, 31, 12),
    properties: {},
    ...fields,
  };
}

Deno.test("formatText() shows time, level, logger, message and further fields", () => {
  const line = formatText(record({
    message: ["Hello ", "you", ""],
    rawMessage: "Hello {name}",
    properties: { name: "you", port: 8080, path: "/ws", text: "two words" },
  }));
  assertEquals(
    line,
    "2026-01-31T12:00:00.000Z info    troupe.server Hello you " +
      'port=8080 path=/ws text="two words"\n',
  );
});

Deno.test("formatText() escapes newlines, ANSI and quotes wherever they come from", () => {
  const evil = 'x"\n2026-01-31 error forged \u001b[2J';
  const line = formatText(record({
    category: ["a\nb"],
    message: [evil, evil, evil],
    rawMessage: "{evil}",
    properties: { evil, [evil]: evil, nested: { evil } },
  }));
  assertEquals(line.indexOf("\n"), line.length - 1);
  assertEquals(line.includes("\u001b"), false);
  assertStringIncludes(line, '"x\\"\\n2026-01-31 error forged \\u001b[2J"');
});

Deno.test("formatText() puts the frames of an error below the line, its message in it", () => {
  const error = new Error("broken\nfatal forged");
  const [first, second, ...rest] = formatText(record({ properties: { error } })).split("\n");
  assert(first?.endsWith('error="Error: broken\\nfatal forged"'), first);
  assert(second?.startsWith("    at "), second);
  assert(rest.every((line) => line === "" || line.startsWith("    at ")), rest.join("|"));
});

Deno.test("formatJson() writes one line of flat fields and keeps the reserved ones", () => {
  const line = formatJson(record({
    message: ["a\u001b", "b", ""],
    properties: { port: 1, level: "forged", when: new Date(0), bytes: new Uint8Array(3) },
  }));
  assertEquals(line.endsWith("}\n"), true);
  assertEquals(line.includes("\u001b"), false);
  assertEquals(JSON.parse(line), {
    time: "2026-01-31T12:00:00.000Z",
    level: "info",
    logger: "troupe.server",
    message: "a\\u001bb",
    port: 1,
    _level: "forged",
    when: "1970-01-01T00:00:00.000Z",
    bytes: "<3 bytes>",
  });
});

Deno.test("formatJson() copes with cycles, depth, bigints, throwing getters and __proto__", () => {
  const cycle: Record<string, unknown> = {};
  cycle.self = cycle;
  const properties = {
    cycle,
    big: 10n,
    bad: {
      get x(): never {
        throw new Error("no");
      },
    },
    proto: JSON.parse('{"__proto__":{"polluted":true}}'),
    cause: new Error("outer", { cause: new TypeError("inner") }),
  };
  const line = JSON.parse(formatJson(record({ properties })));
  assertEquals(line.big, "10");
  assertEquals(line.bad, "<unprintable>");
  assertEquals(line.cause.cause.message, "inner");
  assert(Object.hasOwn(line.proto, "__proto__"));
  assertEquals(({} as { polluted?: boolean }).polluted, undefined);
});

Deno.test("formatJson() and formatText() bound what one value adds", () => {
  const properties = { long: "a b".repeat(FORMAT_LIMITS.chars), many: Array(100_000).fill(1) };
  for (const format of [formatJson, formatText]) {
    assert(format(record({ properties })).length < FORMAT_LIMITS.chars + 1000);
  }
});

import { escapeControls, quote, showValue } from "../../src/text/mod.ts";
import { assertEquals } from "../helpers/assert.ts";

Deno.test("escapeControls() escapes everything that moves, colours or breaks a line", () => {
  assertEquals(escapeControls("a\nb\r\tc"), "a\\nb\\r\\tc");
  assertEquals(escapeControls("\u001b[31mred\u009b0m"), "\\u001b[31mred\\u009b0m");
  assertEquals(escapeControls("a\u2028b\u202ec\ud800d"), "a\\u2028b\\u202ec\\ud800d");
});

Deno.test("escapeControls() leaves text of every script as it is", () => {
  assertEquals(escapeControls('Grüße 日本語 👋🏽 "q"'), 'Grüße 日本語 👋🏽 "q"');
});

Deno.test("quote() escapes quotes and backslashes too", () => {
  assertEquals(quote('a"b\\c\u007f\n'), '"a\\"b\\\\c\\u007f\\n"');
});

Deno.test("showValue() shows any value on one line, and of long or deep ones the beginning", () => {
  const cases = [
    [null, "null"],
    [5n, "5n"],
    ["a\n\u001b[31m", '"a\\n\\x1b[31m"'],
    [{ a: { b: { c: 1 } } }, "{ a: { b: [Object] } }"],
    ["x".repeat(100), `"${"x".repeat(60)}"... 40 more characters`],
    [["x".repeat(100)], `[ "${"x".repeat(60)}"... 40 more characters ]`],
    [Array(100).fill(1), "[ 1, 1, 1, 1, 1, ... 95 more items ]"],
    [{ "k\u009b": 1 }, '{ "k\\x9b": 1 }'],
  ] as const;
  for (const [value, shown] of cases) assertEquals(showValue(value), shown);
  assertEquals(showValue(() => "two\nlines").includes("\n"), false);
});

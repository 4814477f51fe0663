import { assertEquals } from "../helpers/assert.ts";
import { escapeControls, quote } from "../../src/telemetry/mod.ts";

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

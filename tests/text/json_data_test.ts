import { MAX_JSON_DEPTH, parseJsonData } from "../../src/text/json_data.ts";
import { assertEquals, assertThrows } from "../helpers/assert.ts";

function nested(depth: number): string {
  return "[".repeat(depth) + "]".repeat(depth);
}

Deno.test("parseJsonData() reads what JSON.parse reads", () => {
  for (const text of ["1", '"x"', "null", '{"a":{"b":[true,false]}}', '{"constructor":1}']) {
    assertEquals(parseJsonData(text), JSON.parse(text));
  }
  // Long enough to be looked at.
  const wide = JSON.stringify(Array.from({ length: 1000 }, (_, n) => ({ n })));
  assertEquals(parseJsonData(wide), JSON.parse(wide));
});

Deno.test("parseJsonData() refuses a key __proto__ at any depth, escaped too", () => {
  for (
    const text of ['{"__proto__":1}', '[{"a":{"__proto__":{"x":1}}}]', '{"\\u005f_proto__":1}']
  ) {
    assertThrows(() => parseJsonData(text), SyntaxError, "__proto__");
  }
  assertEquals(parseJsonData('"__proto__"'), "__proto__");
  assertEquals(({} as { x?: number }).x, undefined);
});

Deno.test("parseJsonData() accepts its bound of nesting and nothing deeper", () => {
  parseJsonData(nested(MAX_JSON_DEPTH));
  assertThrows(() => parseJsonData(nested(MAX_JSON_DEPTH + 1)), SyntaxError, "deep");
  assertThrows(() => parseJsonData(nested(100_000)), SyntaxError, "deep");
});

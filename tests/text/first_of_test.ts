import fc from "fast-check";
import { compareTexts, firstOf, namesIn } from "../../src/text/mod.ts";
import { assertEquals } from "../helpers/assert.ts";

Deno.test("firstOf() gives what sorting all and taking the first would", () => {
  const item = fc.record({ key: fc.integer({ min: 0, max: 5 }), tag: fc.integer() });
  fc.assert(fc.property(fc.array(item), fc.integer({ min: 0, max: 8 }), (items, limit) => {
    const compare = (one: { key: number }, other: { key: number }) => one.key - other.key;
    const first = firstOf(items, limit, compare, (each) => each);
    assertEquals(first, items.toSorted(compare).slice(0, limit));
  }));
});

Deno.test("firstOf() copies what it keeps of an object that is given again", () => {
  function* rows() {
    const row = { key: 0 };
    for (const key of [3, 1, 2]) yield Object.assign(row, { key });
  }
  const first = firstOf(rows(), 2, (one, other) => one.key - other.key, (row) => ({ ...row }));
  assertEquals(first, [{ key: 1 }, { key: 2 }]);
});

Deno.test("namesIn() goes through all names window by window, each once", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.string()), fc.integer({ min: 1, max: 4 }), (names, limit) => {
      const seen: string[] = [];
      let after: string | undefined;
      for (;;) {
        const window = namesIn(names, { after, limit });
        seen.push(...window);
        if (window.length < limit) break;
        after = window.at(-1);
      }
      assertEquals(seen, names.toSorted(compareTexts));
    }),
  );
  assertEquals(namesIn(["b", "ab", "a"], { prefix: "a", limit: 9 }), ["a", "ab"]);
});

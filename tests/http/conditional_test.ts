import { computeEntityTag, evaluatePreconditions } from "../../src/http/conditional.ts";
import { assertEquals, assertMatch, assertNotEquals } from "../helpers/assert.ts";

const ETAG = '"5-abc+/="';

function evaluate(headers: Record<string, string>, etag = ETAG) {
  return evaluatePreconditions((name) => headers[name] ?? null, etag);
}

Deno.test("computeEntityTag() tells contents apart, by a tag that is strong and has no comma", async () => {
  const [tag, other] = [await computeEntityTag("a"), await computeEntityTag("b")];
  assertMatch(tag, /^"[^",\s]+"$/);
  assertNotEquals(tag, other);
  assertEquals(await computeEntityTag("a"), tag);
});

Deno.test("evaluatePreconditions() compares If-None-Match weakly, in a list and with *", () => {
  const known = [
    ETAG,
    `W/${ETAG}`,
    `"x", ${ETAG}`,
    `"x",${ETAG},"y"`,
    `, ,\t${ETAG} ,`,
    `"with, comma", ${ETAG}`,
    `"back\\", ${ETAG}`,
    `W/"x" , W/${ETAG}`,
    "*",
    " *\t",
  ];
  for (const list of known) {
    assertEquals(evaluate({ "if-none-match": list }), "not_modified", list);
  }
});

Deno.test("evaluatePreconditions() lets pass what If-None-Match does not name", () => {
  const unknown = [
    "",
    '"x"',
    ETAG.slice(1, -1),
    `w/${ETAG}`,
    `W/ ${ETAG}`,
    `x${ETAG}`,
    `"x" ${ETAG}`,
    `"x, ${ETAG.slice(1)}`,
    '*, "x"',
    "**",
    ETAG.toUpperCase(),
  ];
  for (const list of unknown) assertEquals(evaluate({ "if-none-match": list }), "passed", list);
  assertEquals(evaluate({}), "passed");
});

Deno.test("evaluatePreconditions() compares If-Match strongly, and before If-None-Match", () => {
  for (const list of [ETAG, `"x", ${ETAG}`, "*"]) {
    assertEquals(evaluate({ "if-match": list }), "passed", list);
    assertEquals(evaluate({ "if-match": list, "if-none-match": ETAG }), "not_modified", list);
  }
  for (const list of ["", '"x"', `W/${ETAG}`]) {
    assertEquals(evaluate({ "if-match": list }), "failed", list);
    assertEquals(evaluate({ "if-match": list, "if-none-match": ETAG }), "failed", list);
  }
});

Deno.test("evaluatePreconditions() passes over dates, since no date is known", () => {
  const date = "Fri, 01 Jan 2100 00:00:00 GMT";
  assertEquals(evaluate({ "if-modified-since": date, "if-unmodified-since": date }), "passed");
  assertEquals(evaluate({ "if-modified-since": date, "if-none-match": '"x"' }), "passed");
});

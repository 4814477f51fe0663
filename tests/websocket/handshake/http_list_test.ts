import {
  listElements,
  listHasToken,
  splitOutsideQuotes,
  trimSpace,
} from "../../../src/websocket/handshake/http_list.ts";
import { assertEquals } from "../../helpers/assert.ts";

Deno.test("listElements() leaves out spaces, tabs and empty elements (RFC 9110, section 5.6.1)", () => {
  const cases: [string | null | undefined, string[]][] = [
    ["a", ["a"]],
    ["a,b", ["a", "b"]],
    [" a ,\t b\t", ["a", "b"]],
    [",,a, ,\t,b,", ["a", "b"]],
    [", ,", []],
    ["", []],
    [null, []],
    [undefined, []],
    ["a b", ["a b"]],
    // No whitespace of HTTP.
    ["\xa0a\x0b", ["\xa0a\x0b"]],
  ];
  for (const [value, elements] of cases) assertEquals(listElements(value), elements, value ?? "");
});

Deno.test("listHasToken() finds a token in any case and company, and no part of one", () => {
  for (const value of ["upgrade", "keep-alive, UpGrade", ",,\tUpgrade\t,x", "a,upgrade"]) {
    assertEquals(listHasToken(value, "upgrade"), true, value);
  }
  for (const value of ["", "upgrades", "no-upgrade", "up grade", "a upgrade", undefined]) {
    assertEquals(listHasToken(value, "upgrade"), false, value);
  }
});

Deno.test("splitOutsideQuotes() leaves separators in quotes alone, escaped quotes too", () => {
  assertEquals(splitOutsideQuotes('a; b="x;y" ;c', ";"), ["a", 'b="x;y"', "c"]);
  assertEquals(splitOutsideQuotes('a="\\";\\\\";b', ";"), ['a="\\";\\\\"', "b"]);
  assertEquals(splitOutsideQuotes('a="open;b', ";"), ['a="open;b']);
  assertEquals(splitOutsideQuotes('a="end\\', ";"), ['a="end\\']);
  assertEquals(splitOutsideQuotes("", ";"), [""]);
});

Deno.test("trimSpace() takes spaces and tabs off both ends", () => {
  assertEquals(trimSpace(" \ta b\t "), "a b");
  assertEquals(trimSpace(" \t "), "");
  assertEquals(trimSpace("\xa0a\u3000"), "\xa0a\u3000");
});

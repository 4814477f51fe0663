import { type RouteKey, RouteTable } from "../../src/http/mod.ts";
import { assertEquals, assertThrows } from "../helpers/assert.ts";

const ROUTES: readonly RouteKey[] = [
  { method: "GET", path: "/a/{x}" },
  { method: "DELETE", path: "/a/{x}" },
  { method: "GET", path: "/a/b" },
  { method: "POST", path: "/a/{x}/c" },
];
const table = new RouteTable(ROUTES);

Deno.test("RouteTable.find() prefers a fixed segment, decodes the others, and answers HEAD as GET", () => {
  assertEquals(table.find("GET", "/a/b"), { kind: "found", route: ROUTES[2]!, params: {} });
  assertEquals(table.find("HEAD", "/a/%3Cb%2Fc%3E"), {
    kind: "found",
    route: ROUTES[0]!,
    params: { x: "<b/c>" },
  });
});

Deno.test("RouteTable.find() tells a wrong method from a wrong path and from a malformed one", () => {
  assertEquals(table.find("PUT", "/a/x"), { kind: "method", allow: "GET, HEAD, DELETE" });
  assertEquals(table.find("DELETE", "/a/b"), { kind: "method", allow: "GET, HEAD" });
  assertEquals(table.find("GET", "/a/%zz"), { kind: "malformed" });
  for (const path of ["/", "/a", "/a/", "/a//c", "/a/b/c/d", "a/b", ""]) {
    assertEquals(table.find("GET", path).kind, "none", path);
  }
});

Deno.test("RouteTable refuses the same route twice", () => {
  assertThrows(() => new RouteTable([ROUTES[0]!, ROUTES[0]!]), TypeError, "twice");
});

import fc from "fast-check";
import { EndpointPaths } from "../../src/http/endpoint_paths.ts";
import { parsePathPattern } from "../../src/http/path_pattern.ts";
import { assertEquals, assertThrows } from "../helpers/assert.ts";

const found = (patterns: readonly string[], path: string) => {
  const result = new EndpointPaths(patterns.map((each) => [each, each] as const)).find(path);
  return result === undefined || result === "malformed"
    ? result
    : [result.endpoint, { ...result.params }];
};

Deno.test("EndpointPaths.find() takes the most specific pattern, wherever it stands", () => {
  const patterns = ["/*", "/game/:room", "/game/lobby", "/game/:room/log", "/game/*", "/:any"];
  for (const order of [patterns, patterns.toReversed()]) {
    assertEquals(found(order, "/game/lobby"), ["/game/lobby", {}]);
    assertEquals(found(order, "/game/a"), ["/game/:room", { room: "a" }]);
    assertEquals(found(order, "/game/a/log"), ["/game/:room/log", { room: "a" }]);
    assertEquals(found(order, "/game/a/b/c"), ["/game/*", { "0": "a/b/c" }]);
    assertEquals(found(order, "/game/"), ["/game/*", { "0": "" }]);
    assertEquals(found(order, "/other"), ["/:any", { any: "other" }]);
    assertEquals(found(order, "/"), ["/*", { "0": "" }]);
    assertEquals(found(order, "/a/b"), ["/*", { "0": "a/b" }]);
  }
});

Deno.test("EndpointPaths.find() decodes what a path says, and says where it cannot", () => {
  assertEquals(found(["/game/:room"], "/game/caf%C3%A9%2Fbar"), [
    "/game/:room",
    { room: "café/bar" },
  ]);
  assertEquals(found(["/game/:room"], "/game/%FF"), "malformed");
  assertEquals(found(["/game/:room"], "/game/"), undefined);
  assertEquals(found(["/game/:room"], "/game"), undefined);
});

Deno.test("EndpointPaths.find() gives no pattern what the server answers itself", () => {
  for (const path of ["/metrics", "/health/live", "/health/ready", "/troupe.js"]) {
    assertEquals(found(["/*", "/:a", "/:a/:b"], path), undefined);
  }
  assertEquals(found(["/", "/ws"], "/"), ["/", {}]);
});

Deno.test("EndpointPaths refuses what is no pattern", () => {
  for (
    const wrong of [
      "ws",
      "//ws",
      "/a?b",
      "/a b",
      "/:",
      "/:1",
      "/a:b",
      "/*/b",
      "/:a/:a",
      "/a+",
      "/(a)",
    ]
  ) {
    assertEquals(parsePathPattern(wrong), undefined, wrong);
    assertThrows(() => new EndpointPaths([[wrong, 1]]), TypeError, JSON.stringify(wrong));
  }
});

const segment = fc.constantFrom("a", "b", "game", "%C3%A9", "");
const pathOf = (segments: readonly string[]) => "/" + segments.join("/");

Deno.test("a pattern matches what URLPattern matches, and takes the same from it", () => {
  const part = fc.constantFrom("a", "game", ":x", ":y");
  const pattern = fc.tuple(fc.uniqueArray(part, { minLength: 1, maxLength: 3 }), fc.boolean())
    .map(([parts, hasRest]) => pathOf(hasRest ? [...parts, "*"] : parts));
  fc.assert(fc.property(pattern, fc.array(segment, { maxLength: 4 }), (pattern, segments) => {
    const path = pathOf(segments);
    const expected = new URLPattern({ pathname: pattern }).exec({ pathname: path });
    const decoded = expected && Object.fromEntries(
      Object.entries(expected.pathname.groups).map(([name, text]) => [
        name,
        decodeURIComponent(text ?? ""),
      ]),
    );
    assertEquals(found([pattern], path), decoded === null ? undefined : [pattern, decoded]);
  }));
});

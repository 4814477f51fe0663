import type { Handshake } from "../../../src/websocket/handshake/handshake.ts";
import { refuseOrigin, toOriginCheck } from "../../../src/websocket/handshake/origins.ts";
import { compileOrigins } from "../../../src/websocket/mod.ts";
import { assertEquals, assertStringIncludes, assertThrows } from "../../helpers/assert.ts";

/** Fails unless a rule welcomes the first and refuses the others. */
function assertRule(
  entries: string | readonly string[],
  host: string,
  welcome: readonly string[],
  refused: readonly string[],
): void {
  const rule = compileOrigins(entries);
  for (const origin of welcome) assertEquals(rule(origin, host), true, `${entries}: ${origin}`);
  for (const origin of refused) assertEquals(rule(origin, host), false, `${entries}: ${origin}`);
}

const NO_ORIGINS = [
  "",
  "null",
  "example.com",
  "https://",
  "https:///",
  "https://exa mple.com",
  "javascript:alert(1)",
];

Deno.test("compileOrigins() same-origin compares host and port, not the scheme", () => {
  assertRule("same-origin", "example.com", [
    "https://example.com",
    "http://example.com",
    "https://EXAMPLE.com",
    "https://example.com:443",
    "http://example.com:80",
  ], [
    "https://example.com:8443",
    "https://good.example.com",
    "https://example.com.evil.net",
    "https://evilexample.com",
    "https://evil.net",
    "https://example.com@evil.net",
    "https://evil.net@example.com",
    "https://user:pass@example.com",
    "https://evil.net/example.com",
    "https://evil.net#example.com",
    "https://evil.net\\example.com",
    "https://example.com/",
    ...NO_ORIGINS,
  ]);
});

Deno.test("compileOrigins() same-origin knows ports that are no default, and IPv6", () => {
  assertRule("same-origin", "localhost:8080", ["http://localhost:8080"], [
    "http://localhost",
    "http://localhost:80801",
    "http://127.0.0.1:8080",
  ]);
  assertRule("same-origin", "example.com:443", ["https://example.com"], ["http://example.com"]);
  assertRule("same-origin", "[::1]:8080", ["http://[::1]:8080"], ["http://[::1]"]);
  assertRule("same-origin", "", [], ["https://example.com", ...NO_ORIGINS]);
});

Deno.test("compileOrigins() of an exact origin welcomes that one alone", () => {
  assertRule("https://example.com", "other.net", [
    "https://example.com",
    "https://example.com:443",
    "HTTPS://Example.COM",
  ], [
    "http://example.com",
    "https://example.com:444",
    "https://good.com.evil.net",
    "https://example.com.evil.net",
    "https://www.example.com",
    "https://evilexample.com",
    "https://example.com.",
    "https://user@example.com",
    "https://other.net",
    ...NO_ORIGINS,
  ]);
});

Deno.test("compileOrigins() of a wildcard welcomes hosts below, at any depth", () => {
  assertRule("https://*.example.com", "other.net", [
    "https://a.example.com",
    "https://a.b.example.com",
    "https://A.EXAMPLE.com",
    "https://a.example.com:443",
  ], [
    "https://example.com",
    "https://evilexample.com",
    "https://a.example.com.evil.net",
    "http://a.example.com",
    "https://a.example.com:8443",
    "https://evil.net/.example.com",
    "https://evil.net#.example.com",
    "https://evil.net?.example.com",
    "https://evil.net\\.example.com",
    "https://a.example.com@evil.net",
    ...NO_ORIGINS,
  ]);
  assertRule("https://*.example.com:8443", "other.net", ["https://a.example.com:8443"], [
    "https://a.example.com",
  ]);
});

Deno.test("compileOrigins() of * welcomes every origin, also null", () => {
  assertRule("*", "example.com", ["https://evil.net", ...NO_ORIGINS], []);
});

Deno.test("compileOrigins() of several entries welcomes what any of them does", () => {
  assertRule(["same-origin", "https://a.net", "http://*.b.net"], "example.com", [
    "https://example.com",
    "https://a.net",
    "http://x.b.net",
  ], ["https://b.net", "https://x.b.net", "https://x.a.net"]);
  assertRule([], "example.com", [], ["https://example.com", "null"]);
});

Deno.test("compileOrigins() refuses another form and says what is expected", () => {
  for (
    const entry of [
      "",
      "example.com",
      "*.example.com",
      "https://",
      "https://*",
      "https://*.",
      "https://*example.com",
      "https://a.*.com",
      "https://*.*.com",
      "https://example.com/",
      "https://example.com/path",
      "https://user@example.com",
      "ftp://example.com",
      "file://x",
      "null",
      "Same-Origin",
    ]
  ) {
    const error = assertThrows(() => compileOrigins(["*", entry]), TypeError);
    assertEquals(
      error.message,
      `Cannot allow the origin ${JSON.stringify(entry)}: expected "same-origin", "*", ` +
        'an origin such as "https://example.com", or "https://*.example.com"',
    );
  }
});

const METHOD_AND_URL = { method: "GET", url: "http://example.com/ws" };

function request(headers: Record<string, string>): Handshake {
  const toRequest = () => new Request("http://example.com/ws", { headers });
  return { ...METHOD_AND_URL, headers, toRequest };
}

Deno.test("toOriginCheck() passes a handshake without Origin", () => {
  const check = toOriginCheck("same-origin");
  assertEquals(check(request({ host: "example.com" })), true);
  const foreign = { host: "example.com", origin: "https://evil.net" };
  assertEquals(check(request(foreign)), false);
});

Deno.test("toOriginCheck() takes no function and says what does", () => {
  const error = assertThrows(() => toOriginCheck((() => true) as never), TypeError);
  assertStringIncludes(error.message, "what a function decides is for accept");
});

Deno.test("refuseOrigin() says which origin is not welcome", () => {
  const own = request({ host: "example.com", origin: "http://example.com" });
  const foreign = request({ host: "example.com", origin: "https://evil.net" });
  assertEquals(refuseOrigin(own, toOriginCheck("same-origin")), undefined);
  assertEquals(refuseOrigin(foreign, toOriginCheck("same-origin")), {
    status: 403,
    reason: 'Cannot upgrade: the origin "https://evil.net" is not allowed',
  });
});

Deno.test("compileOrigins() same-origin compares the scheme where it is known", () => {
  const rule = compileOrigins("same-origin");
  for (const scheme of ["http", "https"] as const) {
    assertEquals(rule(`${scheme}://example.com`, "example.com", scheme), true);
    const other = scheme === "http" ? "https" : "http";
    assertEquals(rule(`${other}://example.com`, "example.com", scheme), false);
  }
  assertEquals(rule("https://example.com", "example.com:443", "https"), true);
  assertEquals(rule("http://example.com", "example.com:443", "https"), false);
});

Deno.test("toOriginCheck() believes an own origin of loopback only for hosts that are nobody else's", () => {
  const answer = (origins: string[], host: string, origin: string, ownHosts?: string[]) => {
    const headers = { host, origin };
    return toOriginCheck(origins)({ headers, ownHosts } as unknown as Handshake);
  };
  const same = ["same-origin"];
  for (
    const host of [
      "localhost:8080",
      "127.0.0.1:8080",
      "[::1]:8080",
      "a.localhost",
      "localhost.",
      "127.9.9.9",
    ]
  ) {
    assertEquals(answer(same, host, `http://${host}`, []), true, host);
  }
  const refused = answer(same, "evil.example", "http://evil.example", []);
  assertEquals(typeof refused, "string");
  for (const way of ["loopback", "listen.hosts", "listen.trustProxy", '"evil.example"']) {
    assertEquals(String(refused).includes(way), true, way);
  }
  assertEquals(answer(same, "evil.example", "http://evil.example"), true);
  assertEquals(answer(same, "App.Test:80", "http://app.test", ["app.test"]), true);
  assertEquals(answer(same, "evil.example", "http://other.example", []), false);
  // Listed by name, it is welcome whatever host it asks for.
  const listed = [...same, "http://evil.example"];
  assertEquals(answer(listed, "evil.example", "http://evil.example", []), true);
});

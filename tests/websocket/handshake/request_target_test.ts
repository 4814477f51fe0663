import { isAuthority, readTarget } from "../../../src/websocket/handshake/request_target.ts";
import { assert, assertEquals } from "../../helpers/assert.ts";

Deno.test("isAuthority() takes a host with or without a port, in every form of RFC 3986", () => {
  const hosts = [
    "a",
    "A.Example",
    "a.example.",
    "under_score",
    "127.0.0.1:80",
    "[::1]",
    "[::ffff:1.2.3.4]:8080",
    "a:",
    "a:0",
    "a:00080",
    "a:65535",
    "xn--bcher-kva.example",
    "%41.example",
    "a!$&'()*+;=b",
    "*",
  ];
  for (const host of hosts) assertEquals(isAuthority(host), true, host);
});

Deno.test("isAuthority() refuses what is none, or moves the rest of a URL", () => {
  const texts = [
    "",
    " ",
    "a b",
    "a\tb",
    "a, b",
    "a,b",
    "a/b",
    "a/b?c#",
    "a?b",
    "a#b",
    "a\\b",
    "u@a",
    "u:p@a",
    "@a",
    ":80",
    "a:b",
    "a:80:90",
    "a:-1",
    "a:+80",
    "a:65536",
    "a:99999999999999999999",
    "[::1",
    "::1",
    "[]",
    "[::1]a",
    "[::1%25eth0]",
    "[1.2.3.4]",
    "%00",
    "%2F",
    "%4",
    "%",
    "<a>",
    "a|b",
    "a^b",
    "{a}",
    '"a"',
    "é.example",
    "\xa0a",
    "1.2.3.256",
    "a/../b",
    "http://a",
  ];
  for (const text of texts) assertEquals(isAuthority(text), false, text);
});

Deno.test("readTarget() makes a URL of a path and Host, without a Host too", () => {
  const cases: [target: string, host: string | undefined, url: string, effective: string][] = [
    ["/", "a", "http://a/", "a"],
    ["/x?y=/z\\", "a:1", "http://a:1/x?y=/z\\", "a:1"],
    ["//x", "a", "http://a//x", "a"],
    ["/x", undefined, "http://localhost/x", "localhost"],
    ["/http://b/x", "a", "http://a/http://b/x", "a"],
    ["/@b", "a", "http://a/@b", "a"],
    [":1/x", "a", "", ""],
  ];
  for (const [target, host, url, effective] of cases) {
    const expected = url === ""
      ? { wrong: `got target "${target}", expected a path, or a URL with a host` }
      : { url, host: effective };
    assertEquals(readTarget(target, host), expected, target);
  }
  assertEquals(readTarget("/", "a", "https"), { url: "https://a/", host: "a" });
});

Deno.test("readTarget() takes the host of a target that is a URL (RFC 9112, section 3.2.2)", () => {
  assertEquals(readTarget("http://b:81/x?y", "a"), { url: "http://b:81/x?y", host: "b:81" });
  assertEquals(readTarget("HTTP://B", undefined, "https"), { url: "http://B", host: "B" });
  assertEquals(readTarget("https://b?x", "a"), { url: "https://b?x", host: "b" });
  // It is ignored, and has to be one all the same (section 3.2).
  assert("wrong" in readTarget("http://b/x", "a b"));
});

Deno.test("readTarget() says what is wrong with a target or a Host", () => {
  const path = "a path, or a URL with a host";
  const cases: [target: string, host: string, wrong: string][] = [
    ["/", "", 'got Host "", expected one host'],
    ["/", "a/b?c#", 'got Host "a/b?c#", expected one host'],
    ["/", "u@a", 'got Host "u@a", expected one host'],
    ["/x#y", "a", 'got target "/x#y", expected one without a fragment'],
    ["/x#", "a", 'got target "/x#", expected one without a fragment'],
    ["http://b/#y", "a", 'got target "http://b/#y", expected one without a fragment'],
    ["/x y", "a", 'got target "/x y", expected visible ASCII'],
    ["/é", "a", 'got target "/é", expected visible ASCII'],
    ["", "a", 'got target "", expected visible ASCII'],
    ["/\\x", "a", `got target "/\\\\x", expected a path without a backslash`],
    ["http://b\\x", "a", `got target "http://b\\\\x", expected a path without a backslash`],
    ["*", "a", `got target "*", expected ${path}`],
    ["x", "a", `got target "x", expected ${path}`],
    ["?x", "a", `got target "?x", expected ${path}`],
    ["b:80", "a", `got target "b:80", expected ${path}`],
    ["ftp://b/x", "a", `got target "ftp://b/x", expected ${path}`],
    ["ws://b/x", "a", `got target "ws://b/x", expected ${path}`],
    ["http:///x", "a", `got target "http:///x", expected ${path}`],
    ["http:/x", "a", `got target "http:/x", expected ${path}`],
    ["http://u:p@b/x", "a", `got target "http://u:p@b/x", expected ${path}`],
    ["http://b:99999/x", "a", `got target "http://b:99999/x", expected ${path}`],
  ];
  for (const [target, host, wrong] of cases) {
    assertEquals(readTarget(target, host), { wrong }, `${target} of ${host}`);
  }
});

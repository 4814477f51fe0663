import { createClientOf } from "../../src/http/client_address.ts";
import { assertEquals } from "../helpers/assert.ts";

const PROXY = { transport: "tcp", hostname: "127.0.0.1", port: 1234 } as const;
const TRUSTED = ["127.0.0.0/8", "10.0.0.0/8", "fd00::/8", "192.0.2.1"];

/** `host:port` that is found for these headers. */
function client(
  headers: Record<string, string>,
  { peer = "127.0.0.1", trusted = TRUSTED }: { peer?: string; trusted?: string[] } = {},
): string {
  const { addr: found } = createClientOf(trusted)(
    { ...PROXY, hostname: peer },
    (name) => headers[name],
  );
  return "hostname" in found ? `${found.hostname} ${found.port}` : "";
}

const listed = (value: string) => client({ "x-forwarded-for": value });
const forwarded = (value: string) => client({ forwarded: value });

Deno.test("createClientOf() reads X-Forwarded-For from the right, up to the first untrusted", () => {
  assertEquals(listed("203.0.113.7"), "203.0.113.7 0");
  assertEquals(listed("6.6.6.6, 203.0.113.7"), "203.0.113.7 0");
  assertEquals(listed("6.6.6.6,203.0.113.7 , 10.1.2.3,192.0.2.1"), "203.0.113.7 0");
  assertEquals(listed("2001:db8::1"), "2001:db8::1 0");
  assertEquals(listed("203.0.113.7:4711"), "203.0.113.7 4711");
  assertEquals(listed("[2001:db8::1]:4711"), "2001:db8::1 4711");
  assertEquals(listed("::ffff:203.0.113.7"), "203.0.113.7 0");
  // All hops are proxies: the first of them started it.
  assertEquals(listed("10.9.9.9, 10.1.2.3"), "10.9.9.9 0");
});

Deno.test("createClientOf() reads Forwarded (RFC 7239) likewise", () => {
  assertEquals(forwarded("for=203.0.113.7"), "203.0.113.7 0");
  assertEquals(
    forwarded('for=6.6.6.6, For="[2001:db8::17]:4711";proto=https'),
    "2001:db8::17 4711",
  );
  assertEquals(forwarded("for=203.0.113.7;by=10.0.0.1, for=10.1.2.3"), "203.0.113.7 0");
});

Deno.test("createClientOf() stays with the proxy where no address is told", () => {
  const proxy = "127.0.0.1 1234";
  assertEquals(client({}), proxy);
  for (const value of ["", "unknown", "203.0.113.7, evil", "999.1.1.1", "10.1", "a\tb", ",,"]) {
    assertEquals(listed(value), proxy, value);
  }
  for (const value of ["", "for=unknown", "for=_hidden", "proto=https", "for=1.2.3.4:5", "=;,"]) {
    assertEquals(forwarded(value), proxy, value);
  }
});

Deno.test("createClientOf() stays with the proxy where both headers tell different ones", () => {
  const both = (listed: string, forwarded: string) =>
    client({ "x-forwarded-for": listed, forwarded });
  // The proxy wrote one of them; the other one is the client's own invention.
  assertEquals(both("203.0.113.7", "for=6.6.6.6"), "127.0.0.1 1234");
  assertEquals(both("6.6.6.6", "for=203.0.113.7"), "127.0.0.1 1234");
  assertEquals(both("203.0.113.7", "for=unknown"), "127.0.0.1 1234");
  assertEquals(both("unknown", "for=203.0.113.7"), "127.0.0.1 1234");
  assertEquals(both("203.0.113.7", 'for="203.0.113.7:99"'), "203.0.113.7 99");
});

Deno.test("createClientOf() believes nobody who is not listed", () => {
  const headers = { "x-forwarded-for": "203.0.113.7", forwarded: "for=203.0.113.7" };
  assertEquals(client(headers, { trusted: [] }), "127.0.0.1 1234");
  assertEquals(client(headers, { peer: "198.51.100.1" }), "198.51.100.1 1234");
  assertEquals(client(headers, { peer: "192.0.2.2" }), "192.0.2.2 1234");
  // A proxy that is listed by its IPv4 address may come in over a socket of both families.
  assertEquals(client(headers, { peer: "::ffff:192.0.2.1" }), "203.0.113.7 0");
  assertEquals(client(headers, { peer: "fd00::7" }), "203.0.113.7 0");
});

Deno.test("createClientOf() takes the proxy's element, whatever the client wrote before it", () => {
  const own = "for=203.0.113.7;proto=https";
  const before = [
    "nonsense",
    'for="unclosed',
    'for="unclosed, for="',
    "for=6.6.6.6;for=7.7.7.7",
    'x="a\\"',
    "for=unknown=",
    ";;;",
    ",,,",
    '"',
    "for=_hidden",
  ];
  for (const text of before) {
    assertEquals(forwarded(`${text}, ${own}`), "203.0.113.7 0", text);
    assertEquals(listed(`${text}, 203.0.113.7`), "203.0.113.7 0", text);
  }
});

Deno.test("createClientOf() reads every form of RFC 7239 and RFC 9110, section 5.6.1.2", () => {
  const forms = [
    "for=203.0.113.7;",
    ";for=203.0.113.7",
    "for=203.0.113.7;;proto=https",
    ", for=203.0.113.7 ,",
    "for=203.0.113.7 ; by=10.0.0.1",
    "FOR=203.0.113.7;Proto=HTTP",
    'for="203.0.113.7"',
    'for="203.0.113.\\7"',
    'ext="a, b; c=\\"d";for=203.0.113.7',
    'for=203.0.113.7, for="[::ffff:10.0.0.1]";ext=","',
  ];
  for (const form of forms) assertEquals(forwarded(form), "203.0.113.7 0", form);
  assertEquals(forwarded('for="203.0.113.7:_port"'), "203.0.113.7 0");
  assertEquals(forwarded('for="[2001:DB8::17]:_x"'), "2001:db8::17 0");
  for (const bad of ["for=203.0.113.7;for=203.0.113.7", "for=203.0.113.7;=", 'for="203.0.113.7']) {
    assertEquals(forwarded(bad), "127.0.0.1 1234", bad);
  }
});

Deno.test("createClientOf() takes the scheme of the hop that it takes the address of", () => {
  const scheme = (headers: Record<string, string>) =>
    createClientOf(TRUSTED)(PROXY, (name) => headers[name]).scheme;
  assertEquals(
    scheme({ forwarded: "for=203.0.113.7;proto=HTTPS, for=10.0.0.1;proto=http" }),
    "https",
  );
  assertEquals(scheme({ forwarded: "for=6.6.6.6;proto=https, for=203.0.113.7" }), undefined);
  const listed = { "x-forwarded-for": "203.0.113.7, 10.0.0.1" };
  assertEquals(scheme({ ...listed, "x-forwarded-proto": "https, http" }), "https");
  assertEquals(scheme({ ...listed, "x-forwarded-proto": "https" }), "https");
  assertEquals(scheme({ "x-forwarded-proto": "http" }), "http");
  assertEquals(scheme({ ...listed, "x-forwarded-proto": "gopher" }), undefined);
  assertEquals(scheme({}), undefined);
});

Deno.test("createClientOf() says whether a listed proxy passed the request on", () => {
  const isForwarded = (peer: string, headers: Record<string, string>) =>
    createClientOf(TRUSTED)({ ...PROXY, hostname: peer }, (name) => headers[name]).isForwarded;
  assertEquals(isForwarded("127.0.0.1", { "x-forwarded-for": "203.0.113.7" }), true);
  assertEquals(isForwarded("127.0.0.1", { forwarded: "for=unknown" }), true);
  // A browser on the same machine sends none of these headers.
  assertEquals(isForwarded("127.0.0.1", {}), false);
  assertEquals(isForwarded("203.0.113.7", { forwarded: "for=10.0.0.1" }), false);
});

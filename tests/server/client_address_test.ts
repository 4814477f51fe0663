import { assertEquals } from "../helpers/assert.ts";
import { createClientAddressOf, isAddressRange } from "../../src/server/client_address.ts";

const PROXY = { transport: "tcp", hostname: "127.0.0.1", port: 1234 } as const;
const TRUSTED = ["127.0.0.0/8", "10.0.0.0/8", "fd00::/8", "192.0.2.1"];

/** `host:port` that is found for these headers. */
function client(
  headers: Record<string, string>,
  { peer = "127.0.0.1", trusted = TRUSTED }: { peer?: string; trusted?: string[] } = {},
): string {
  const found = createClientAddressOf(trusted)(
    { ...PROXY, hostname: peer },
    (name) => headers[name],
  );
  return "hostname" in found ? `${found.hostname} ${found.port}` : "";
}

const listed = (value: string) => client({ "x-forwarded-for": value });
const forwarded = (value: string) => client({ forwarded: value });

Deno.test("createClientAddressOf() reads X-Forwarded-For from the right, up to the first untrusted", () => {
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

Deno.test("createClientAddressOf() reads Forwarded (RFC 7239) likewise", () => {
  assertEquals(forwarded("for=203.0.113.7"), "203.0.113.7 0");
  assertEquals(
    forwarded('for=6.6.6.6, For="[2001:db8::17]:4711";proto=https'),
    "2001:db8::17 4711",
  );
  assertEquals(forwarded("for=203.0.113.7;by=10.0.0.1, for=10.1.2.3"), "203.0.113.7 0");
});

Deno.test("createClientAddressOf() stays with the proxy where no address is told", () => {
  const proxy = "127.0.0.1 1234";
  assertEquals(client({}), proxy);
  for (const value of ["", "unknown", "203.0.113.7, evil", "999.1.1.1", "10.1", "a\tb", ",,"]) {
    assertEquals(listed(value), proxy, value);
  }
  for (const value of ["", "for=unknown", "for=_hidden", "proto=https", "for=1.2.3.4:5", "=;,"]) {
    assertEquals(forwarded(value), proxy, value);
  }
});

Deno.test("createClientAddressOf() stays with the proxy where both headers tell different ones", () => {
  const both = (listed: string, forwarded: string) =>
    client({ "x-forwarded-for": listed, forwarded });
  // The proxy wrote one of them; the other one is the client's own invention.
  assertEquals(both("203.0.113.7", "for=6.6.6.6"), "127.0.0.1 1234");
  assertEquals(both("6.6.6.6", "for=203.0.113.7"), "127.0.0.1 1234");
  assertEquals(both("203.0.113.7", "for=unknown"), "127.0.0.1 1234");
  assertEquals(both("unknown", "for=203.0.113.7"), "127.0.0.1 1234");
  assertEquals(both("203.0.113.7", 'for="203.0.113.7:99"'), "203.0.113.7 99");
});

Deno.test("createClientAddressOf() believes nobody who is not listed", () => {
  const headers = { "x-forwarded-for": "203.0.113.7", forwarded: "for=203.0.113.7" };
  assertEquals(client(headers, { trusted: [] }), "127.0.0.1 1234");
  assertEquals(client(headers, { peer: "198.51.100.1" }), "198.51.100.1 1234");
  assertEquals(client(headers, { peer: "192.0.2.2" }), "192.0.2.2 1234");
  // A proxy that is listed by its IPv4 address may come in over a socket of both families.
  assertEquals(client(headers, { peer: "::ffff:192.0.2.1" }), "203.0.113.7 0");
  assertEquals(client(headers, { peer: "fd00::7" }), "203.0.113.7 0");
});

Deno.test("isAddressRange() takes addresses and ranges of both families, nothing else", () => {
  for (const good of ["10.0.0.1", "10.0.0.0/8", "::1", "fd00::/8", "0.0.0.0/0"]) {
    assertEquals(isAddressRange(good), true, good);
  }
  for (const bad of ["", "10.1", "10.0.0.0/33", "10.0.0.0/", "/8", "host", "::1/129", "*"]) {
    assertEquals(isAddressRange(bad), false, bad);
  }
});

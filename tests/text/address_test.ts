import fc from "fast-check";
import { formatAddr } from "../../src/text/address.ts";
import {
  isInRange,
  isLoopbackHost,
  normalizeAddress,
  normalizeHost,
  parseAddressRange,
} from "../../src/text/mod.ts";
import { assert, assertEquals } from "../helpers/assert.ts";

Deno.test("formatAddr() writes host and port, with brackets around IPv6", () => {
  assertEquals(formatAddr({ transport: "tcp", hostname: "10.0.0.1", port: 80 }), "10.0.0.1:80");
  assertEquals(formatAddr({ transport: "tcp", hostname: "::1", port: 80 }), "[::1]:80");
  assertEquals(formatAddr({ transport: "unix", path: "/run/x.sock" }), "/run/x.sock");
});

Deno.test("isLoopbackHost() knows this machine from look-alikes", () => {
  const own = ["localhost", "LocalHost", "a.localhost", "127.0.0.1", "127.9.9.9", "::1", "[::1]"];
  const mapped = [
    "localhost.",
    "a.localhost.",
    "::ffff:127.0.0.1",
    "::ffff:7f00:1",
    "0:0:0:0:0:0:0:1",
  ];
  for (const host of [...own, ...mapped]) assertEquals(isLoopbackHost(host), true, host);
  const others = ["0.0.0.0", "::", "128.0.0.1", "127.0.0.1.evil.net", "evillocalhost", ""];
  for (const host of [...others, "127.999.0.1", "127.1"]) {
    assertEquals(isLoopbackHost(host), false, host);
  }
});

Deno.test("normalizeHost() gives names and addresses one spelling, and refuses old forms", () => {
  const cases: [string, string | undefined][] = [
    ["Example.COM", "example.com"],
    ["my_host-1", "my_host-1"],
    ["127.0.0.1", "127.0.0.1"],
    ["0:0:0:0:0:0:0:1", "::1"],
    ["[::1]", "::1"],
    ["::FFFF:10.0.0.1", "10.0.0.1"],
    ...["", "*", " a", "a b", "a..b", ".a", "a.", "a/b", "-".repeat(64), "a.".repeat(127) + "b"]
      .map((text): [string, undefined] => [text, undefined]),
    ...["0", "127.1", "2130706433", "0x7f.0.0.1", "0177.0.0.1", "127.000.000.001", "1.2.3.256"]
      .map((text): [string, undefined] => [text, undefined]),
    ...["[127.0.0.1]", "[::1", "::1]", "fe80::1%eth0", "[fe80::1%1]", "1::2::3", "münchen.de"]
      .map((text): [string, undefined] => [text, undefined]),
  ];
  for (const [text, expected] of cases) assertEquals(normalizeHost(text), expected, text);
});

Deno.test("parseAddressRange() takes addresses and ranges of both families, nothing else", () => {
  const good = ["10.0.0.1", "10.0.0.0/8", "::1", "fd00::/8", "0.0.0.0/0", "::/0"];
  for (const text of [...good, "::ffff:10.0.0.0/104", "::ffff:a00:0/104", "10.1.2.3/8"]) {
    assert(parseAddressRange(text) !== undefined, text);
  }
  const bad = ["", "10.1", "10.0/8", "10.0.0.0/33", "10.0.0.0/08", "10.0.0.0/", "/8", "host", "*"];
  for (const text of [...bad, "::1/129", "[::1]", "fe80::%eth0/10", " 10.0.0.1", "10.0.0.0/8/8"]) {
    assertEquals(parseAddressRange(text), undefined, text);
  }
});

Deno.test("isInRange() finds an address in all spellings of its range", () => {
  for (const range of ["10.0.0.0/8", "::ffff:10.0.0.0/104", "::ffff:a00:0/104", "10.9.9.9/8"]) {
    const parsed = parseAddressRange(range)!;
    for (const address of ["10.1.2.3", "::ffff:10.1.2.3", "::ffff:a01:203"]) {
      assertEquals(isInRange(address, parsed), true, `${address} in ${range}`);
    }
    for (const address of ["11.0.0.1", "::a00:1", "fd00::1", "nobody", ""]) {
      assertEquals(isInRange(address, parsed), false, `${address} in ${range}`);
    }
  }
  assertEquals(isInRange("fe80::1%eth0", parseAddressRange("fe80::/10")!), true);
  assertEquals(isInRange("10.0.0.1", parseAddressRange("::/0")!), true);
  assertEquals(isInRange("fd00::1", parseAddressRange("0.0.0.0/0")!), false);
});

Deno.test("what parseAddressRange() takes, isInRange() matches: its first and last address", () => {
  const ipv4 = fc.tuple(fc.ipV4(), fc.integer({ min: 0, max: 32 }));
  const ipv6 = fc.tuple(fc.ipV6(), fc.integer({ min: 0, max: 128 }));
  fc.assert(fc.property(fc.oneof(ipv4, ipv6), fc.nat(), ([address, bits], noise) => {
    const range = parseAddressRange(`${address}/${bits}`);
    assert(range !== undefined, `${address}/${bits}`);
    assertEquals(isInRange(address, range), true);
    assertEquals(isInRange(normalizeAddress(address)!, range), true);
    // One bit of the prefix changed leaves the range; one behind it does not.
    const bytes = [...range.bytes];
    const bit = noise % 128;
    bytes[bit >> 3]! ^= 0x80 >> (bit & 7);
    const groups = Array.from(
      { length: 8 },
      (_, index) => ((bytes[2 * index]! << 8) | bytes[2 * index + 1]!).toString(16),
    );
    assertEquals(isInRange(groups.join(":"), range), bit >= range.bits, `bit ${bit}`);
  }));
});

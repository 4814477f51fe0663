import { formatAddr } from "../../src/websocket/address.ts";
import { isLoopbackHost } from "../../src/websocket/mod.ts";
import { assertEquals } from "../helpers/assert.ts";

Deno.test("formatAddr() writes host and port, with brackets around IPv6", () => {
  assertEquals(formatAddr({ transport: "tcp", hostname: "10.0.0.1", port: 80 }), "10.0.0.1:80");
  assertEquals(formatAddr({ transport: "tcp", hostname: "::1", port: 80 }), "[::1]:80");
  assertEquals(formatAddr({ transport: "unix", path: "/run/x.sock" }), "/run/x.sock");
});

Deno.test("isLoopbackHost() knows this machine from look-alikes", () => {
  const own = ["localhost", "a.localhost", "127.0.0.1", "127.9.9.9", "::1", "[::1]"];
  for (const host of [...own, "::ffff:127.0.0.1"]) assertEquals(isLoopbackHost(host), true, host);
  const others = ["0.0.0.0", "::", "128.0.0.1", "127.0.0.1.evil.net", "evillocalhost", ""];
  for (const host of others) assertEquals(isLoopbackHost(host), false, host);
});

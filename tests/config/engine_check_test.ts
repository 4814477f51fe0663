import { ConfigError, parseConfig } from "../../src/config/mod.ts";
import { assertEquals, assertThrows } from "../helpers/assert.ts";

const tls = { cert: "cert.pem", key: "key.pem" };

function problems(
  endpoints: Record<string, Record<string, unknown>>,
  listen: Record<string, unknown> = {},
): readonly string[] {
  const withPools = Object.entries(endpoints).map((
    [path, each],
  ) => [path, { pool: ["p"], ...each }]);
  const root = {
    listen,
    processes: { p: { behavior: "echo" } },
    endpoints: Object.fromEntries(withPools),
  };
  try {
    parseConfig(root, () => "troupe.json");
    return [];
  } catch {
    return assertThrows(() => parseConfig(root, () => "troupe.json"), ConfigError).problems;
  }
}

Deno.test("parseConfig() refuses an engine native that is asked for what it does not have", () => {
  assertEquals(problems({ "/ws": { engine: "native", compression: true, pingPeriod: "5s" } }), [
    'Cannot use troupe.json: endpoints["/ws"].compression is true, which engine "native" ' +
    'does not have, expected engine "auto" or "ws"',
    'Cannot use troupe.json: endpoints["/ws"].pingPeriod is "5s", which engine "native" ' +
    'does not have, expected engine "auto" or "ws"',
  ]);
  assertEquals(problems({ "/ws": { engine: "native", compression: false } }), []);
  assertEquals(problems({ "/ws": { engine: "ws", compression: true, pingPeriod: "5s" } }), []);
});

Deno.test("parseConfig() refuses engine native beside an endpoint that needs ws, by name", () => {
  const native = { engine: "native" };
  const refused = (why: string) => [
    `Cannot use troupe.json: endpoints["/a"].engine is "native", but a listener has one engine, ` +
    `and endpoint "/b" has "ws" (${why}), expected "auto" or "ws", or "native" for all endpoints`,
  ];
  assertEquals(problems({ "/a": native, "/b": { engine: "ws" } }), refused("as configured"));
  assertEquals(
    problems({ "/a": native, "/b": { rateLimit: { messagesPerSecond: 1, burst: 1 } } }),
    refused("it asks for rateLimit"),
  );
  assertEquals(problems({ "/a": native, "/b": {} }, { tls }), refused("with TLS"));
  const open = { hostname: "0.0.0.0" };
  assertEquals(problems({ "/a": native, "/b": {} }, open), refused("on a public address"));
  assertEquals(problems({ "/a": native, "/b": {} }), []);
  assertEquals(problems({ "/a": native, "/b": native }, { tls }), []);
  assertEquals(problems({ "/a": native }, { keepAliveTimeout: "5s" }), [
    'Cannot use troupe.json: listen.keepAliveTimeout is "5s", which engine "native" does not ' +
    'have, expected engine "auto" or "ws"',
  ]);
});

Deno.test("parseConfig() takes trustProxy as false or a list of addresses and ranges", () => {
  assertEquals(parseConfig({}).listen.trustProxy, []);
  assertEquals(parseConfig({ listen: { trustProxy: false } }).listen.trustProxy, []);
  const trustProxy = ["127.0.0.1", "10.0.0.0/8", "::1", "fd00::/8"];
  assertEquals(parseConfig({ listen: { trustProxy } }).listen.trustProxy, trustProxy);
  for (const wrong of ["10.0.0.0/33", "localhost", "10.1", ""]) {
    const [problem] = problems({ "/ws": {} }, { trustProxy: [wrong] });
    assertEquals(
      problem,
      `Cannot use troupe.json: listen.trustProxy[0] is ${JSON.stringify(wrong)}, ` +
        'expected an IP address or a range such as "10.0.0.0/8"',
    );
  }
  assertEquals(problems({ "/ws": {} }, { trustProxy: true }), [
    "Cannot use troupe.json: listen.trustProxy is true, " +
    'expected false, or a list with an IP address or a range such as "10.0.0.0/8"',
  ]);
});

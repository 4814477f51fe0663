import { chooseEngine, exposedEndpoints, parseConfig } from "../../src/config/mod.ts";
import { assertEquals } from "../helpers/assert.ts";

function choice(endpoint: Record<string, unknown>, listen: Record<string, unknown> = {}) {
  const processes = { p: { behavior: "echo" } };
  const config = parseConfig({
    listen,
    processes,
    endpoints: { "/ws": { pool: ["p"], ...endpoint } },
  });
  const { engine, reasons, exposed } = chooseEngine(config);
  return { engine, reason: reasons.get("/ws"), exposed };
}

Deno.test("chooseEngine() gives native for auto on a loopback address", () => {
  for (const hostname of ["127.0.0.1", "localhost", "::1"]) {
    const { engine, exposed, reason } = choice({}, { hostname });
    assertEquals([engine, exposed, reason], ["native", false, "on a loopback address"]);
  }
});

Deno.test("chooseEngine() gives ws for auto where others can reach it", () => {
  const tls = { cert: "cert.pem", key: "key.pem" };
  const cases: [Record<string, unknown>, string][] = [
    [{ hostname: "0.0.0.0" }, "on a public address"],
    [{ hostname: "example.com" }, "on a public address"],
    [{ trustProxy: ["127.0.0.1"] }, "behind a proxy"],
    [{ tls }, "with TLS"],
    [{ keepAliveTimeout: "5s" }, "with listen.keepAliveTimeout"],
  ];
  for (const [listen, reason] of cases) {
    assertEquals(choice({}, listen), { engine: "ws", reason, exposed: false });
  }
});

Deno.test("chooseEngine() gives ws for auto to who asks for what only ws does", () => {
  const wishes = {
    compression: true,
    readTimeout: "1m",
    writeTimeout: "1s",
    pingPeriod: "5s",
    pongTimeout: "2m",
    readBufferSize: "8KiB",
    writeBufferSize: "8KiB",
    rateLimit: { messagesPerSecond: 50, burst: 100 },
  };
  for (const [key, value] of Object.entries(wishes)) {
    assertEquals(choice({ [key]: value }).reason, `it asks for ${key}`);
    assertEquals(choice({ [key]: value }).engine, "ws");
  }
  const defaults = { compression: false, writeTimeout: "10s", pingPeriod: 54_000, readTimeout: 0 };
  assertEquals(choice({ ...defaults, maxConnectionsPerIp: 5, maxMessageSize: 1 }).engine, "native");
});

Deno.test("chooseEngine() does as it is told, and says where native is exposed", () => {
  const reason = "as configured";
  const open = { hostname: "::" };
  assertEquals(choice({ engine: "ws" }), { engine: "ws", reason, exposed: false });
  assertEquals(choice({ engine: "native" }), { engine: "native", reason, exposed: false });
  assertEquals(choice({ engine: "native" }, open), { engine: "native", reason, exposed: true });
});

Deno.test("exposedEndpoints() names the endpoints with native on a public address only", () => {
  const pool = ["p"];
  const config = (hostname: string) =>
    parseConfig({
      listen: { hostname },
      processes: { p: { behavior: "echo" } },
      endpoints: { "/native": { pool, engine: "native" } },
    });
  assertEquals(exposedEndpoints(config("0.0.0.0")), ["/native"]);
  assertEquals(exposedEndpoints(config("127.0.0.1")), []);
});

Deno.test("chooseEngine() gives all endpoints of a listener one engine, and says because of whom", () => {
  const choices = (endpoints: Record<string, object>) => {
    const processes = { p: { behavior: "echo" } };
    const withPools = Object.entries(endpoints)
      .map(([path, each]) => [path, { pool: ["p"], ...each }]);
    const { engine, reasons } = chooseEngine(
      parseConfig({ processes, endpoints: Object.fromEntries(withPools) }),
    );
    return [engine, ...reasons.values()];
  };
  assertEquals(choices({ "/a": {}, "/b": { compression: true } }), [
    "ws",
    "since /b has it: it asks for compression",
    "it asks for compression",
  ]);
  assertEquals(choices({ "/a": { engine: "ws" }, "/b": {} }), [
    "ws",
    "as configured",
    "since /a has it: as configured",
  ]);
  assertEquals(choices({ "/a": { engine: "native" }, "/b": {} }), [
    "native",
    "as configured",
    "on a loopback address",
  ]);
  assertEquals(choices({}), ["native"]);
});

import { type Config, parseConfig, planReload } from "../../src/config/mod.ts";
import { assertEquals } from "../helpers/assert.ts";

function configWith(root: Record<string, unknown>, endpoint: Record<string, unknown> = {}) {
  const processes = { p: { behavior: "echo" } };
  return parseConfig({ processes, endpoints: { "/ws": { pool: ["p"], ...endpoint } }, ...root });
}

const laterOf = (running: Config, next: Config) => planReload(running, next).later;

Deno.test("planReload().later leaves out what a running server takes over", () => {
  const after = configWith({ log: { level: "debug" } }, {
    origins: "*",
    maxMessageSize: 1,
    sendQueueSize: 1,
    maxConnections: 1,
    maxConnectionsPerIp: 1,
  });
  assertEquals(laterOf(configWith({}), after), []);
});

Deno.test("planReload().later leaves out times and rates, unless they change the engine", () => {
  const limits = {
    readTimeout: 1,
    writeTimeout: 1,
    pingPeriod: 1,
    pongTimeout: 2,
    rateLimit: { messagesPerSecond: 1, burst: 1 },
  };
  const ws = { engine: "ws" };
  assertEquals(laterOf(configWith({}, ws), configWith({}, { ...ws, ...limits })), []);
  // With these `auto` stands for another engine, which a handler cannot change.
  assertEquals(
    laterOf(configWith({}), configWith({}, limits)).toSorted(),
    ["engine", "pingPeriod", "pongTimeout", "rateLimit", "readTimeout", "writeTimeout"]
      .map((key) => `endpoints./ws.${key}`),
  );
});

Deno.test("planReload().later leaves out other certificate files, not TLS itself", () => {
  const tls = (cert: string) => configWith({ listen: { tls: { cert, key: "key.pem" } } });
  assertEquals(laterOf(tls("a.pem"), tls("b.pem")), []);
  assertEquals(laterOf(configWith({}), tls("a.pem")), ["listen", "endpoints./ws.engine"]);
});

Deno.test("planReload().later names every other key that has changed", () => {
  const after = configWith(
    { node: { name: "x@y" }, listen: { port: 1 }, drain: { delay: 1 }, log: { format: "json" } },
    { targetLost: "next" },
  );
  assertEquals(
    laterOf(configWith({}), after),
    ["node", "listen", "drain", "log.format", "endpoints./ws.targetLost"],
  );
});

Deno.test("planReload() gives a handler exactly what does not wait", () => {
  const before = configWith({}, { maxConnections: 5 });
  const after = configWith({}, { maxConnections: 6, maxMessageSize: 10, readTimeout: "9s" });
  const { endpoints, later } = planReload(before, after);
  assertEquals(later, ["endpoints./ws.readTimeout", "endpoints./ws.engine"]);
  const { maxConnections, maxMessageBytes, readTimeoutMs, rateLimit } = endpoints.get("/ws")!;
  assertEquals([maxConnections, maxMessageBytes, readTimeoutMs, rateLimit], [6, 10, 0, undefined]);
});

Deno.test("planReload() lets engine ws take over what it would be native without", () => {
  const before = configWith({}, { readTimeout: "9s" });
  const { endpoints, later } = planReload(before, configWith({}));
  assertEquals(endpoints.get("/ws")!.readTimeoutMs, 0);
  assertEquals(later, ["endpoints./ws.engine"]);
});

Deno.test("planReload() names endpoints that come and go", () => {
  const endpoints = { "/new": { pool: ["p"] } };
  const after = parseConfig({ processes: { p: { behavior: "echo" } }, endpoints });
  const plan = planReload(configWith({}), after);
  assertEquals(plan.later, ["endpoints./ws", "endpoints./new"]);
  assertEquals(plan.endpoints.size, 0);
});

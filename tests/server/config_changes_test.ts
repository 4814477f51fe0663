import { assertEquals } from "../helpers/assert.ts";
import { changesForNextStart, parseConfig } from "../../src/server/mod.ts";

function configWith(root: Record<string, unknown>, endpoint: Record<string, unknown> = {}) {
  const processes = { p: { behavior: "echo" } };
  return parseConfig({ processes, endpoints: { "/ws": { pool: ["p"], ...endpoint } }, ...root });
}

Deno.test("changesForNextStart() leaves out what a running server takes over", () => {
  const after = configWith({ log: { level: "debug" } }, {
    origins: "*",
    maxMessageSize: 1,
    sendQueueSize: 1,
    maxConnections: 1,
    maxConnectionsPerIp: 1,
  });
  assertEquals(changesForNextStart(configWith({}), after), []);
});

Deno.test("changesForNextStart() leaves out times and rates, unless they change the engine", () => {
  const limits = {
    readTimeout: 1,
    writeTimeout: 1,
    pingPeriod: 1,
    pongTimeout: 2,
    rateLimit: { messagesPerSecond: 1, burst: 1 },
  };
  const ws = { engine: "ws" };
  assertEquals(changesForNextStart(configWith({}, ws), configWith({}, { ...ws, ...limits })), []);
  // With these `auto` stands for another engine, which a handler cannot change.
  assertEquals(changesForNextStart(configWith({}), configWith({}, limits)), ["endpoints"]);
});

Deno.test("changesForNextStart() leaves out other certificate files, not TLS itself", () => {
  const tls = (cert: string) => configWith({ listen: { tls: { cert, key: "key.pem" } } });
  assertEquals(changesForNextStart(tls("a.pem"), tls("b.pem")), []);
  assertEquals(changesForNextStart(configWith({}), tls("a.pem")), ["listen", "endpoints"]);
});

Deno.test("changesForNextStart() names every other key that has changed", () => {
  const after = configWith(
    { node: { name: "x@y" }, listen: { port: 1 }, drain: { delay: 1 }, log: { format: "json" } },
    { targetLost: "next" },
  );
  assertEquals(
    changesForNextStart(configWith({}), after),
    ["node", "listen", "endpoints", "drain", "log.format"],
  );
});

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
  });
  assertEquals(changesForNextStart(configWith({}), after), []);
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

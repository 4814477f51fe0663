import { ConfigError, parseConfig } from "../../src/config/mod.ts";
import { assertEquals, assertThrows } from "../helpers/assert.ts";

const cluster = { nats: { servers: "nats://127.0.0.1:4222" } };

function problemsOf(root: unknown): readonly string[] {
  return assertThrows(() => parseConfig(root), ConfigError).problems;
}

Deno.test("parseConfig() takes keyed processes that are global, in a cluster", () => {
  const room = { module: "./room.ts", keyed: true, scope: "global" };
  const { processes } = parseConfig({ cluster, processes: { room } });
  assertEquals([processes["room"]?.keyed, processes["room"]?.scope], [true, "global"]);
  assertEquals(problemsOf({ processes: { room } }), [
    'Cannot use the configuration: processes.room.scope is "global", but there is no cluster to be global in',
  ]);
});

Deno.test("parseConfig() takes processes that are global to the workers of one machine", () => {
  const processes = { board: { module: "./board.ts", scope: "global" } };
  for (const workers of [2, "auto"]) {
    const config = parseConfig({ node: { workers }, processes });
    assertEquals(config.processes["board"]?.scope, "global");
  }
  assertEquals(problemsOf({ node: { workers: 1 }, processes }).length, 1);
});

Deno.test("parseConfig() refuses a program for each connection that is to be global", () => {
  const bot = { program: ["sh"], per: "connection", scope: "global" };
  assertEquals(problemsOf({ cluster, processes: { bot } }), [
    'Cannot use the configuration: processes.bot.scope is "global", but a program for each connection runs beside it, ' +
    'expected "local"',
  ]);
});

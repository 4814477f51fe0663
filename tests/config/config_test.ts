import { ConfigError, configJsonSchema, parseConfig } from "../../src/config/mod.ts";
import { HANDLER_DEFAULTS } from "../../src/websocket/mod.ts";
import { assert, assertEquals, assertStringIncludes, assertThrows } from "../helpers/assert.ts";

/** The problems of a configuration, one line each. */
function problems(root: unknown): readonly string[] {
  return assertThrows(() => parseConfig(root, () => "troupe.json"), ConfigError).problems;
}

const ECHO = { processes: { echo: { behavior: "echo" } } };
const withEndpoint = (endpoint: unknown) => ({ ...ECHO, endpoints: { "/ws": endpoint } });

Deno.test("parseConfig() without anything is the embedded echo with all defaults", () => {
  const config = parseConfig({});
  assertEquals(config.node, { name: "troupe@localhost", workers: 1 });
  assertEquals([config.listen.hostname, config.listen.port], ["127.0.0.1", 8080]);
  assertEquals(config.processes.echo?.instances, 3);
  assertEquals(config.drain, { delayMs: 0, timeoutMs: 8_000 });
  const ws = config.endpoints["/ws"];
  assertEquals(ws?.pool, ["echo_1", "echo_2", "echo_3"]);
  assertEquals(ws?.handshakeTimeoutMs, HANDLER_DEFAULTS.handshakeTimeoutMs);
  assertEquals(ws?.maxMessageBytes, HANDLER_DEFAULTS.maxMessageBytes);
  assertEquals(ws?.sendQueueBytes, HANDLER_DEFAULTS.sendQueueBytes);
  assertEquals(ws?.origins, HANDLER_DEFAULTS.origins);
  assertEquals(config.endpoints["/chat"]?.pool, ["chat"]);
  assertEquals(config.processes.chat?.behavior, "chat");
});

Deno.test("parseConfig() keeps the embedded echo only if nothing else is declared", () => {
  assertEquals(Object.keys(parseConfig({ listen: { port: 0 } }).endpoints), [
    "/ws",
    "/chat",
    "/topics",
  ]);
  assertEquals(parseConfig(ECHO).endpoints, {});
});

Deno.test("parseConfig() checks the options of the behavior topics", () => {
  const withEnv = (env: unknown) => ({ processes: { topics: { behavior: "topics", env } } });
  assertEquals(problems(withEnv({ topics: ["news", "heartbeat"] })), [
    'Cannot use troupe.json: processes.topics.env has options of topics that it cannot use: topics[1] is "heartbeat", ' +
    "expected a name of 1 to 255 characters that is no message type",
  ]);
  assertEquals(problems(withEnv({ period: 5 })).length, 1);
  const env = { topics: ["news"], heartbeatPeriodMs: 100 };
  assertEquals(parseConfig(withEnv(env)).processes.topics?.env, env);
});

Deno.test("parseConfig() converts durations and sizes", () => {
  const config = parseConfig({
    ...withEndpoint({ pool: ["echo"], handshakeTimeout: "2m", maxMessageSize: "1MiB" }),
    drain: { delay: 250, timeout: "1.5s" },
  });
  assertEquals(config.drain, { delayMs: 250, timeoutMs: 1500 });
  assertEquals(config.endpoints["/ws"]?.handshakeTimeoutMs, 120_000);
  assertEquals(config.endpoints["/ws"]?.maxMessageBytes, 1_048_576);
});

Deno.test("parseConfig() takes every form of origins", () => {
  for (
    const origins of [
      "same-origin",
      "*",
      "https://a.example",
      ["same-origin", "https://*.a.example:8443", "http://[::1]:80"],
    ]
  ) {
    const config = parseConfig(withEndpoint({ pool: ["echo"], origins }));
    assertEquals(config.endpoints["/ws"]?.origins, origins);
  }
});

Deno.test("parseConfig() gives one instance its plain name and more of them numbers", () => {
  const pool = ["one", "two_1", "two_2"];
  const processes = { one: { behavior: "echo" }, two: { behavior: "echo", instances: 2 } };
  assertEquals(
    parseConfig({ processes, endpoints: { "/ws": { pool } } }).endpoints["/ws"]?.pool,
    pool,
  );
});

const CASES: readonly [name: string, root: unknown, line: string][] = [
  [
    "an unknown key",
    { listen: { prot: 1 } },
    'listen.prot is not a known key, expected one of "hostname", "port", "tls", "hosts", "trustProxy", "keepAliveTimeout", ' +
    '"maxOpenFiles"; did you mean "port"',
  ],
  [
    "an unknown key of an endpoint",
    withEndpoint({ pool: ["echo"], maxMesageSize: 1 }),
    'endpoints["/ws"].maxMesageSize is not a known key, expected one of "pool", "target", ' +
    '"handshakeTimeout", "targetLost", "compression", "origins", "subprotocols", ' +
    '"maxMessageSize", "readTimeout", "writeTimeout", "pingPeriod", "pongTimeout", ' +
    '"readBufferSize", "writeBufferSize", "sendQueueSize", "slowConsumer", "maxConnections", ' +
    '"maxConnectionsPerIp", "rateLimit", "accept", "engine", "eventPrefix", "binaryMessages", "auth", "users"; ' +
    'did you mean "maxMessageSize"',
  ],
  [
    "a wrong type",
    { listen: { port: "80a" } },
    'listen.port is "80a", expected a port, a whole number from 0 to 65535',
  ],
  ["no object", [1], "it is [1], expected an object"],
  [
    "a negative limit",
    withEndpoint({ pool: ["echo"], maxMessageSize: -5 }),
    'endpoints["/ws"].maxMessageSize is -5, expected a size: bytes, or text such as "512B", ' +
    '"64KiB" or "1MiB", at least 1',
  ],
  [
    "a bad duration",
    { drain: { timeout: "20 sec" } },
    'drain.timeout is "20 sec", expected a duration: milliseconds, or text such as "250ms", ' +
    '"15s" or "2m"',
  ],
  [
    "a pool that names no declared process",
    withEndpoint({ pool: ["ecco"] }),
    'endpoints["/ws"].pool[0] is "ecco", which is not declared in processes, expected one of ' +
    '"echo"; did you mean "echo"',
  ],
  [
    "an empty pool",
    withEndpoint({ pool: [] }),
    'endpoints["/ws"].pool is [], expected a list of at least one name of a process',
  ],
  [
    "a missing pool",
    withEndpoint({}),
    'endpoints["/ws"] has neither pool nor target, expected one of them',
  ],
  [
    "a path without a slash",
    { ...ECHO, endpoints: { ws: { pool: ["echo"] } } },
    'endpoints.ws has an impossible name, expected a path of segments that are literal, ":name", ' +
    'or "*" at the end, such as "/ws", "/game/:room" or "/files/*", without query, fragment, ' +
    "characters to escape or other signs of URLPattern",
  ],
  [
    "a path of the server itself",
    { ...ECHO, endpoints: { "/metrics": { pool: ["echo"] } } },
    'endpoints["/metrics"] is a path that the server answers itself, expected one other than ' +
    '"/troupe.js", "/troupe.d.ts", "/health/live", "/health/ready", "/metrics"',
  ],
  [
    "an origin with a path",
    withEndpoint({ pool: ["echo"], origins: ["https://a.example/"] }),
    'endpoints["/ws"].origins[0] is "https://a.example/", expected "same-origin", "*", an origin ' +
    'such as "https://example.com", or "https://*.example.com:8443"',
  ],
  [
    "an origin without a scheme",
    withEndpoint({ pool: ["echo"], origins: "example.com" }),
    'endpoints["/ws"].origins is "example.com", expected "same-origin", "*", an origin ' +
    'such as "https://example.com", or "https://*.example.com:8443", or a list of them',
  ],
  [
    "an origin with an impossible port",
    withEndpoint({ pool: ["echo"], origins: ["https://a.example:99999"] }),
    'endpoints["/ws"].origins[0] is "https://a.example:99999", expected "same-origin", "*", ' +
    'an origin such as "https://example.com", or "https://*.example.com:8443"',
  ],
  [
    "a process of no kind",
    { processes: { board: {} } },
    "processes.board has neither behavior, module nor program, expected one of them",
  ],
  [
    "a process of both kinds",
    { processes: { board: { behavior: "echo", module: "./b.ts" } } },
    "processes.board has both behavior and module, expected one of them",
  ],
  [
    "instances that collide",
    { processes: { a: { behavior: "echo", instances: 2 }, a_2: { behavior: "echo" } } },
    'processes.a_2 has an instance "a_2", which is also one of "a"',
  ],
  [
    "a control character in a value",
    { log: { level: "x\n\u001b[31m" } },
    'log.level is "x\\n\\u001b[31m", expected one of "trace", "debug", "info", "warning", ' +
    '"error", "fatal"',
  ],
];

for (const [name, root, line] of CASES) {
  Deno.test(`parseConfig() names source, key, value and expectation of ${name}`, () => {
    assertEquals(problems(root), [`Cannot use troupe.json: ${line}`]);
  });
}

Deno.test("parseConfig() finds a ping period that is not below the pong timeout", () => {
  for (
    const [pingPeriod, pongTimeout] of [["60s", "60s"], [61_000, undefined], [undefined, "1s"]]
  ) {
    const lines = problems(withEndpoint({
      pool: ["echo"],
      ...(pingPeriod === undefined ? {} : { pingPeriod }),
      ...(pongTimeout === undefined ? {} : { pongTimeout }),
    }));
    assert(
      lines.some((line) =>
        line.includes(".pingPeriod is ") && line.includes("less than pongTimeout")
      ),
      lines.join("\n"),
    );
  }
});

Deno.test("parseConfig() tells all problems at once", () => {
  const lines = problems({
    foo: 1,
    listen: { port: -1, hostname: "" },
    processes: { x: { behavior: "ecco", instances: 0 } },
    endpoints: { "/ws": { pool: ["y"], engine: "warp" } },
  });
  const keys = ["foo", "listen.port", "listen.hostname", "processes.x.behavior"]
    .concat("processes.x.instances", 'endpoints["/ws"].pool[0]', 'endpoints["/ws"].engine');
  for (const key of keys) {
    assert(lines.some((line) => line.startsWith(`Cannot use troupe.json: ${key} `)), key);
  }
  assertEquals(lines.length, keys.length);
});

Deno.test("parseConfig() refuses __proto__ anywhere and leaves prototypes alone", () => {
  const root = JSON.parse(
    '{"__proto__":{"a":1},"processes":{"p":{"behavior":"echo","env":{"x":[{"__proto__":1}]}}}}',
  );
  assertEquals(problems(root), [
    "Cannot use troupe.json: __proto__ is refused as a key",
    "Cannot use troupe.json: processes.p.env.x[0].__proto__ is refused as a key",
  ]);
  assertEquals(({} as { a?: number }).a, undefined);
});

Deno.test("parseConfig() refuses cycles and absurd nesting", () => {
  const cycle: Record<string, unknown> = {};
  cycle.x = cycle;
  const env = (value: unknown) => ({ processes: { p: { behavior: "echo", env: { value } } } });
  assert(problems(env(cycle))[0]?.includes("contains itself"));
  let deep: unknown = 1;
  for (let i = 0; i < 100; i++) deep = [deep];
  assert(problems(env(deep))[0]?.includes("nested deeper than 64 levels"));
});

Deno.test("configJsonSchema() describes every key and accepts no other", () => {
  const schema = JSON.parse(JSON.stringify(configJsonSchema()));
  assertEquals(schema.additionalProperties, false);
  const endpoint = schema.properties.endpoints.additionalProperties;
  assertEquals(endpoint.additionalProperties, false);
  assertEquals(endpoint.properties.maxMessageSize.default, "64KiB");
  for (const [key, value] of Object.entries<{ description?: string }>(endpoint.properties)) {
    assert(value.description !== undefined, key);
  }
});

Deno.test("parseConfig() takes keyed processes, and refuses what does not go with them", () => {
  const endpoints = { "/echo": { pool: ["echo"] } };
  const { processes } = parseConfig({
    processes: {
      echo: { behavior: "echo" },
      game: { module: "./g.ts", keyed: true, idleTimeout: "1m" },
    },
    endpoints,
  });
  const { keyed, idleTimeoutMs, maxKeys } = processes.game!;
  assertEquals([keyed, idleTimeoutMs, maxKeys], [true, 60_000, 10_000]);
  assertEquals(processes.echo?.keyed, false);
  const refused: [Record<string, unknown>, string][] = [
    [
      { keyed: true, instances: 2 },
      "processes.game.instances is 2, but keyed processes are one for",
    ],
    [{ idleTimeout: "1s" }, 'processes.game.idleTimeout is for keyed processes, expected "keyed"'],
    [{ maxKeys: 5 }, 'processes.game.maxKeys is for keyed processes, expected "keyed": true'],
    [{ keyed: true, maxKeys: 0 }, "processes.game.maxKeys is 0, expected"],
    [{ keyed: "yes" }, 'processes.game.keyed is "yes", expected true or false'],
  ];
  for (const [more, text] of refused) {
    const root = {
      processes: { echo: { behavior: "echo" }, game: { module: "./g.ts", ...more } },
      endpoints,
    };
    const error = assertThrows(() => parseConfig(root), ConfigError);
    assertStringIncludes(error.message, text);
  }
  const pool = {
    processes: { game: { module: "./g.ts", keyed: true } },
    endpoints: { "/game": { pool: ["game"] } },
  };
  const error = assertThrows(() => parseConfig(pool), ConfigError);
  assertStringIncludes(error.message, 'is "game", which is keyed, expected "target": "game/KEY"');
});

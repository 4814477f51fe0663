import { join } from "node:path";
import { NATIVE_SHORTCOMINGS } from "../../src/websocket/mod.ts";
import { assertEquals, assertStringIncludes } from "../helpers/assert.ts";
import { runTroupe, temporaryDirectory } from "./stage.ts";

const ECHO = '"processes":{"echo":{"behavior":"echo"}}';
const endpoint = (options: string) => `{${ECHO},"endpoints":{"/ws":{${options}}}}`;

/** Each bad configuration with what must be named: the key, the value, the expectation. */
const FAULTS: readonly [name: string, text: string, ...named: string[]][] = [
  ["an unknown key", '{"listen":{"prot":1}}', "listen.prot", 'did you mean "port"'],
  ["a wrong type", '{"listen":{"port":"x"}}', 'listen.port is "x"', "a port, a whole number"],
  [
    "a negative limit",
    endpoint('"pool":["echo"],"maxConnections":-1'),
    'endpoints["/ws"].maxConnections is -1',
    "a whole number from 1",
  ],
  [
    "a period that is not below the timeout",
    endpoint('"pool":["echo"],"pingPeriod":"60s","pongTimeout":"60s"'),
    'endpoints["/ws"].pingPeriod is "60s"',
    "less than pongTimeout, which is 1m",
  ],
  [
    "a pool that names an undeclared process",
    endpoint('"pool":["ecco"]'),
    'endpoints["/ws"].pool[0] is "ecco"',
    'did you mean "echo"',
  ],
  [
    "an empty pool",
    endpoint('"pool":[]'),
    'endpoints["/ws"].pool is []',
    "at least one name of a process",
  ],
  [
    "a bad duration",
    endpoint('"pool":["echo"],"handshakeTimeout":"15 seconds"'),
    'endpoints["/ws"].handshakeTimeout is "15 seconds"',
    '"250ms", "15s" or "2m"',
  ],
  ["what is no JSON", '{\n"listen": }', "line 2, column 11", 'unexpected token "}"'],
  ["__proto__", '{"__proto__":{"x":1}}', "__proto__ is refused as a key"],
  [
    "a broker with rights in its address",
    '{"cluster":{"nats":{"servers":"nats://me:hunter2@host:4222"}}}',
    'cluster.nats.servers is "nats://host:4222"',
    "without user and password",
  ],
  [
    "two kinds of rights",
    '{"cluster":{"nats":{"servers":"nats://host","token":"a","nkey":"b"}}}',
    "cluster.nats has token and nkey, expected one of them",
  ],
  [
    "a user without password, and a certificate without key",
    '{"cluster":{"nats":{"servers":["tls://host"],"user":"a","tls":{"cert":"c.pem"}}}}',
    "cluster.nats.password is missing, expected beside user",
    "cluster.nats.tls.key is missing, expected beside cert",
  ],
  [
    "a secret that is a number",
    '{"cluster":{"nats":{"servers":"nats://host","token":271828}}}',
    'cluster.nats.token is "***", expected a secret',
  ],
  [
    "a global process without a cluster",
    '{"processes":{"board":{"behavior":"echo","scope":"global"}}}',
    'processes.board.scope is "global", but there is no cluster',
  ],
  [
    "a number of workers that is none",
    '{"node":{"workers":"many"}}',
    'node.workers is "many"',
    '"auto", or a number of threads, a whole number from 1 to 256',
  ],
  [
    "a time after which no worker may be ended",
    '{"workers":{"killBlockedAfter":"500ms"}}',
    'workers.killBlockedAfter is "500ms", expected a duration',
    "at least 1s",
  ],
  [
    "engine native beside workers",
    '{"node":{"workers":2},"processes":{"echo":{"behavior":"echo"}},"endpoints":{"/ws":{"pool":["echo"],"engine":"native"}}}',
    'endpoints["/ws"].engine is "native", which does not share its port with workers',
  ],
];

for (const [name, text, ...named] of FAULTS) {
  Deno.test(`troupe check and serve end in 2 on ${name}, naming file and key`, async () => {
    await using directory = await temporaryDirectory();
    await Deno.writeTextFile(join(directory.path, "bad.json"), text);
    for (const command of ["check", "serve"]) {
      const { code, stdout, stderr } = await runTroupe([command, "-c", "bad.json"], {
        directory: directory.path,
      });
      assertEquals([code, stdout], [2, ""]);
      for (const part of ["bad.json: ", ...named]) assertStringIncludes(stderr, part);
    }
  });
}

Deno.test("troupe check and serve end in 2 on a file that is missing", async () => {
  for (const command of ["check", "serve"]) {
    const { code, stderr } = await runTroupe([command, "-c", "no.json"]);
    assertEquals([code, stderr], [2, "Cannot read no.json: there is no such file\n"]);
  }
});

Deno.test("troupe check without a file ends in 2", async () => {
  await using directory = await temporaryDirectory();
  const { code, stderr } = await runTroupe(["check"], { directory: directory.path });
  assertEquals([code, stderr], [
    2,
    "Cannot check: there is no configuration here, expected -c FILE\n",
  ]);
});

Deno.test("troupe serve names the flag or variable of a bad value", async () => {
  const environment = { TROUPE_LOG_LEVEL: "loud" };
  const { code, stderr } = await runTroupe(["--port", "70000", "--set", "a.b=1"], { environment });
  assertEquals(code, 2);
  assertStringIncludes(stderr, "Cannot use --port: listen.port is 70000");
  assertStringIncludes(stderr, 'Cannot use TROUPE_LOG_LEVEL: log.level is "loud"');
  assertStringIncludes(stderr, "Cannot use --set a.b: a is not a known key");
});

Deno.test("troupe check warns about one broker for several machines, and shows no secret", async () => {
  await using directory = await temporaryDirectory();
  const check = async (servers: readonly string[]) => {
    const nats = { servers, token: "hunter2" };
    const text = JSON.stringify({ cluster: { nats } });
    await Deno.writeTextFile(join(directory.path, "troupe.json"), text);
    return await runTroupe(["check"], { directory: directory.path });
  };
  const { code, stdout, stderr } = await check(["nats://10.0.0.5:4222"]);
  assertEquals([code, stderr], [0, ""]);
  assertStringIncludes(stdout, "Warning: cluster.nats.servers is one server");
  assertEquals(stdout.includes("hunter2"), false);
  for (const servers of [["nats://127.0.0.1:4222"], ["nats://a", "nats://b", "nats://c"]]) {
    assertEquals((await check(servers)).stdout, "troupe.json is valid\n");
  }
});

Deno.test("troupe check says what an explicit native on a public address cannot promise", async () => {
  await using directory = await temporaryDirectory();
  const write = (hostname: string, engine: string) =>
    Deno.writeTextFile(
      join(directory.path, "troupe.json"),
      `{"listen":{"hostname":"${hostname}"},${ECHO},` +
        `"endpoints":{"/ws":{"pool":["echo"],"engine":"${engine}"}}}`,
    );
  const check = () => runTroupe(["check"], { directory: directory.path });

  await write("0.0.0.0", "native");
  const { code, stdout } = await check();
  assertEquals(code, 0);
  assertStringIncludes(stdout, 'Warning: endpoints["/ws"].engine is "native" on the public');
  for (const { name, instead } of NATIVE_SHORTCOMINGS) {
    assertStringIncludes(stdout, `  - ${name} (instead, ${instead})\n`);
  }
  assertStringIncludes(stdout, "troupe.json is valid\n");

  for (const [hostname, engine] of [["127.0.0.1", "native"], ["0.0.0.0", "auto"]] as const) {
    await write(hostname, engine);
    assertEquals((await check()).stdout, "troupe.json is valid\n");
  }
});

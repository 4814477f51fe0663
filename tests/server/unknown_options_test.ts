import {
  createConnection,
  createHandler,
  createNode,
  createSupervisor,
  keyed,
} from "../../src/mod.ts";
import { createEventServer } from "../../src/doors/events.ts";
import { loadConfig, parseConfig, runUntilSignalled, serve } from "../../src/doors/server.ts";
import { configureLogs, createTelemetry } from "../../src/doors/telemetry.ts";
import { createTopics, createTopicsServer } from "../../src/doors/topics.ts";
import { assertEquals, assertRejects, assertThrows } from "../helpers/assert.ts";

const idle = () => Promise.resolve();
const child = (over: object) => ({ id: "echo", run: idle, ...over });
const handler = () => createHandler();

/** What makes something of options, what it is called, an option misspelt, and the one meant. */
const MAKERS: readonly (readonly [
  make: (options: never) => unknown,
  action: string,
  misspelt: string,
  meant: string,
])[] = [
  [createNode, "create a node", "nam", "name"],
  [createTelemetry, "create telemetry", "tracerProvidr", "tracerProvider"],
  [configureLogs, "configure logs", "levle", "level"],
  [createHandler, "configure a handler", "maxMesageBytes", "maxMessageBytes"],
  [(options) => handler().reconfigure(options), "reconfigure a handler", "origin", "origins"],
  [(options) => handler().drain(options), "drain a handler", "spreadMS", "spreadMs"],
  [createConnection, "create a connection", "protocol", "protocols"],
  [createEventServer, "create an event server", "eventPrefx", "eventPrefix"],
  [createTopics, "create topics", "heartbeatPeriod", "heartbeatPeriodMs"],
  [createTopicsServer, "create a topics server", "origin", "origins"],
  [
    (options) => createTopicsServer().closeClientConnections(options),
    "close client connections",
    "raison",
    "reason",
  ],
  [
    (options: object) => createSupervisor({ children: [], ...options }),
    "create a supervisor",
    "strategi",
    "strategy",
  ],
  [
    (options) => createSupervisor({ children: [child(options)] }),
    "supervise a child",
    "restarts",
    "restart",
  ],
  [
    (options) => createSupervisor({ children: [child({ options })] }),
    'supervise "echo"',
    "mailboxSiz",
    "mailboxSize",
  ],
  [(options) => keyed("room", idle, options), "make keyed processes", "maxKey", "maxKeys"],
  [loadConfig, "load a configuration", "fiel", "file"],
  [
    (options) => serve(parseConfig({ listen: { port: 0 } }), options),
    "serve",
    "baseDir",
    "baseDirectory",
  ],
  [
    (options) => runUntilSignalled(() => Promise.reject(new Error("started")), options),
    "run until signalled",
    "reloads",
    "reload",
  ],
];

Deno.test("whatever takes options refuses one that it does not have, and names the one meant", async () => {
  for (const [make, action, misspelt, meant] of MAKERS) {
    const attempt = async () => await make({ [misspelt]: 1 } as never);
    const { message } = await assertRejects(attempt, TypeError);
    assertRefusal(message, action, misspelt, meant);
  }
});

function assertRefusal(message: string, action: string, misspelt: string, meant: string): void {
  const start = `Cannot ${action}: "${misspelt}" is no option, expected one of `;
  assertEquals(message.slice(0, start.length), start);
  assertEquals(message.split("; ").at(-1), `did you mean "${meant}"`);
}

Deno.test("a node and its processes refuse options that there are not", async () => {
  await using node = createNode();
  const asked = Promise.withResolvers<unknown>();
  const misspelt = { stopTimeout: 5, timeout: 5 } as never;
  const stop = await assertRejects(() => node.stop(misspelt), TypeError);
  assertRefusal(stop.message, "stop a node", "stopTimeout", "timeoutMs");
  const spawn = assertThrows(() => node.spawn(idle, misspelt), TypeError);
  assertRefusal(spawn.message, "spawn a process", "stopTimeout", "stopTimeoutMs");
  node.spawn(async (self) => {
    const meta = assertThrows(
      () => self.spawnMeta({ run: idle } as never, misspelt),
      TypeError,
    );
    const call = await assertRejects(() => self.call("nobody", 1, misspelt), TypeError);
    asked.resolve([meta.message, call.message]);
  });
  const [meta, call] = await asked.promise as string[];
  assertRefusal(meta!, "spawn a meta-process", "stopTimeout", "stopTimeoutMs");
  assertRefusal(call!, "call", "stopTimeout", "timeoutMs");
});

Deno.test("a server that runs refuses to drain with an option that there is not", async () => {
  await using server = await serve(parseConfig({ listen: { port: 0 } }));
  const { message } = await assertRejects(() => server.drain({ delay: 1 } as never), TypeError);
  assertRefusal(message, "drain a server", "delay", "delayMs");
  assertEquals(server.state, "ready");
});

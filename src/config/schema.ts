/**
 * The schema of the configuration: the single source of types, defaults,
 * error texts, the JSON Schema and the reference table.
 *
 * @module
 */

import * as z from "zod";
import { isProcessName, KEYED_DEFAULTS, MAX_NAME_BYTES } from "../actor/mod.ts";
import { parsePathPattern, PATH_PATTERN } from "../http/mod.ts";
import { LOG_FORMATS, LOG_LEVELS, LOGS_DEFAULTS } from "../telemetry/mod.ts";
import { PROGRAM_DEFAULTS, PROGRAM_FORMATS } from "../programs/mod.ts";
import { formatDuration, formatSize, parseAddressRange } from "../text/mod.ts";
import { adminSchema } from "./admin.ts";
import { CONFIG_DEFAULTS as DEFAULTS, EMBEDDED } from "./defaults.ts";
import { clusterSchema } from "./cluster.ts";
import { endpointSchema } from "./endpoint.ts";
import { choice, duration, flag, host, integer, object, size, text } from "./leaves.ts";
import { LEAST_KILL_MS } from "../workers/mod.ts";
import { webhooksSchema } from "./webhooks.ts";
import type { Config, ProcessConfig } from "./types.ts";

const NODE_NAME = /^[A-Za-z0-9_.-]+@[A-Za-z0-9_.-]+$/;
const ERROR_NODE_NAME = 'name@host of letters, digits, "_", "." and "-", ' +
  `at most ${MAX_NAME_BYTES} bytes`;
const ERROR_PROCESS_NAME = 'a name of letters, digits, "_", ".", ":" and "-", ' +
  `at most ${MAX_NAME_BYTES} bytes`;
const MAX_INSTANCES = 1000;
const MAX_WORKERS = 256;
const MIN_OPEN_FILES = 64;
const MAX_OPEN_FILES = 2_147_483_647;

const ERROR_WORKERS = `"auto", or a number of threads, a whole number from 1 to ${MAX_WORKERS}`;
const workers = z.union([
  z.literal("auto", { error: ERROR_WORKERS }),
  integer(1, MAX_WORKERS, "a number of threads"),
], { error: ERROR_WORKERS });

const node = object({
  name: text(NODE_NAME, ERROR_NODE_NAME).max(MAX_NAME_BYTES, { error: ERROR_NODE_NAME })
    .default(DEFAULTS.nodeName).describe("Name of the node, `name@host`."),
  workers: workers.default(DEFAULTS.workers)
    .describe("JavaScript threads that share the port; `auto` is one for each core."),
});

const workersSection = object({
  killBlockedAfter: duration(LEAST_KILL_MS).optional()
    .describe(
      "Ends a worker that has computed for so long without a pause, and starts it again. If its " +
        "thread has not stopped after as long again, which the runtime cannot force, the others " +
        "drain and the program ends with code 1. Default: it is told of in the log, and goes on.",
    ),
}).transform(({ killBlockedAfter }) => ({ killBlockedAfterMs: killBlockedAfter }));

const tls = object({
  cert: text(/./, "the path of a file").describe(
    "File with the certificate chain, PEM, relative to this file.",
  ),
  key: text(/./, "the path of a file").describe(
    "File with the private key, PEM, relative to this file.",
  ),
});

const ERROR_RANGE = 'an IP address or a range such as "10.0.0.0/8"';
const ERROR_PROXIES = `false, or a list with ${ERROR_RANGE}`;
const range = z.string({ error: ERROR_RANGE })
  .refine((text) => parseAddressRange(text) !== undefined, { error: ERROR_RANGE });
const trustProxy = z.union([
  z.literal(false, { error: ERROR_PROXIES }),
  z.array(range, { error: ERROR_PROXIES }),
], { error: ERROR_PROXIES });

const listen = object({
  hostname: host().default(DEFAULTS.hostname)
    .describe("Address to listen on; `0.0.0.0` is every IPv4 address."),
  port: integer(0, 65_535, "a port").default(DEFAULTS.port)
    .describe("Port to listen on; 0 lets the system choose."),
  tls: tls.optional().describe("Serve `https` and `wss`."),
  hosts: z.array(host(), { error: "a list of hosts" }).default([...DEFAULTS.hosts])
    .describe(
      "Hosts that browsers know the server by where it listens on a loopback address, without " +
        "port. There an own origin of any other name is refused: it may have been made to " +
        "resolve to this machine (DNS rebinding).",
    ),
  trustProxy: trustProxy.default(DEFAULTS.trustProxy).transform((given) => given || [])
    .describe(
      "Addresses and ranges of proxies (`10.0.0.0/8`) whose `Forwarded` or `X-Forwarded-For` " +
        "tells the client's address.",
    ),
  keepAliveTimeout: duration(1).prefault(formatDuration(DEFAULTS.keepAliveTimeoutMs))
    .describe(
      "Time that a connection without a request is kept: longer than that of the load balancer in " +
        "front, which is 60 s for most. Deno.serve (engine `native`) keeps them as long as they last.",
    ),
  maxOpenFiles: integer(MIN_OPEN_FILES, MAX_OPEN_FILES, "a number of files").optional()
    .describe(
      "Files, sockets among them, that the process may have open, of which connections leave " +
        "some free. Default: what the system says, or what is found by trying.",
    ),
}).transform(({ keepAliveTimeout, ...rest }) => ({
  ...rest,
  keepAliveTimeoutMs: keepAliveTimeout,
}));

const MAX_KEYS = 10_000_000;

const ERROR_COMMAND = "a list of texts: the executable and its arguments";
const ERROR_ARGUMENT = "a text without NUL";
const argument = text(/^[^\0]*$/, ERROR_ARGUMENT);
const command = z.array(argument, { error: ERROR_COMMAND }).min(1, { error: ERROR_COMMAND })
  .refine(([executable]) => executable !== "", { error: ERROR_COMMAND });

const processGroup: z.ZodType<ProcessConfig> = object({
  behavior: choice(["chat", "echo", "topics", "events"]).optional()
    .describe(
      "A process function that Troupe brings along. Either this, `module` or `program`. `events` " +
        "is the old name of `chat`.",
    ),
  module: text(/./, "the path of a TypeScript or JavaScript file").optional()
    .describe("File whose default export is the process function, relative to this file."),
  program: command.optional()
    .describe(
      "An executable and its arguments, as a list: the code of the process. A path starts from " +
        "this file; no shell reads it.",
    ),
  cwd: text(/./, "the path of a directory").optional()
    .describe("Of a program: directory that it is started in. Default: that of this file."),
  format: choice(PROGRAM_FORMATS).default(PROGRAM_DEFAULTS.format)
    .describe(
      "Of a program: `json` is an object a line, for any number of connections; `lines` and " +
        "`bytes` are the messages of one connection.",
    ),
  per: choice(["connection"]).optional()
    .describe("Of a program: `connection` starts one for each connection, and ends it with that."),
  maxMessageSize: size().prefault(formatSize(PROGRAM_DEFAULTS.maxMessageBytes))
    .describe("Of a program: longest line or message that it may write; a longer one ends it."),
  instances: integer(1, MAX_INSTANCES, "a number of processes").default(DEFAULTS.instances)
    .describe("One is registered as `NAME`, more as `NAME_1`, `NAME_2`, …"),
  keyed: flag().default(DEFAULTS.keyed)
    .describe(
      "One process for each key: `NAME/KEY` is started by the first message to it. Endpoints name " +
        "it as their `target`.",
    ),
  idleTimeout: duration().prefault(formatDuration(KEYED_DEFAULTS.idleTimeoutMs))
    .describe(
      "With `keyed`: time without a connection and a message of others after which a process " +
        "ends; `0` keeps it.",
    ),
  maxKeys: integer(1, MAX_KEYS, "a number of processes").default(KEYED_DEFAULTS.maxKeys)
    .describe(
      "With `keyed` or `per`: most processes at a time; beyond, a handshake is answered with 503.",
    ),
  scope: choice(["local", "global"]).default(DEFAULTS.scope)
    .describe(
      "`local`: on each node. `global`: on one node of the cluster at a time, with `keyed` each " +
        "process by itself; `self.env.fence` then is a number that grows with each node that " +
        "runs it. Without a cluster several workers are one, and `keyed` is global among them.",
    ),
  env: z.record(z.string(), z.unknown(), { error: "an object" }).prefault({})
    .describe(
      "Data for the process, as `self.env`. Of a program: its environment, texts, of which " +
        '`"env:NAME"` is a variable of the server\'s own and `"file:PATH"` what a file says.',
    ),
}).transform(({ idleTimeout, maxMessageSize, ...rest }) => ({
  ...rest,
  idleTimeoutMs: idleTimeout,
  maxMessageBytes: maxMessageSize,
}));

const processName = z.string().refine(isProcessName, { error: ERROR_PROCESS_NAME });
const endpointPath = z.string()
  .refine((path) => parsePathPattern(path) !== undefined, { error: PATH_PATTERN });

/** The whole configuration. */
export const configSchema: z.ZodType<Config> = object({
  $schema: z.string({ error: "the address of a JSON Schema" }).optional()
    .describe("For editors; not read."),
  node: node.prefault({}).describe("The node."),
  workers: workersSection.prefault({}).describe(
    "What is done about the threads of `node.workers`.",
  ),
  listen: listen.prefault({}).describe("Where the server listens."),
  programs: flag().default(DEFAULTS.programs)
    .describe("Whether processes may be programs of the system; `false` refuses them."),
  processes: z.record(processName, processGroup, { error: "an object" })
    .prefault(structuredClone(EMBEDDED.processes))
    .describe("Groups of processes by name, each supervised."),
  endpoints: z.record(endpointPath, endpointSchema, { error: "an object" })
    .prefault(structuredClone(EMBEDDED.endpoints) as never)
    .describe("WebSocket endpoints by path."),
  cluster: clusterSchema.optional()
    .describe("Makes the node part of a cluster: its actors are reached from every node."),
  page: z.union([choice(["auto"]), flag()], { error: 'true, false or "auto"' })
    .default(DEFAULTS.page)
    .describe(
      "Whether `/` is a page that shows the endpoints; `auto`: where the server listens on a loopback address. " +
        "An endpoint may have the path `/` too: it gets the handshakes.",
    ),
  webhooks: webhooksSchema.optional().describe("Who is told of connections and rooms."),
  admin: adminSchema.prefault({}).describe("The operator's API."),
  drain: object({
    delay: duration().prefault(formatDuration(DEFAULTS.drainDelayMs))
      .describe("From saying not ready to refusing connections."),
    timeout: duration().prefault(formatDuration(DEFAULTS.drainTimeoutMs))
      .describe("For closing all connections and ending all processes."),
  }).prefault({}).transform(({ delay, timeout }) => ({ delayMs: delay, timeoutMs: timeout }))
    .describe("How the server stops."),
  log: object({
    level: choice(LOG_LEVELS).default(LOGS_DEFAULTS.level).describe("The lowest level written."),
    format: choice(LOG_FORMATS).default(LOGS_DEFAULTS.format)
      .describe("`auto`: text on a terminal, JSON lines otherwise."),
  }).prefault({}).describe("Logs."),
}).transform(({ $schema: _, ...config }) => config);

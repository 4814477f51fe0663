/**
 * The cluster, in the schema and in checks of the whole.
 *
 * @module
 */

import * as z from "zod";
import { CLUSTER_NAME } from "../cluster/mod.ts";
import { matchPath } from "./availability.ts";
import { choice, object, text } from "./leaves.ts";
import { type KeyPath, type Problem, showValue, valueAt } from "./problems.ts";
import { type Secret, secret } from "./secrets.ts";

/** How to reach the broker, and with what rights. */
export interface NatsConfig {
  /** Its addresses, of which one is used. */
  readonly servers: readonly string[];
  /** Token. */
  readonly token?: Secret | undefined;
  /** User, with `password`. */
  readonly user?: string | undefined;
  /** Password of `user`. */
  readonly password?: Secret | undefined;
  /** Seed of an nkey. */
  readonly nkey?: Secret | undefined;
  /** Content of a credentials file. */
  readonly credentials?: Secret | undefined;
  /** Paths of certificates, PEM. Present: TLS. */
  readonly tls?: {
    readonly ca?: string | undefined;
    readonly cert?: string | undefined;
    readonly key?: string | undefined;
  } | undefined;
}

/** The cluster that the node is part of. */
export interface ClusterConfig {
  /** Its name, the same on every node. */
  readonly name: string;
  /** The broker between the nodes. */
  readonly nats: NatsConfig;
  /** What becomes of global processes, keyed ones among them, when the node cannot renew its lease. */
  readonly whenIsolated: "stop" | "keep";
}

const ERROR_NAME = 'a name of letters, digits, "_" and "-", at most 64';
const ERROR_SERVER = "the address of a NATS server, such as nats://10.0.0.5:4222 or tls://host, " +
  "without user and password";
const ERROR_SERVERS = `${ERROR_SERVER}, or a list of them`;

function isServer(address: string): boolean {
  const url = URL.parse(address);
  return url !== null && ["nats:", "tls:"].includes(url.protocol) && url.hostname !== "" &&
    `${url.username}${url.password}${url.search}${url.hash}` === "" &&
    ["", "/"].includes(url.pathname);
}

const server = z.string({ error: ERROR_SERVER }).refine(isServer, { error: ERROR_SERVER });
const file = (what: string) => text(/./, "the path of a file").optional().describe(what);

const nats: z.ZodType<NatsConfig> = object({
  servers: z.union([server, z.array(server).min(1)], { error: ERROR_SERVERS })
    .transform((given) => [given].flat())
    .describe("Address of the NATS server, or list of them, such as `nats://10.0.0.5:4222`."),
  token: secret().optional().describe("Token of the server."),
  user: text(/./, "a name").optional().describe("User, with `password`."),
  password: secret().optional().describe("Password of `user`."),
  nkey: secret().optional().describe("Seed of an nkey."),
  credentials: secret().optional().describe(
    "Content of a credentials file, as `file:PATH` gives it.",
  ),
  tls: object({
    ca: file("File with the certificates to trust, PEM. Default: those of the system."),
    cert: file("File with the certificate of this node, PEM."),
    key: file("File with the private key of `cert`, PEM."),
  }).optional().describe("Asks for TLS."),
});

/** The schema of the cluster. */
export const clusterSchema: z.ZodType<ClusterConfig> = object({
  name: text(CLUSTER_NAME, ERROR_NAME).default("troupe")
    .describe("Name of the cluster, the same on every node."),
  nats: nats.describe("The broker between the nodes."),
  whenIsolated: choice(["stop", "keep"]).default("stop")
    .describe(
      "What becomes of global processes, keyed ones among them, when the node cannot renew its " +
        "lease: `stop` ends them before another node may start them, `keep` keeps them until one has.",
    ),
});

const RIGHTS = ["token", "user", "nkey", "credentials"] as const;

/** Problems of the cluster that concern more than one key. */
export function clusterProblems(root: unknown): Problem[] {
  const path: KeyPath = ["cluster", "nats"];
  const given = valueAt(root, path);
  const has = (key: string) => valueAt(given, [key]) !== undefined;
  const problems: Problem[] = [];
  const rights = RIGHTS.filter(has);
  if (rights.length > 1) {
    problems.push({ path, text: `has ${rights.join(" and ")}, expected one of them` });
  }
  for (const [key, other] of [["user", "password"], ["password", "user"]] as const) {
    if (has(key) && !has(other)) {
      problems.push({ path: [...path, other], text: `is missing, expected beside ${key}` });
    }
  }
  for (const [key, other] of [["cert", "key"], ["key", "cert"]] as const) {
    const tls = [...path, "tls"];
    if (valueAt(root, [...tls, key]) === undefined) continue;
    if (valueAt(root, [...tls, other]) === undefined) {
      problems.push({ path: [...tls, other], text: `is missing, expected beside ${key}` });
    }
  }
  return [...problems, ...scopeProblems(root)];
}

function scopeProblems(root: unknown): Problem[] {
  const workers = valueAt(root, ["node", "workers"]) ?? 1;
  // Those of one machine are a cluster of their own.
  const hasCluster = valueAt(root, ["cluster"]) !== undefined || workers !== 1;
  return matchPath(root, ["processes", "*", "scope"]).flatMap(([path, scope]) => {
    if (scope !== "global") return [];
    if (!hasCluster) {
      return [{ path, text: `is ${showValue(scope)}, but there is no cluster to be global in` }];
    }
    const isPer = valueAt(root, [...path.slice(0, -1), "per"]) !== undefined;
    const text = `is ${showValue(scope)}, but a program for each connection runs beside it, ` +
      'expected "local"';
    return isPer ? [{ path, text }] : [];
  });
}

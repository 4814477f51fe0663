/**
 * The server's node as a member of the configured cluster.
 *
 * @module
 */

import { join, resolve } from "node:path";
import type { Node } from "../actor/mod.ts";
import {
  type Cluster,
  ClusterError,
  joinCluster,
  type Machine,
  type NatsOptions,
  openMachine,
} from "../cluster/mod.ts";
import {
  type Config,
  instanceNames,
  type NatsConfig,
  type ProcessConfig,
  type Secret,
  type SecretSources,
} from "../config/mod.ts";
import { ServerStartError } from "../http/mod.ts";
import { type ProcessGroup, superviseGroup, withFence } from "./process_groups.ts";

type Environment = Readonly<Record<string, string>>;

/** Of the workers of one program, where there is no other. */
const CLUSTER_OF_MACHINE = "machine";

/**
 * Opens what the workers of a machine reach a broker through, all of them by one connection.
 * Without one they have their keyed processes in common. `undefined`: they need nothing of it.
 *
 * @throws {ConfigError} If a secret cannot be read.
 * @throws {ServerStartError} If a certificate cannot be read, or the broker cannot be used.
 */
export async function openConfigured(
  config: Config,
  sources: SecretSources,
): Promise<Machine | undefined> {
  const { cluster, processes, node: { name } } = config;
  if (cluster !== undefined) {
    const nats = await readNats(cluster.nats, sources);
    return await orStartError(() => openMachine({ name, nats }));
  }
  const isNeeded = Object.values(processes).some((each) => isOnOneWorker(each));
  return isNeeded ? await openMachine({ name }) : undefined;
}

/**
 * Joins the configured cluster, or that of the workers of this program; `undefined` without
 * either. `machine` is a way to the connection that they have in common.
 *
 * @throws {ConfigError} If a secret cannot be read.
 * @throws {ServerStartError} If a certificate cannot be read, or the broker cannot be used.
 */
export async function joinConfigured(
  { cluster, processes }: Config,
  node: Node,
  sources: SecretSources,
  machine: MessagePort | undefined,
): Promise<Cluster | undefined> {
  if (cluster === undefined) {
    return machine && await joinCluster(node, { name: CLUSTER_OF_MACHINE, machine });
  }
  const { name, whenIsolated } = cluster;
  const nats = machine === undefined ? await readNats(cluster.nats, sources) : undefined;
  const requireJetStream = Object.values(processes).some(({ scope }) => scope === "global");
  const stateDirectory = findStateDirectory(sources.environment);
  return await orStartError(() =>
    joinCluster(node, { name, nats, machine, whenIsolated, requireJetStream, stateDirectory })
  );
}

/** Whether the processes of a group are to be on one of several workers without a broker. */
function isOnOneWorker({ scope, keyed, per }: ProcessConfig): boolean {
  return scope === "global" || keyed && per === undefined;
}

/** Whether a node of a cluster runs a group only while, or as far as, no other one does. */
export function isPlaced(group: ProcessGroup, { cluster }: Config, isMember: boolean): boolean {
  if (!isMember) return false;
  return cluster === undefined ? isOnOneWorker(group.config) : group.config.scope === "global";
}

async function orStartError<T>(start: () => Promise<T>): Promise<T> {
  try {
    return await start();
  } catch (cause) {
    if (!(cause instanceof ClusterError)) throw cause;
    throw new ServerStartError("cluster_failed", cause.message, { cause });
  }
}

/** Has a group run on one node of the cluster at a time, a keyed one key by key. */
export function addGlobalGroup(cluster: Cluster, node: Node, group: ProcessGroup): void {
  const { name, config } = group;
  const start = (fenced: ProcessGroup) => {
    const { run, stopTimeoutMs } = superviseGroup(fenced);
    return node.spawn(run, { stopTimeoutMs });
  };
  if (config.keyed) {
    return cluster.addKeyed({
      name,
      start: () => start(group),
      fenced: (env, fence) => withFence({ ...group, env }, fence).env,
    });
  }
  cluster.addGlobal({
    name,
    instances: instanceNames(name, config.instances),
    start: (fence) => start(withFence(group, fence)),
  });
}

async function readNats(
  { servers, token, user, password, nkey, credentials, tls }: NatsConfig,
  sources: SecretSources,
): Promise<NatsOptions> {
  const reveal = async (key: string, secret: Secret | undefined) =>
    secret && await secret.reveal(["cluster", "nats", key], sources);
  return {
    servers,
    user,
    token: await reveal("token", token),
    password: await reveal("password", password),
    nkey: await reveal("nkey", nkey),
    credentials: await reveal("credentials", credentials),
    tls: tls && {
      ca: await readPem("ca", tls.ca, sources),
      cert: await readPem("cert", tls.cert, sources),
      key: await readPem("key", tls.key, sources),
    },
  };
}

async function readPem(
  key: string,
  path: string | undefined,
  { baseDirectory }: SecretSources,
): Promise<string | undefined> {
  if (path === undefined) return undefined;
  try {
    return await Deno.readTextFile(resolve(baseDirectory, path));
  } catch (cause) {
    const why = cause instanceof Deno.errors.NotFound ? "there is no such file" : String(cause);
    const text = `Cannot use cluster.nats.tls.${key} ${JSON.stringify(path)}: ${why}`;
    throw new ServerStartError("certificate_failed", text, { cause });
  }
}

/** Where programs keep what must outlive them, as the XDG base directories have it. */
function findStateDirectory(environment: Environment | undefined): string | undefined {
  const get = (name: string) => environment === undefined ? Deno.env.get(name) : environment[name];
  const state = get("XDG_STATE_HOME");
  if (state?.startsWith("/")) return join(state, "troupe");
  const home = get("HOME");
  return home?.startsWith("/") ? join(home, ".local", "state", "troupe") : undefined;
}

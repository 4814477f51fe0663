/**
 * The bucket that a cluster keeps what is owned in: on one broker, or on three of them.
 *
 * @module
 */

import { type JetStreamClient, jetstreamManager } from "@nats-io/jetstream";
import { type KV, Kvm } from "@nats-io/kv";
import type { NatsConnection } from "@nats-io/nats-core";
import { getLogger } from "../../telemetry/mod.ts";

const log = getLogger(["troupe", "cluster"]);

/** What tells of a deletion is kept so long: for watchers that were away. */
export const MARKER_MS = 3_600_000;
const REPLICAS = 3;
/** While brokers that start together find each other, or choose a leader, in milliseconds. */
const PATIENCE_MS = 10_000;
const PAUSE_MS = 250;

/**
 * Opens it, or makes it. In a NATS cluster it is kept on three servers: brokers that begin are
 * waited for, and a bucket of one server is made one of three.
 *
 * @throws {Error} If there is no JetStream.
 */
export async function openBucket(
  client: JetStreamClient,
  connection: NatsConnection,
  bucket: string,
): Promise<KV> {
  const kvm = new Kvm(client);
  const isCluster = connection.info?.cluster !== undefined;
  if (!isCluster) return await open(kvm, bucket, 1);
  const untilMs = performance.now() + PATIENCE_MS;
  for (;;) {
    const isLate = performance.now() >= untilMs || connection.info?.jetstream !== true ||
      connection.isClosed();
    try {
      const kv = await open(kvm, bucket, REPLICAS);
      await spread(connection, kv, isLate);
      return kv;
    } catch (error) {
      if (isLate) return await alone(kvm, bucket, error);
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}

/** One that is there may have been made otherwise. */
async function open(kvm: Kvm, bucket: string, replicas: number): Promise<KV> {
  try {
    return await kvm.create(bucket, { history: 1, markerTTL: MARKER_MS, replicas });
  } catch (error) {
    try {
      const kv = await kvm.open(bucket);
      await kv.status();
      return kv;
    } catch {
      throw error;
    }
  }
}

/** A bucket that was made while fewer servers were there. */
async function spread(connection: NatsConnection, kv: KV, isLate: boolean): Promise<void> {
  const { streamInfo: { config } } = await kv.status();
  if (config.num_replicas >= REPLICAS) return;
  try {
    const manager = await jetstreamManager(connection);
    await manager.streams.update(config.name, { num_replicas: REPLICAS });
  } catch (error) {
    if (!isLate) throw error;
    warn(error);
  }
}

async function alone(kvm: Kvm, bucket: string, error: unknown): Promise<KV> {
  const kv = await open(kvm, bucket, 1);
  warn(error);
  return kv;
}

function warn(error: unknown): void {
  log.warn("What is owned is kept on one NATS server, and gone with it: {why}", {
    why: (error as Error).message,
  });
}

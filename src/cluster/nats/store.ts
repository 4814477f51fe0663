/**
 * Keys with compare-and-set and time to live, at the broker.
 *
 * @module
 */

import {
  type ConsumerMessages,
  DeliverPolicy,
  jetstream,
  type JetStreamClient,
  type JsMsg,
  type PushConsumer,
} from "@nats-io/jetstream";
import type { KV } from "@nats-io/kv";
import { headers, type NatsConnection } from "@nats-io/nats-core";
import { getLogger } from "../../telemetry/mod.ts";
import { ClusterError } from "../errors.ts";
import type { Change, Outcome, Store, StoreWatcher } from "../store.ts";
import { MARKER_MS, openBucket } from "./bucket.ts";

const log = getLogger(["troupe", "cluster"]);

const WRONG_SEQUENCE = 10_071;
const ASK_TIMEOUT_MS = 2_000;

/** The bucket of one cluster. */
export class NatsStore implements Store {
  readonly #connection: NatsConnection;
  readonly #client: JetStreamClient;
  readonly #kv: KV;
  readonly #bucket: string;
  #watch: ConsumerMessages | undefined;
  /** Tells a watch that begins from the last one that was asked for. */
  #turn = 0;

  private constructor(
    connection: NatsConnection,
    client: JetStreamClient,
    kv: KV,
    bucket: string,
  ) {
    this.#connection = connection;
    this.#client = client;
    this.#kv = kv;
    this.#bucket = bucket;
  }

  /**
   * Opens the bucket, or makes it.
   *
   * @throws {ClusterError} If the broker has no JetStream.
   */
  static async open(connection: NatsConnection, bucket: string): Promise<NatsStore> {
    const client = jetstream(connection, { timeout: ASK_TIMEOUT_MS });
    try {
      const kv = await openBucket(client, connection, bucket);
      return new NatsStore(connection, client, kv, bucket);
    } catch (cause) {
      throw new ClusterError(
        "no_jetstream",
        "Cannot keep what is owned in the cluster: the NATS server has no JetStream for this " +
          `node: ${(cause as Error).message}, expected one that is started with JetStream`,
        { cause },
      );
    }
  }

  /** What stands under a key. */
  async read(key: string): Promise<Change | undefined> {
    const entry = await this.#kv.get(key);
    const found = entry === null ? undefined : toChange(entry);
    return found?.value === undefined ? undefined : found;
  }

  /** Writes if `expected` is the revision that stands there; 0: nothing does. */
  async write(key: string, value: unknown, expected: number, ttlMs?: number): Promise<Outcome> {
    const ttl: Readonly<Record<string, string>> = ttlMs === undefined
      ? {}
      : { "Nats-TTL": `${Math.ceil(ttlMs / 1000)}s` };
    const written = await this.#publish(key, JSON.stringify(value), expected, ttl);
    if (written !== undefined) return { revision: written };
    const entry = await this.#kv.get(key);
    const found = entry === null ? undefined : toChange(entry);
    if (found === undefined || found.value !== undefined) return { found };
    if (expected !== 0) return { found: undefined };
    // What was deleted still has a revision.
    const again = await this.#publish(key, JSON.stringify(value), found.revision, ttl);
    return again === undefined ? { found: undefined } : { revision: again };
  }

  /** Writes whatever stands there. */
  async put(key: string, value: unknown): Promise<void> {
    await this.#kv.put(key, JSON.stringify(value));
  }

  /** Deletes if that revision stands there. */
  async remove(key: string, expected: number): Promise<void> {
    const marker = { "KV-Operation": "DEL", "Nats-TTL": `${MARKER_MS / 1000}s` };
    await this.#publish(key, "", expected, marker);
  }

  /** Tells of all keys, then of each change, until it is called again or `unwatch` is. */
  async watch(watcher: StoreWatcher): Promise<void> {
    this.unwatch();
    const turn = this.#turn;
    const isEnded = () => turn !== this.#turn || this.#connection.isClosed();
    let isComplete = false;
    const complete = () => {
      if (!isComplete) watcher.complete(state.last_seq);
      isComplete = true;
    };
    const { streamInfo: { config, state } } = await this.#kv.status();
    if (isEnded()) return;
    const consumer: PushConsumer = await this.#client.consumers.getPushConsumer(config.name, {
      deliver_policy: DeliverPolicy.LastPerSubject,
      filter_subjects: this.#subjectOf(">"),
    });
    const { num_pending: waiting } = await consumer.info(true);
    // From here to its subscription in one turn: the client sets its timer before it subscribes,
    // and leaves it behind where it cannot any more.
    if (isEnded()) return;
    const beginning = consumer.consume({
      callback: (message) => {
        if (turn !== this.#turn) return;
        watcher.change(this.#toChange(message));
        if (message.info.pending === 0) complete();
      },
    });
    const messages = await beginning;
    if (turn !== this.#turn) return messages.stop();
    this.#watch = messages;
    void messages.closed().then((error) => {
      if (error) log.error("The watch of the store ended: {error}", { error });
    });
    if (waiting === 0) complete();
  }

  /** Ends the watch. */
  unwatch(): void {
    this.#turn++;
    this.#watch?.stop();
    this.#watch = undefined;
  }

  #subjectOf(key: string): string {
    return `$KV.${this.#bucket}.${key}`;
  }

  /** What a watch tells; one that ended or was deleted has no content. */
  #toChange({ subject, seq, data }: JsMsg): Change {
    const key = subject.slice(this.#subjectOf("").length);
    return { key, revision: seq, value: parse(data) };
  }

  /** The new revision; `undefined` if another one stood there than was expected. */
  async #publish(
    key: string,
    text: string,
    expected: number,
    extra: Readonly<Record<string, string>>,
  ): Promise<number | undefined> {
    const head = headers();
    for (const [name, value] of Object.entries(extra)) head.set(name, value);
    try {
      const subject = this.#subjectOf(key);
      const expect = { lastSubjectSequence: expected };
      const timeout = ASK_TIMEOUT_MS;
      const { seq } = await this.#client.publish(subject, text, { headers: head, expect, timeout });
      return seq;
    } catch (error) {
      if ((error as { readonly code?: unknown }).code === WRONG_SEQUENCE) return undefined;
      throw error;
    }
  }
}

function toChange(
  { key, revision, operation, value }: {
    readonly key: string;
    readonly revision: number;
    readonly operation: string;
    readonly value: Uint8Array;
  },
): Change {
  return { key, revision, value: operation === "PUT" ? parse(value) : undefined };
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}

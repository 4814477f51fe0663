/**
 * The connection of a node to its broker: made at the start, or as soon as there is one.
 *
 * @module
 */

import type { NatsConnection } from "@nats-io/nats-core";
import { getLogger } from "../../telemetry/mod.ts";
import { redactText } from "../../text/mod.ts";
import { inTime } from "../../time/mod.ts";
import type { BusEvents } from "../bus.ts";
import { ClusterError } from "../errors.ts";
import { type NatsOptions, toConnectionOptions } from "./options.ts";
import { assertRights } from "./rights.ts";
import { connect, RefusedServerError } from "./socket_transport.ts";

const log = getLogger(["troupe", "cluster"]);

/** Before it, a server takes the time to live of a lease without error, and ignores it. */
const LEAST_VERSION = Object.freeze({ major: 2, minor: 11 });
const RETRY_MS = 1_000;
const FLUSH_MS = 500;

/** The connection to one broker. */
export class Broker {
  readonly #options: NatsOptions;
  readonly #node: string;
  readonly #events: BusEvents;
  #connection: NatsConnection | undefined;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #connecting: Promise<void> | undefined;
  readonly #closing = new AbortController();
  #isUp = false;
  #why = "no connection has been made";
  reconnects = 0;

  constructor(options: NatsOptions, node: string, events: BusEvents) {
    this.#options = options;
    this.#node = node;
    this.#events = events;
  }

  get connection(): NatsConnection | undefined {
    return this.#connection;
  }

  /** Most bytes that it takes at once. */
  get maxPayload(): number | undefined {
    return this.#connection?.info?.max_payload;
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  /** Why it is not. */
  get why(): string {
    return this.#why;
  }

  /**
   * Tries once. One that is not there is tried again and again from now on.
   *
   * @throws {ClusterError} If it is there and cannot be used.
   */
  async open(): Promise<void> {
    try {
      await (this.#connecting = this.#connect());
    } catch (error) {
      if (error instanceof ClusterError) throw error;
      this.#fail(error);
    }
  }

  /** Lets go of it; what was handed over leaves first, and what begins is given up. */
  async close(): Promise<void> {
    const isUp = this.#isUp;
    this.#closing.abort();
    this.#isUp = false;
    clearTimeout(this.#retry);
    const connection = this.#connection;
    if (isUp) await this.flush();
    await connection?.close();
    await inTime(this.#connecting?.catch(() => {}) ?? Promise.resolve(), FLUSH_MS);
  }

  get #isClosed(): boolean {
    return this.#closing.signal.aborted;
  }

  /** Resolves when it has taken what was handed over. */
  async flush(): Promise<void> {
    // It may be away, or hang: then there is nobody to give that to.
    await inTime(this.#connection?.flush().catch(() => {}) ?? Promise.resolve(), FLUSH_MS);
  }

  async #connect(): Promise<void> {
    const connection = await this.#ask();
    if (this.#isClosed) return await connection.close();
    try {
      assertVersion(connection);
      this.#connection = connection;
      this.#isUp = true;
      void this.#follow(connection);
      await this.#events.first();
    } catch (error) {
      this.#isUp = false;
      this.#connection = undefined;
      await connection.close();
      throw error;
    }
  }

  async #ask(): Promise<NatsConnection> {
    try {
      assertRights(this.#options);
      const options = toConnectionOptions(this.#options, this.#node);
      return await connect(options, this.#closing.signal);
    } catch (error) {
      if (error instanceof ClusterError || !isRefusal(error)) throw error;
      const why = redactText((error as Error).message);
      throw new ClusterError(
        "broker_refused",
        error instanceof RefusedServerError
          ? `Cannot join the cluster: the NATS server cannot be used: ${why}`
          : `Cannot join the cluster: the NATS server refuses this node: ${why}`,
        { cause: error },
      );
    }
  }

  #fail(error: unknown): void {
    if (this.#isClosed) return;
    this.#why = redactText(error instanceof Error ? error.message : String(error));
    this.#events.excused?.();
    log.error("There is no connection to the broker: {why}", { why: this.#why });
    this.#retry = setTimeout(() => {
      this.#connecting = this.#connect().catch((next) => this.#fail(next));
    }, RETRY_MS);
  }

  async #follow(connection: NatsConnection): Promise<void> {
    for await (const status of connection.status()) {
      if (this.#connection !== connection || this.#isClosed) return;
      if (status.type === "disconnect") this.#lose();
      else if (status.type === "reconnect") this.#return(connection);
      else if (status.type === "error") this.#complain(status.error);
    }
  }

  /** Rights may have changed since the start, or leave something out. */
  #complain(error: Error): void {
    const why = `the NATS server says: ${redactText(error.message)}`;
    if (!this.#isUp && why === this.#why) return;
    if (!this.#isUp) {
      this.#why = why;
      this.#events.excused?.();
    }
    log.error("The broker refuses something: {why}", { why });
  }

  #lose(): void {
    if (!this.#isUp) return;
    this.#isUp = false;
    this.#why = "the connection is lost";
    log.error("The connection to the broker is lost");
    this.#events.away();
  }

  #return(connection: NatsConnection): void {
    this.reconnects++;
    try {
      assertVersion(connection);
    } catch (error) {
      this.#why = (error as Error).message;
      this.#events.excused?.();
      return log.error("{why}", { why: this.#why });
    }
    this.#isUp = true;
    log.info("The connection to the broker is back");
    this.#events.back();
  }
}

function isRefusal(error: unknown): boolean {
  return error instanceof RefusedServerError ||
    ["AuthorizationError", "UserAuthenticationExpiredError", "PermissionViolationError"]
      .includes((error as Error)?.name);
}

function assertVersion({ info }: NatsConnection): void {
  const version = info?.version ?? "unknown";
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const isEnough = major > LEAST_VERSION.major ||
    major === LEAST_VERSION.major && minor >= LEAST_VERSION.minor;
  if (isEnough) return;
  throw new ClusterError(
    "broker_too_old",
    `Cannot join the cluster: the NATS server has version ${version}, expected ` +
      `${LEAST_VERSION.major}.${LEAST_VERSION.minor} or newer, which lets a lease end`,
  );
}

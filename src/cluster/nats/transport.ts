/**
 * What passes between nodes over NATS: who is there, batches, and probes.
 *
 * @module
 */

import {
  type Msg,
  type NatsConnection,
  RequestError,
  type Subscription,
  TimeoutError,
} from "@nats-io/nats-core";
import { getLogger } from "../../telemetry/mod.ts";
import type { NodeIdentity } from "../remote_node.ts";
import type { SessionHost } from "../session.ts";
import { type Hello, readHello, writeHello } from "./hello.ts";
import type { Subjects } from "./subjects.ts";

const log = getLogger(["troupe", "cluster"]);

const PROBE_TIMEOUT_MS = 1_000;

/** What comes in. */
export interface TransportEvents {
  hello(hello: Hello): void;
  batch(from: NodeIdentity, bytes: Uint8Array): void;
}

/** One connection, as the nodes use it. */
export class NatsTransport {
  readonly #connection: NatsConnection;
  readonly #subjects: Subjects;
  readonly #self: Omit<Hello, "kind">;
  readonly #events: TransportEvents;
  #refused = 0;

  constructor(
    connection: NatsConnection,
    subjects: Subjects,
    self: Omit<Hello, "kind">,
    events: TransportEvents,
  ) {
    this.#connection = connection;
    this.#subjects = subjects;
    this.#self = self;
    this.#events = events;
    this.#subscribe(subjects.links(self), (message) => this.#takeBatch(message));
    this.#subscribe(subjects.hello, (message) => this.#takeHello(message));
    this.#subscribe(subjects.probe(self), (message) => void message.respond());
    this.#subscribe(
      subjects.name(self.name),
      (message) => void message.respond(writeHello({ ...self, kind: "here" })),
    );
  }

  /** Garbage that came in. */
  get refused(): number {
    return this.#refused;
  }

  /** Says to all that this node is there, or goes. */
  hello(kind: Hello["kind"]): void {
    this.#publish(this.#subjects.hello, writeHello({ ...this.#self, kind }));
  }

  /** Sends a batch; false if the connection did not take it. */
  send(to: NodeIdentity, bytes: Uint8Array): boolean {
    return this.#publish(this.#subjects.link(to, this.#self), bytes);
  }

  /** Asks whether anybody is there. */
  async probe(to: NodeIdentity): ReturnType<SessionHost["probe"]> {
    try {
      const timeout = PROBE_TIMEOUT_MS;
      await this.#connection.request(this.#subjects.probe(to), undefined, { timeout });
      return "probeAnswered";
    } catch (error) {
      if (error instanceof RequestError && error.isNoResponders()) return "noResponders";
      if (!(error instanceof TimeoutError)) log.debug("A probe failed: {error}", { error });
      return "probeTimedOut";
    }
  }

  /** The node that has a name, if it answers. */
  static async whoIs(
    connection: NatsConnection,
    subjects: Subjects,
    name: string,
  ): Promise<Hello | undefined> {
    try {
      const timeout = PROBE_TIMEOUT_MS;
      const { data } = await connection.request(subjects.name(name), undefined, { timeout });
      return readHello(data);
    } catch {
      // Nobody is there, or does not answer: its lease tells.
      return undefined;
    }
  }

  #publish(subject: string, bytes: Uint8Array): boolean {
    try {
      this.#connection.publish(subject, bytes);
      return true;
    } catch (error) {
      log.warn("Cannot publish {bytes} bytes: {error}", { bytes: bytes.length, error });
      return false;
    }
  }

  #subscribe(subject: string, take: (message: Msg) => void): Subscription {
    return this.#connection.subscribe(subject, {
      callback: (error, message) => {
        if (error !== null) log.error("Cannot hear {subject}: {error}", { subject, error });
        else take(message);
      },
    });
  }

  #takeBatch({ subject, data }: Msg): void {
    this.#events.batch(this.#subjects.senderOf(subject), data);
  }

  #takeHello({ data }: Msg): void {
    const hello = readHello(data);
    if (hello !== undefined) return this.#events.hello(hello);
    this.#refused++;
    log.debug("What is no hello was dropped, {bytes} bytes", { bytes: data.length });
  }
}

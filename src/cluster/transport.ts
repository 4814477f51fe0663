/**
 * What passes between nodes over a bus: who is there, batches, and probes.
 *
 * @module
 */

import { getLogger } from "../telemetry/mod.ts";
import type { Bus, BusMessage } from "./bus.ts";
import { type Hello, readHello, writeHello } from "./nats/hello.ts";
import type { Subjects } from "./nats/subjects.ts";
import type { NodeIdentity } from "./remote_node.ts";
import type { SessionHost } from "./session.ts";

const log = getLogger(["troupe", "cluster"]);

const PROBE_TIMEOUT_MS = 1_000;

/** What comes in. */
export interface TransportEvents {
  hello(hello: Hello): void;
  batch(from: NodeIdentity, bytes: Uint8Array): void;
}

/** One bus, as the nodes use it. */
export class Transport {
  readonly #bus: Bus;
  readonly #subjects: Subjects;
  readonly #self: Omit<Hello, "kind">;
  readonly #events: TransportEvents;
  #refused = 0;

  constructor(
    bus: Bus,
    subjects: Subjects,
    self: Omit<Hello, "kind">,
    events: TransportEvents,
  ) {
    this.#bus = bus;
    this.#subjects = subjects;
    this.#self = self;
    this.#events = events;
    bus.subscribe(subjects.links(self), (message) => this.#takeBatch(message));
    bus.subscribe(subjects.hello, (message) => this.#takeHello(message));
    bus.subscribe(subjects.probe(self), ({ reply }) => this.#respond(reply, new Uint8Array()));
    bus.subscribe(
      subjects.name(self.name),
      ({ reply }) => this.#respond(reply, writeHello({ ...self, kind: "here" })),
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
    const { kind } = await this.#bus.request(this.#subjects.probe(to), PROBE_TIMEOUT_MS);
    if (kind === "noResponders") return kind;
    return kind === "answered" ? "probeAnswered" : "probeTimedOut";
  }

  /** The node that has a name, if it answers. */
  static async whoIs(bus: Bus, subjects: Subjects, name: string): Promise<Hello | undefined> {
    const answer = await bus.request(subjects.name(name), PROBE_TIMEOUT_MS);
    // Nobody is there, or does not answer: its lease tells.
    return answer.kind === "answered" ? readHello(answer.data) : undefined;
  }

  #publish(subject: string, bytes: Uint8Array): boolean {
    try {
      this.#bus.publish(subject, bytes);
      return true;
    } catch (error) {
      log.warn("Cannot publish {bytes} bytes: {error}", { bytes: bytes.length, error });
      return false;
    }
  }

  #respond(reply: string | undefined, bytes: Uint8Array): void {
    if (reply !== undefined) this.#publish(reply, bytes);
  }

  #takeBatch({ subject, data }: BusMessage): void {
    this.#events.batch(this.#subjects.senderOf(subject), data);
  }

  #takeHello({ data }: BusMessage): void {
    const hello = readHello(data);
    if (hello !== undefined) return this.#events.hello(hello);
    this.#refused++;
    log.debug("What is no hello was dropped, {bytes} bytes", { bytes: data.length });
  }
}

/**
 * What passes between nodes over a bus: who is there, batches, and probes.
 *
 * @module
 */

import { getLogger } from "../telemetry/mod.ts";
import type { Bus, BusMessage } from "./bus.ts";
import { WIRE_LIMITS } from "./limits.ts";
import { type Addressed, readFrame } from "./machine/frame.ts";
import { Outbox, type OutboxHost } from "./machine/outbox.ts";
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

/** So many other nodes are known to have a machine in common: names are not bounded. */
const MAX_MACHINES = 10_000;

/** One bus, as the nodes use it. */
export class Transport implements OutboxHost {
  readonly #bus: Bus;
  readonly #subjects: Subjects;
  readonly #self: Omit<Hello, "kind">;
  readonly #events: TransportEvents;
  readonly #outbox = new Outbox(this);
  /** Of other nodes, by their names. */
  readonly #machines = new Map<string, Pick<Hello, "incarnation" | "machine">>();
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
    if (self.machine !== undefined) {
      bus.subscribe(subjects.machines(self.machine), (message) => this.#takeFrame(message));
    }
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
    if (kind === "bye") this.#outbox.flush();
    this.#publish(this.#subjects.hello, writeHello({ ...this.#self, kind }));
  }

  /** Sends a batch; false if the connection did not take it. */
  send(batch: Addressed): boolean {
    const { name, incarnation } = batch.to;
    const known = this.#machines.get(name);
    const isCurrent = known?.incarnation === incarnation;
    return this.#outbox.send(batch, isCurrent ? known.machine : undefined);
  }

  // OutboxHost

  get maxBytes(): number {
    return this.#bus.maxPayload ?? WIRE_LIMITS.envelopeBytes;
  }

  sendBatch({ to, bytes }: Addressed): boolean {
    return this.#publish(this.#subjects.link(to, this.#self), bytes);
  }

  sendFrame(machine: string, frame: Uint8Array): void {
    this.#publish(this.#subjects.machine(machine, this.#self), frame);
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
    if (!this.#bus.isUp) return false;
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

  /** Other nodes of this machine hear it, too: each takes what is its own. */
  #takeFrame({ subject, data }: BusMessage): void {
    const from = this.#subjects.senderOf(subject);
    const batches = readFrame(data, this.#self);
    if (batches === undefined) {
      this.#refused++;
      return log.warn("Cannot read what {node} sent to several nodes", { node: from.name });
    }
    for (const bytes of batches) this.#events.batch(from, bytes);
  }

  #noteMachine({ name, incarnation, kind, machine }: Hello): void {
    if (kind === "bye" || machine === undefined) this.#machines.delete(name);
    else if (this.#machines.has(name) || this.#machines.size < MAX_MACHINES) {
      this.#machines.set(name, { incarnation, machine });
    }
  }

  #takeHello({ data }: BusMessage): void {
    const hello = readHello(data);
    if (hello !== undefined) {
      this.#noteMachine(hello);
      return this.#events.hello(hello);
    }
    this.#refused++;
    log.debug("What is no hello was dropped, {bytes} bytes", { bytes: data.length });
  }
}

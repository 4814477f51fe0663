/**
 * The process that speaks the topics protocol with its connections (seed 004).
 *
 * @module
 */

import type { Alias, Envelope, Process, ProcessFunction } from "../actor/mod.ts";
import type { TraceSpan } from "../telemetry/mod.ts";
import {
  type ConnectMessage,
  isConnect,
  isDataMessage,
  isDisconnect,
  isMessage,
  MESSAGE_TYPE,
  type WebSocketMessage,
} from "../websocket/mod.ts";
import {
  type CloseClientsCommand,
  parseCommand,
  type PublishCommand,
  type TopicInfo,
  TOPICS,
  type TopicsCommand,
} from "./commands.ts";
import { HeartbeatSchedule } from "./heartbeat_schedule.ts";
import { type PublicationMessage, TOPIC_HEARTBEAT } from "./messages.ts";
import { resolveTopicsOptions, type TopicsOptions } from "./options.ts";
import {
  heartbeatMessage,
  REQUEST_SPANS,
  stepRequest,
  type SubscriptionChange,
} from "./protocol.ts";
import { readRequest } from "./read_request.ts";
import { SharedTopics } from "./shared_topics.ts";

/** What a process sends itself when a heartbeat is due. */
const WAKE = Object.freeze({ kind: "heartbeatDue" });

/**
 * Creates the function of a topics process; spawn it under a name and put the
 * name into the pool of a handler.
 *
 * Clients subscribe to `heartbeat` and to the topics declared here. Any process
 * publishes with `self.send("topics", { kind: "publish", topic, data })`; the
 * text is made once for all subscribers, those of a process of the same name on
 * other nodes too. Several topics processes in one pool have their own subscribers
 * each: publish to each of them.
 *
 * @throws {TypeError} If an option is unknown or a topic has a name that none can have.
 * @throws {RangeError} If the period is no time that a timer can wait.
 *
 * @example
 * ```ts
 * import { createHandler, createNode } from "@troupe/troupe";
 * import { createTopics } from "@troupe/troupe/topics";
 *
 * await using node = createNode();
 * node.spawn(createTopics({ topics: ["news"] }), { name: "topics" });
 * const handler = createHandler({ pool: ["topics"] });
 * node.spawn(async (self) => {
 *   self.spawnMeta(handler);
 *   self.send("topics", { kind: "publish", topic: "news", data: { headline: "It runs" } });
 *   for await (const _ of self);
 * });
 * await using server = Deno.serve({ hostname: "127.0.0.1", port: 0 }, handler.fetch);
 * ```
 */
export function createTopics(options: TopicsOptions = {}): ProcessFunction {
  const resolved = resolveTopicsOptions(options);
  return async (self) => await new TopicsProcess(self, resolved).run();
}

/** The behaviour `topics`: a topics process whose options are its `env`. */
export async function topics(self: Process): Promise<void> {
  await createTopics(resolveTopicsOptions(self.env))(self);
}

function isWake(message: unknown): boolean {
  return (message as { kind?: unknown } | null)?.kind === WAKE.kind;
}

interface Client {
  readonly connectedMs: number;
  /** Identity of the connection's span, while it is recorded. */
  readonly trace: string | undefined;
  readonly subscriptions: Set<string>;
}

class TopicsProcess {
  readonly #self: Process;
  readonly #declared: ReadonlySet<string>;
  readonly #clients = new Map<Alias, Client>();
  /** By topic of the application; in the order of subscription. */
  readonly #subscribers: ReadonlyMap<string, Set<Alias>>;
  readonly #heartbeats: HeartbeatSchedule<Alias>;
  readonly #shared: SharedTopics;
  /** When the message to itself comes, and how to take it back. */
  #wake: { readonly atMs: number; readonly cancel: () => boolean } | undefined;

  constructor(self: Process, { topics, heartbeatPeriodMs }: Required<TopicsOptions>) {
    this.#self = self;
    this.#declared = new Set(topics);
    this.#subscribers = new Map(topics.map((topic) => [topic, new Set()]));
    this.#heartbeats = new HeartbeatSchedule(heartbeatPeriodMs);
    this.#shared = new SharedTopics(self, {
      subjects: () => this.#subscribed(),
      deliver: (topic, text) => this.#deliver(topic, text),
    });
    self.provide(TOPICS);
    self.onInspect(() => ({
      clients: this.#clients.size,
      topics: this.#declared.size + 1,
      heartbeats: this.#heartbeats.size,
    }));
  }

  async run(): Promise<void> {
    for await (const envelope of this.#self) this.#handle(envelope);
  }

  #handle(envelope: Envelope): void {
    const { message, from } = envelope;
    if (isMessage(message)) this.#receive(message);
    else if (isConnect(message)) this.#connect(message);
    else if (isDisconnect(message)) this.#disconnect(message.id);
    else if (isWake(message) && from === this.#self.pid) this.#beat();
    else this.#command(envelope);
  }

  #connect({ id, trace }: ConnectMessage): void {
    const connectedMs = this.#self.nowMs();
    this.#clients.set(id, { connectedMs, trace, subscriptions: new Set() });
  }

  #disconnect(id: Alias): void {
    for (const topic of this.#clients.get(id)?.subscriptions ?? []) {
      this.#removeSubscriber(topic, id);
    }
    this.#clients.delete(id);
    this.#removeHeartbeat(id);
  }

  #receive(message: WebSocketMessage): void {
    const { id, trace } = message;
    const client = this.#clients.get(id);
    if (client === undefined || !isDataMessage(message)) return;
    const attributes = { "troupe.connection.id": id };
    const span = trace === undefined
      ? undefined
      : this.#self.telemetry.span("handle", { parent: trace, attributes });
    this.#answer(id, client, message.body, span);
    span?.end();
  }

  #answer(
    id: Alias,
    client: Client,
    body: string | Uint8Array,
    span: TraceSpan | undefined,
  ): void {
    const read = readRequest(body);
    if ("error" in read) {
      span?.set({ "troupe.error.code": read.error.code });
      span?.fail(read.error.message);
      return this.#tell(id, read.error);
    }
    const { request } = read;
    span?.set({ "troupe.message.type": request.type });
    const attributes = "topic" in request ? { "troupe.topic": request.topic } : {};
    const child = span?.child(REQUEST_SPANS[request.type], {
      ...attributes,
      "troupe.request.id": request.reqId,
    });
    const { response, change } = stepRequest(
      { subscriptions: client.subscriptions, declared: this.#declared },
      request,
    );
    this.#tell(id, response);
    if (response.error !== undefined) {
      child?.set({ "troupe.error.code": response.error.code });
      child?.fail(response.error.message);
    }
    child?.end();
    if (change !== undefined) this.#change(id, client, change);
  }

  #change(id: Alias, client: Client, { kind, topic }: SubscriptionChange): void {
    if (kind === "unsubscribe") {
      client.subscriptions.delete(topic);
      this.#removeSubscriber(topic, id);
      if (topic === TOPIC_HEARTBEAT) this.#removeHeartbeat(id);
      return;
    }
    client.subscriptions.add(topic);
    const subscribers = this.#subscribers.get(topic);
    if (subscribers?.add(id).size === 1) this.#shared.tell("joined", topic);
    if (topic !== TOPIC_HEARTBEAT) return;
    this.#heartbeats.add(id, this.#self.nowMs());
    this.#setWake();
    this.#sendHeartbeat(id);
  }

  #removeSubscriber(topic: string, id: Alias): void {
    const subscribers = this.#subscribers.get(topic);
    if (subscribers?.delete(id) && subscribers.size === 0) this.#shared.tell("left", topic);
  }

  *#subscribed(): Iterable<string> {
    for (const [topic, { size }] of this.#subscribers) if (size > 0) yield topic;
  }

  #removeHeartbeat(id: Alias): void {
    this.#heartbeats.remove(id);
    this.#setWake();
  }

  /** Sends the heartbeats that are due. A timer may fire a moment early: then none is. */
  #beat(): void {
    // What woke it may have been put off while it waited in the mailbox.
    this.#wake?.cancel();
    this.#wake = undefined;
    for (const id of this.#heartbeats.takeDue(this.#self.nowMs())) this.#sendHeartbeat(id);
    this.#setWake();
  }

  /** Sees to it that the next heartbeat is sent when it is due. */
  #setWake(): void {
    const { nextMs } = this.#heartbeats;
    if (this.#wake?.atMs === nextMs) return;
    this.#wake?.cancel();
    this.#wake = nextMs === undefined ? undefined : {
      atMs: nextMs,
      cancel: this.#self.sendAfter(
        this.#self.pid,
        WAKE,
        Math.max(0, nextMs - this.#self.nowMs()),
      ),
    };
  }

  #sendHeartbeat(id: Alias): void {
    const { connectedMs, trace } = this.#clients.get(id)!;
    const attributes = { "troupe.topic": TOPIC_HEARTBEAT, "troupe.connection.id": id };
    const span = trace === undefined
      ? undefined
      : this.#self.telemetry.span("heartbeat", { parent: trace, attributes });
    this.#tell(id, heartbeatMessage(Date.now(), this.#self.nowMs() - connectedMs));
    span?.end();
  }

  #command({ message, reply, from }: Envelope): void {
    const refuse = (error: unknown) => {
      if (reply?.(error) === undefined) {
        this.#self.log.warn("A message from {from} was refused: {error}", { from, error });
      }
    };
    try {
      const command = parseCommand(message);
      const here = this.#perform(command, reply !== undefined);
      const whole = this.#shared.ask(command, here) ?? here;
      if (whole instanceof Promise) whole.then((answer) => reply?.(answer), refuse);
      else reply?.(whole);
    } catch (error) {
      refuse(error);
    }
  }

  #perform(command: TopicsCommand, isAsked: boolean): unknown {
    switch (command.kind) {
      case "publish":
        return this.#publish(command, isAsked);
      case "closeClientConnections":
        return this.#closeAll(command);
      case "topics":
        return this.#list();
    }
  }

  #list(): TopicInfo[] {
    const heartbeat = { topic: TOPIC_HEARTBEAT, subscribers: this.#heartbeats.size };
    const declared = Array.from(
      this.#subscribers,
      ([topic, { size }]) => ({ topic, subscribers: size }),
    );
    return [heartbeat, ...declared];
  }

  #publish({ topic, data, scope }: PublishCommand, isAsked: boolean): number | Promise<number> {
    const subscribers = this.#subscribers.get(topic);
    if (subscribers === undefined) {
      const declared = [...this.#declared].map((name) => JSON.stringify(name)).join(", ");
      throw new TypeError(
        `Cannot publish on ${JSON.stringify(topic)}: expected a declared topic, ` +
          (declared === "" ? "but none is declared" : `one of ${declared}`),
      );
    }
    const publication: PublicationMessage = { type: topic, data: data ?? null };
    const text = JSON.stringify(publication);
    const here = this.#deliver(topic, text);
    if (scope === "node") return here;
    if (isAsked) return this.#shared.publishCounted(topic, text, here);
    this.#shared.publish(topic, text);
    return here;
  }

  #deliver(topic: string, text: string): number {
    const subscribers = this.#subscribers.get(topic);
    if (subscribers === undefined) return 0;
    // One message for all: none of them may change it.
    const message = Object.freeze({ kind: "message", body: text });
    this.#self.sendAll(subscribers, message);
    return subscribers.size;
  }

  #closeAll({ code, reason, trace }: CloseClientsCommand): number {
    const attributes = {
      "troupe.close.code": code,
      "troupe.close.reason": reason,
      "troupe.connections": this.#clients.size,
    };
    const options = { attributes, parent: trace, inherits: false };
    const span = this.#self.telemetry.span("closeClientConnections", options);
    const message = { kind: "message", type: MESSAGE_TYPE.close, code, reason };
    this.#self.sendAll(this.#clients.keys(), message);
    span?.end();
    return this.#clients.size;
  }

  #tell(id: Alias, message: unknown): void {
    this.#self.send(id, { kind: "message", body: JSON.stringify(message) });
  }
}

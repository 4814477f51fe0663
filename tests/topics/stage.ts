/**
 * Topics processes with connections that are mere lists, on a clock that stands still.
 *
 * @module
 */

import {
  type Alias,
  createNode,
  type MetaProcess,
  type Node,
  type Pid,
} from "../../src/actor/mod.ts";
import { createTelemetry, type Telemetry } from "../../src/telemetry/mod.ts";
import { createTopics, type TopicsOptions } from "../../src/topics/mod.ts";
import { ManualClock, settle } from "../../src/testing/manual_clock.ts";

/** One connection as a topics process sees it. */
export interface FakeClient {
  readonly id: Alias;
  /** Messages that were sent to it, as they are. */
  readonly messages: { readonly type?: number; readonly body?: string }[];
  /** Bodies of those that are text, parsed; empties the list. */
  take(): Record<string, unknown>[];
  /** A text or bytes from the client. */
  say(body: string | Uint8Array | object): Promise<void>;
  /** Ends the connection. */
  leave(): Promise<void>;
}

/** A topics process that runs. */
export interface TopicsStage extends AsyncDisposable {
  readonly node: Node;
  readonly clock: ManualClock;
  readonly topics: Pid;
  connect(): Promise<FakeClient>;
}

/** Starts one. */
export async function startTopics(
  options: TopicsOptions & {
    readonly telemetry?: Telemetry;
    readonly mailboxSize?: number;
    readonly clock?: ManualClock;
    readonly name?: string;
  } = {},
): Promise<TopicsStage> {
  const {
    telemetry = createTelemetry(),
    clock = new ManualClock(),
    mailboxSize,
    name,
    ...topicsOptions
  } = options;
  const node = createNode({ clock, telemetry, name });
  const topics = node.spawn(createTopics(topicsOptions), { name: "topics", mailboxSize });
  await settle();
  return {
    node,
    clock,
    topics,
    connect: () => connect(node),
    [Symbol.asyncDispose]: () => node.stop(),
  };
}

async function connect(node: Node): Promise<FakeClient> {
  const messages: FakeClient["messages"] = [];
  const id = Promise.withResolvers<Alias>();
  node.spawn(async (self) => {
    const run = async (meta: MetaProcess) => {
      id.resolve(meta.id);
      for await (const { message } of meta) messages.push(message as typeof messages[number]);
    };
    self.spawnMeta({ run, terminate: () => {} });
    for await (const _ of self);
  });
  const alias = await id.promise;
  const report = async (message: object) => {
    node.send("topics", { id: alias, ...message });
    await settle();
  };
  const handshake = { remoteAddr: "", localAddr: "", url: "", headers: {}, protocol: "" };
  await report({ kind: "connect", ...handshake });
  return {
    id: alias,
    messages,
    take: () =>
      messages.splice(0).flatMap(({ body }) => body === undefined ? [] : [JSON.parse(body)]),
    say: (body) => {
      const isRaw = typeof body === "string" || body instanceof Uint8Array;
      const type = body instanceof Uint8Array ? 2 : 1;
      return report({ kind: "message", type, body: isRaw ? body : JSON.stringify(body) });
    },
    leave: () => report({ kind: "disconnect", code: 1000, reason: "" }),
  };
}

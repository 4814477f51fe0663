/**
 * Echo: connections × messages in flight × size.
 *
 * @module
 */

import { CONTESTANTS, DENO, FLOOR, TROUPE_WS } from "../contestants.ts";
import { entriesOf, openAll, webSocketEntry } from "../entries.ts";
import { echo } from "../generator/echo.ts";
import { type Bytes, textFrame } from "../generator/frames.ts";
import { settle } from "../settle.ts";
import type { Entry, Goal, Prepared, RateScenario } from "../scenario.ts";
import type { Subject } from "../subject.ts";

/** A kind of load. */
export interface EchoShape {
  readonly connections: number;
  readonly depth: number;
  /** Of a payload, in bytes. */
  readonly size: number;
}

function goal(over: string, ratio: number): Goal {
  return { entry: TROUPE_WS.id, over, ratio };
}

const GROWTH = [TROUPE_WS, FLOOR, DENO];

/** Opens connections that echo `payloads`, and sees to it that they do. */
export async function prepareEcho(
  subject: Subject,
  entry: Entry,
  { connections, depth }: Omit<EchoShape, "size">,
  payloads: readonly string[],
  frame: (message: string) => Bytes = textFrame,
): Promise<Prepared> {
  const webSocket = webSocketEntry(entry);
  const opened = await openAll(subject, webSocket, connections);
  const { message } = webSocket.contestant.protocol("echo");
  await settle(opened.slice(0, 1), (text) => message(text, undefined), payloads[0]!);
  const frames = payloads.map((payload) => frame(message(payload, undefined)));
  return {
    measure: (durationMs, latencies) => echo(opened, { frames, depth, durationMs, latencies }),
    [Symbol.asyncDispose]: () => {
      opened.forEach((each) => each[Symbol.dispose]());
      return Promise.resolve();
    },
  };
}

function scenario(
  shape: EchoShape,
  goals: readonly Goal[] = [],
  from: typeof CONTESTANTS = CONTESTANTS,
): RateScenario {
  const { connections, depth, size } = shape;
  return {
    kind: "rate",
    id: `echo-${connections}x${depth}-${size}`,
    group: "echo",
    title: `Echo, ${connections.toLocaleString("en-US")} connections × ${depth} in flight, ` +
      `${size.toLocaleString("en-US")} bytes`,
    unit: "messages",
    entries: entriesOf("echo", { from }),
    isQuick: connections <= 100 && size < 1_024,
    goals,
    prepare: (subject, entry) => prepareEcho(subject, entry, shape, ["x".repeat(size)]),
  };
}

/** What `deno task bench echo` measures. */
export const scenarios: readonly RateScenario[] = [
  scenario({ connections: 100, depth: 1, size: 32 }, [goal("floor", 0.93), goal("ws", 1.15)]),
  scenario(
    { connections: 100, depth: 16, size: 32 },
    [goal("floor", 0.6), goal("bun", 0.5), goal("ws", 6)],
  ),
  scenario({ connections: 1_000, depth: 1, size: 128 }, [goal("floor", 0.88), goal("ws", 1.05)]),
  scenario({ connections: 20, depth: 8, size: 16_384 }, [goal("bun", 0.9)]),
  // What a message costs may grow with connections as it does on the floor, and no more.
  scenario({ connections: 5_000, depth: 1, size: 32 }, [goal("floor", 0.93)], GROWTH),
];

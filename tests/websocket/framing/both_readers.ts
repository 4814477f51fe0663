/**
 * The reader of this room and the one of npm `ws`, on the same bytes.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import type { Writable } from "node:stream";
import { type FrameLimits, mostFragments } from "../../../src/websocket/framing/header.ts";
import { step } from "../../../src/websocket/framing/reader.ts";
import { ReaderState } from "../../../src/websocket/framing/reader_state.ts";
// @ts-types="npm:@types/ws@8.18.2"
import * as ws from "ws";

/** What came of bytes, in a form that can be compared. */
export interface Outcome {
  readonly arrived: unknown[];
  /** Close code for the rule that was broken. */
  readonly violation: number | undefined;
}

/** What the reader of this room makes of chunks. */
export function readOwn(chunks: readonly Uint8Array[], limits: Partial<FrameLimits>): Outcome {
  const state = new ReaderState({ maxMessageBytes: 1_048_576, compression: false, ...limits });
  const arrived: unknown[] = [];
  for (const chunk of chunks) {
    // The reader unmasks in place.
    const came = step(state, Buffer.from(chunk));
    arrived.push(...came.arrived);
    if (came.violation !== undefined) return { arrived, violation: came.violation.code };
  }
  return { arrived, violation: undefined };
}

const { Receiver } = ws as unknown as {
  readonly Receiver: new (options: Readonly<Record<string, unknown>>) => Writable;
};

/** What the receiver of `ws` makes of them. */
export async function readWs(
  chunks: readonly Uint8Array[],
  limits: Partial<FrameLimits>,
): Promise<Outcome> {
  const maxMessageBytes = limits.maxMessageBytes ?? 1_048_576;
  const receiver = new Receiver({
    isServer: true,
    maxPayload: maxMessageBytes,
    maxFragments: mostFragments(maxMessageBytes),
  });
  const arrived: unknown[] = [];
  let violation: number | undefined;
  receiver.on("message", (data: Buffer, isBinary: boolean) => {
    const body = isBinary ? new Uint8Array(data) : data.toString();
    arrived.push({ type: isBinary ? 2 : 1, body, bytes: data.length });
  });
  for (const [event, type] of [["ping", 9], ["pong", 10]] as const) {
    receiver.on(
      event,
      (data: Buffer) => arrived.push({ type, body: new Uint8Array(data), bytes: data.length }),
    );
  }
  receiver.on(
    "conclude",
    (code: number, reason: Buffer) => arrived.push({ type: 8, code, reason: reason.toString() }),
  );
  const failed = new Promise<void>((resolve) =>
    receiver.on("error", (error: Error) => {
      const code = Object.getOwnPropertySymbols(error).find((key) =>
        key.description === "status-code"
      );
      violation = (error as unknown as Record<symbol, number>)[code!];
      resolve();
    })
  );
  for (const chunk of chunks) {
    const written = new Promise((resolve) => receiver.write(Buffer.from(chunk), resolve));
    await Promise.race([written, failed]);
    if (violation !== undefined || receiver.writableFinished || receiver.writableEnded) break;
  }
  return { arrived, violation };
}

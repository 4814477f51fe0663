/**
 * Writes of one turn of the event loop, in one system call per socket.
 *
 * @module
 */

import process from "node:process";
import type { Buffer } from "node:buffer";
import type { Duplex } from "node:stream";
import type { MessageType } from "../messages.ts";
import { encodeFrame, payloadLength } from "./frame_encoder.ts";

let corked: Duplex[] = [];
let lastType: MessageType | undefined;
let lastBody: string | Uint8Array | undefined;
let lastFrame: Buffer | undefined;

/** Holds what is written to a socket until this turn of the event loop ends. */
export function corkForTurn(tcp: Duplex): void {
  if (tcp.writableCorked > 0) return;
  tcp.cork();
  // After the microtasks of this turn, before the loop polls for more.
  if (corked.push(tcp) === 1) process.nextTick(endTurn);
}

/**
 * Writes a message of a server as a frame. What is written to one socket in one
 * turn leaves together, when the turn ends: a single frame waits for nothing
 * else than the code that is running. A message that goes to many sockets in
 * one turn is encoded once.
 *
 * @returns The bytes of the body.
 */
export function writeInTurn(tcp: Duplex, type: MessageType, body: string | Uint8Array): number {
  corkForTurn(tcp);
  if (lastFrame === undefined || body !== lastBody || type !== lastType) {
    lastFrame = encodeFrame(type, body);
    lastType = type;
    lastBody = body;
  }
  tcp.write(lastFrame);
  return payloadLength(lastFrame.length);
}

function endTurn(): void {
  const sockets = corked;
  corked = [];
  lastFrame = lastBody = undefined;
  for (const tcp of sockets) tcp.uncork();
}

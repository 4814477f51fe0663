/**
 * What servers want to hear from a client, and what they answer.
 *
 * @module
 */

import { type Bytes, clientFrame, OPCODES, textFrame } from "./frames.ts";
import type { Classify, FrameKind } from "./scanner.ts";

/** Number of the room that a connection is a member of. */
export type Room = number | undefined;

/** How to talk to a server. */
export interface Protocol {
  readonly name: string;
  /** Path of the upgrade, for a member of a room if there is one. */
  path(room: Room): string;
  /** Texts to say first, each when an answer to the one before has come. */
  greeting(room: Room): readonly string[];
  /** The server speaks first. */
  readonly isGreeted: boolean;
  /** The text that carries a message to a room. */
  message(payload: string, room: Room): string;
  readonly classify: Classify;
  /** Answers a ping. */
  readonly pong: Bytes;
}

function controlOr(opcode: number, kind: () => FrameKind): FrameKind {
  if (opcode === OPCODES.ping) return "ping";
  return opcode < OPCODES.close ? kind() : "other";
}

/** A frame is a message; rooms are paths. */
export const PLAIN: Protocol = {
  name: "plain",
  path: (room) => room === undefined ? "/" : `/?room=${room}`,
  greeting: () => [],
  isGreeted: false,
  message: (payload) => payload,
  classify: ({ opcode, isFinal }) => controlOr(opcode, () => isFinal ? "message" : "other"),
  pong: clientFrame(new Uint8Array(), { opcode: OPCODES.pong }),
};

/** Troupe's event server, in its wire format. */
export const EVENTS: Protocol = {
  ...PLAIN,
  name: "events",
  greeting: (room) => room === undefined ? [] : [`m:join;0;${room}`],
  message: (payload) => `m:news;0;${payload}`,
};

/**
 * Socket.IO 5 over Engine.IO 4, as its documentation of the protocol has it
 * (https://socket.io/docs/v4/socket-io-protocol/). A packet of one byte is a ping, which
 * compressed has a few.
 */
export const SOCKET_IO: Protocol = {
  name: "socket.io",
  path: () => "/socket.io/?EIO=4&transport=websocket",
  greeting: (room) => room === undefined ? ["40"] : ["40", `42["join","${room}"]`],
  isGreeted: true,
  message: (payload) => `42["message",${JSON.stringify(payload)}]`,
  classify: ({ opcode, isFinal, isCompressed, length }) =>
    controlOr(opcode, () => {
      if (length <= (isCompressed ? 4 : 1)) return "ping";
      return isFinal ? "message" : "other";
    }),
  pong: textFrame("3"),
};

/**
 * Centrifugo's JSON protocol (https://centrifugal.dev/docs/transports/client_protocol):
 * lines, of which pushes are messages. `{}` is a ping and its answer.
 */
export const CENTRIFUGO: Protocol = {
  name: "centrifugo",
  path: () => "/connection/websocket",
  greeting: (room) => [
    '{"id":1,"connect":{}}',
    ...(room === undefined ? [] : [`{"id":2,"subscribe":{"channel":"room${room}"}}`]),
  ],
  isGreeted: false,
  message: (payload, room) =>
    `{"id":3,"publish":{"channel":"room${room}","data":${JSON.stringify(payload)}}}`,
  classify: ({ opcode, length }) => controlOr(opcode, () => length === 2 ? "ping" : "lines"),
  pong: textFrame("{}"),
};

/** All, for who is told by name. */
export const PROTOCOLS: readonly Protocol[] = [PLAIN, EVENTS, SOCKET_IO, CENTRIFUGO];

/**
 * One client: its listeners, its values, and the order of its messages.
 *
 * @module
 */

import type { Alias } from "../actor/mod.ts";
import {
  assertCloseFrame,
  CLOSE_CODES,
  MESSAGE_TYPE,
  type MessageType,
  type OutgoingMessage,
  type WebSocketMessage,
} from "../websocket/mod.ts";
import {
  assertEventName,
  type Emission,
  type EncodedMessage,
  encodeEvent,
  type EventCodec,
} from "./codec.ts";
import type { Emitter } from "./emitter.ts";
import { AlreadyDisconnectedError, toError } from "./errors.ts";
import {
  callAtOnce,
  callInTurn,
  type ConnectionEnd,
  type DisconnectListener,
  type ErrorListener,
  type EventListener,
  type LeaveListener,
  type NativeMessageListener,
  type PingListener,
  type PongListener,
} from "./listeners.ts";
import type { ConnectionRequest } from "./options.ts";
import { TaskQueue } from "./task_queue.ts";
import type {
  ConnectionListener,
  ConnectionValues,
  EventConnection,
  EventServer,
} from "./types.ts";

/** What a connection needs of its server. */
export interface ConnectionHost {
  /** For `connection.server`. */
  readonly server: EventServer;
  /** Sends to a WebSocket; whether that accepted it. */
  send(alias: Alias, message: OutgoingMessage): boolean;
  /** Sends what is emitted, formed once for each wire format; counts who accepted it here. */
  emit(target: string, from: string, emission: Emission): number;
  /** Takes it out of rooms and lists, and has it tell its listeners. */
  end(connection: OpenConnection, end: ConnectionEnd): void;
  /** Logs an error that nobody listens to. */
  logFault(connection: OpenConnection, error: Error): void;
}

/** What one is made of. */
export interface ConnectionParts {
  readonly id: string;
  readonly alias: Alias;
  readonly request: ConnectionRequest;
  readonly codec: EventCodec;
  readonly pendingMessages: number;
  /** Its messages wait for `wait`. */
  readonly held: boolean;
}

const NONE: readonly never[] = Object.freeze([]);

/** Implements {@linkcode EventConnection}; the server calls what is not in there. */
export class OpenConnection implements EventConnection {
  readonly id: string;
  readonly alias: Alias;
  readonly request: ConnectionRequest;
  readonly codec: EventCodec;
  readonly #host: ConnectionHost;
  readonly #tasks: TaskQueue;
  #state: "open" | "ending" | "ended" = "open";
  #end: ConnectionEnd | undefined;
  #values: ConnectionValues | undefined;
  // Lists are made when their first listener comes: most connections have one or two.
  #events: Map<string, EventListener[]> | undefined;
  #messages: NativeMessageListener[] | undefined;
  #pings: PingListener[] | undefined;
  #pongs: PongListener[] | undefined;
  #leaves: LeaveListener[] | undefined;
  #disconnects: DisconnectListener[] | undefined;
  #errors: ErrorListener[] | undefined;
  #beingLeft: Set<string> | undefined;

  constructor(host: ConnectionHost, parts: ConnectionParts) {
    this.#host = host;
    this.id = parts.id;
    this.alias = parts.alias;
    this.request = parts.request;
    this.codec = parts.codec;
    this.#tasks = new TaskQueue(parts.pendingMessages, parts.held);
  }

  get server(): EventServer {
    return this.#host.server;
  }

  get isConnected(): boolean {
    return this.#state === "open";
  }

  get values(): ConnectionValues {
    return this.#values ??= new Map();
  }

  on(event: string, listener: EventListener): void {
    assertEventName(event);
    const events = this.#events ??= new Map();
    const listeners = events.get(event);
    if (listeners === undefined) events.set(event, [listener]);
    else listeners.push(listener);
  }

  onMessage(listener: NativeMessageListener): void {
    (this.#messages ??= []).push(listener);
  }

  onDisconnect(listener: DisconnectListener): void {
    if (this.#end === undefined) (this.#disconnects ??= []).push(listener);
    else callAtOnce([listener], [this.#end], this.fireOnError);
  }

  onError(listener: ErrorListener): void {
    (this.#errors ??= []).push(listener);
  }

  onPing(listener: PingListener): void {
    (this.#pings ??= []).push(listener);
  }

  onPong(listener: PongListener): void {
    (this.#pongs ??= []).push(listener);
  }

  onLeave(listener: LeaveListener): void {
    (this.#leaves ??= []).push(listener);
  }

  readonly fireOnError = (error: unknown): void => {
    const shown = toError(error);
    if (this.#errors === undefined) return this.#host.logFault(this, shown);
    // Not told again: it would go round in circles.
    const report = (fault: unknown) => this.#host.logFault(this, toError(fault));
    callAtOnce(this.#errors, [shown], report);
  };

  to(target: string): Emitter {
    const send = (emission: Emission) => this.#host.emit(target, this.id, emission);
    return {
      emit: (event, data) => send(encodeEvent(event, data)),
      emitMessage: (body) => send({ body }),
    };
  }

  emit(event: string, data?: unknown): number {
    return this.#send(this.codec.encode(event, data));
  }

  emitMessage(body: string | Uint8Array): number {
    return this.#send(this.codec.native(body));
  }

  join(room: string): void {
    if (this.isConnected) this.server.join(room, this.id);
  }

  leave(room: string): boolean {
    return this.isConnected && this.server.leave(room, this.id);
  }

  isJoined(room: string): boolean {
    return this.#state !== "ended" && this.server.isJoined(room, this.id);
  }

  disconnect(code: number = CLOSE_CODES.normal.code, reason: string = ""): void {
    if (!this.isConnected) throw new AlreadyDisconnectedError(this.id);
    assertCloseFrame(code, reason);
    this.#host.send(this.alias, { kind: "message", type: MESSAGE_TYPE.close, code, reason });
    this.#tasks.clear();
    this.#host.end(this, { code, reason });
  }

  write(type: MessageType, data: string | Uint8Array): boolean {
    const message: OutgoingMessage = type === MESSAGE_TYPE.close
      ? closeMessage(data)
      : { kind: "message", type, body: typeof data === "string" ? data : data.slice() };
    return this.isConnected && this.#host.send(this.alias, message);
  }

  wait(): void {
    this.#tasks.release();
  }

  setValue(key: string, value: unknown): void {
    this.values.set(key, value);
  }

  getValue(key: string): unknown {
    return this.#values?.get(key);
  }

  getValueStrings(key: string): readonly string[] | undefined {
    const value = this.getValue(key);
    const isList = Array.isArray(value) && value.every((item) => typeof item === "string");
    return isList ? value : undefined;
  }

  getValueString(key: string): string | undefined {
    const value = this.getValue(key);
    return typeof value === "string" ? value : undefined;
  }

  getValueInt(key: string): number | undefined {
    const value = this.getValue(key);
    if (typeof value === "string" && /^[+-]?\d+$/.test(value)) return Number(value);
    return Number.isInteger(value) ? value as number : undefined;
  }

  // What the server calls

  /** Runs the connection listeners; messages wait for them. */
  greet(listeners: readonly ConnectionListener[]): void {
    this.#tasks.run(() => callInTurn(listeners, [this as EventConnection], this.fireOnError));
  }

  /** Takes a message in its turn. */
  receive(message: WebSocketMessage): void {
    // Ahead of its turn: a listener that takes its time does not make the network dead.
    if (this.#isPing(message)) return void this.#send(this.codec.pong);
    if (!this.isConnected || this.#tasks.run(() => this.#handle(message))) return;
    this.disconnect(CLOSE_CODES.tryAgainLater.code, "too many messages wait");
  }

  /** The WebSocket has ended: once the messages before are dealt with, so has this. */
  close(end: ConnectionEnd): void {
    this.#tasks.run(() => this.#host.end(this, end), true);
  }

  /** Drops what waits. */
  dropPending(): void {
    this.#tasks.clear();
  }

  /** Whether the end may begin: it does once. */
  beginEnd(): boolean {
    if (this.#state !== "open") return false;
    this.#state = "ending";
    return true;
  }

  /** Tells the listeners that it is about to leave a room. */
  fireLeave(room: string): void {
    // A listener that leaves the room itself is not told of that.
    if (this.#leaves === undefined || this.#beingLeft?.has(room)) return;
    (this.#beingLeft ??= new Set()).add(room);
    callAtOnce(this.#leaves, [room], this.fireOnError);
    this.#beingLeft.delete(room);
  }

  /** Tells the listeners that it is over. */
  fireDisconnect(end: ConnectionEnd): void {
    this.#state = "ended";
    this.#end = end;
    callAtOnce(this.#disconnects ?? NONE, [end], this.fireOnError);
  }

  #isPing({ type, body }: WebSocketMessage): boolean {
    return (type === MESSAGE_TYPE.text || type === MESSAGE_TYPE.binary) && this.codec.isPing(body);
  }

  #send(message: EncodedMessage): number {
    return this.isConnected && this.#host.send(this.alias, message) ? 1 : 0;
  }

  #handle({ type, body }: WebSocketMessage): void | Promise<void> {
    if (!this.isConnected) return;
    if (type === MESSAGE_TYPE.ping) {
      return callInTurn(this.#pings ?? NONE, [bytesOf(body)], this.fireOnError);
    }
    if (type === MESSAGE_TYPE.pong) {
      return callInTurn(this.#pongs ?? NONE, [bytesOf(body)], this.fireOnError);
    }
    try {
      const found = this.codec.decode(body);
      if (found === undefined) return callInTurn(this.#messages ?? NONE, [body], this.fireOnError);
      const { event, data, text } = found;
      return callInTurn(this.#events?.get(event) ?? NONE, [data, text], this.fireOnError);
    } catch (error) {
      this.fireOnError(error);
    }
  }
}

function bytesOf(body: string | Uint8Array): Uint8Array {
  return typeof body === "string" ? new TextEncoder().encode(body) : body;
}

/** Takes the body of a close frame apart (RFC 6455, section 5.5.1). */
function closeMessage(data: string | Uint8Array): OutgoingMessage {
  const bytes = bytesOf(data);
  if (bytes.length === 0) return { kind: "message", type: MESSAGE_TYPE.close };
  if (bytes.length === 1) {
    const expected = "expected none or a code of 2 bytes and a reason";
    throw new RangeError(`Cannot send a close frame: got a body of 1 byte, ${expected}`);
  }
  const code = bytes[0]! << 8 | bytes[1]!;
  const reason = new TextDecoder().decode(bytes.subarray(2));
  assertCloseFrame(code, reason);
  return { kind: "message", type: MESSAGE_TYPE.close, code, reason };
}

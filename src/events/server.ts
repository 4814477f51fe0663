/**
 * The event server: a process that knows its connections and their rooms.
 *
 * @module
 */

import type { Alias, Envelope, Process } from "../actor/mod.ts";
import {
  CLOSE_CODES,
  type ConnectMessage,
  createHandler,
  type DisconnectMessage,
  type Handler,
  HANDLER_DEFAULTS,
  isConnect,
  isDisconnect,
  isMessage,
  joinAccepts,
  type OutgoingMessage,
  type RequestInfo,
} from "../websocket/mod.ts";
import type { NameWindow } from "../text/mod.ts";
import { type Emission, encodeEvent, EventCodec, type WireFormat } from "./codec.ts";
import { type CommandHost, ROOMS, runCommand } from "./commands.ts";
import { type ConnectionHost, OpenConnection } from "./connection.ts";
import { type Arrival, readConnect } from "./connects.ts";
import type { Emitter } from "./emitter.ts";
import { EventMessageError } from "./errors.ts";
import type { ConnectionEnd } from "./listeners.ts";
import {
  type ConnectionRequest,
  DISCONNECT_GRACE_MS,
  type EventServerOptions,
  formatOf,
  type ResolvedOptions,
  resolveEventOptions,
} from "./options.ts";
import { assertRoomName } from "./rooms.ts";
import { InCluster } from "./in_cluster.ts";
import type { EventCommand, RoomInfo } from "./messages.ts";
import { Roster } from "./roster.ts";
import { type Shared, SharedRooms } from "./shared_rooms.ts";
import type { ConnectionListener, EventConnection, EventServer, Upgrade } from "./types.ts";
import { Upgrades } from "./upgrades.ts";

/** Name of the process that is told of rooms that are occupied and vacated. */
const ROOM_LISTENER = "troupe.webhooks";

/** Messages of the process to itself. */
const OVERDUE = "event server: listeners overdue";
const UPGRADE_LATE = "event server: upgrade late";

const REPLACED = "replaced by a newer connection";

/**
 * Creates an event server (seed 003: New): connections with events and rooms,
 * in one process.
 *
 * @throws {TypeError} If there is no such option, or the prefix, an origin or a list
 * has a form that is not accepted.
 * @throws {RangeError} If a limit is out of its range.
 *
 * @example
 * ```ts
 * import { createNode, listen } from "@troupe/troupe";
 * import { BROADCAST, createEventServer } from "@troupe/troupe/events";
 *
 * const ws = createEventServer({ origins: "*" });
 * ws.onConnection((connection) => {
 *   connection.on("chat", (text: string) => {
 *     connection.to(BROADCAST).emit("chat", text);
 *   });
 * });
 *
 * await using node = createNode();
 * node.spawn(ws.run, { name: "chat" });
 * await using listener = await listen({ "/chat": ws.endpoint }, { port: 0 });
 * ```
 */
export function createEventServer(options: EventServerOptions = {}): EventServer {
  return new EventServerProcess(options);
}

class EventServerProcess implements EventServer, ConnectionHost, CommandHost {
  readonly server: EventServer = this;
  readonly kick = { code: CLOSE_CODES.kicked.code, reason: CLOSE_CODES.kicked.name };
  readonly #options: ResolvedOptions;
  readonly #codecs = new Map<string, EventCodec>();
  readonly #listeners: ConnectionListener[] = [];
  readonly inCluster: InCluster = new InCluster((command) => this.#ask(command));
  readonly #roster = new Roster({
    room: (kind, room) => {
      // Whoever on this node is told of rooms; mostly nobody.
      if (this.#self?.whereis(ROOM_LISTENER) !== undefined) {
        this.#self.send(ROOM_LISTENER, { kind, room });
      }
    },
    subject: (kind, subject) => this.#shared.tell(kind, subject),
  });
  readonly #shared = new SharedRooms({
    subjects: () => this.#roster.subjects(),
    share: (shared) => this.#take(shared),
  });
  readonly #upgrades = new Upgrades();
  #transport: Handler;
  #self: Process | undefined;

  constructor(options: EventServerOptions) {
    this.#options = resolveEventOptions(options);
    this.#transport = this.#createTransport();
  }

  readonly run = async (self: Process): Promise<void> => {
    if (this.#self !== undefined) {
      throw new TypeError(`Cannot run an event server: ${this.#self.pid} runs it already`);
    }
    this.#self = self;
    self.onInspect(() => ({ connections: this.#roster.size, rooms: this.#roster.rooms }));
    self.provide(ROOMS);
    self.spawnMeta(this.#transport);
    try {
      this.#shared.open(self);
      for await (const envelope of self) this.#handle(self, envelope);
    } finally {
      this.#shutDown(self);
    }
  };

  readonly handler = (request: Request, info?: RequestInfo): Promise<Response> =>
    this.#transport.fetch(request, info);

  get endpoint(): Pick<Handler, "fetch" | "upgrade" | "optionsForWs"> {
    return this.#transport;
  }

  readonly handleUpgrade: Handler["upgrade"] = (...handshake) =>
    this.#transport.upgrade(...handshake);

  async upgrade(request: Request, info?: RequestInfo): Promise<Upgrade> {
    const { token, connection } = this.#upgrades.expect(request);
    const response = await this.handler(request, info);
    const self = this.#self;
    if (response.status !== 101 || self === undefined) {
      const text = `Cannot upgrade: the answer to the handshake is ${response.status}`;
      this.#upgrades.fail(token, response.status, text);
    } else {
      const { handshakeTimeoutMs = HANDLER_DEFAULTS.handshakeTimeoutMs } = this.#options.transport;
      const late = { kind: UPGRADE_LATE, token };
      this.#upgrades.setDeadline(token, self.sendAfter(self.pid, late, handshakeTimeoutMs));
    }
    return { response, connection };
  }

  onConnection(listener: ConnectionListener): void {
    this.#listeners.push(listener);
  }

  getConnection(id: string): EventConnection | undefined {
    return this.#roster.get(id);
  }

  getConnections(): EventConnection[] {
    return this.#roster.all();
  }

  getConnectionsByRoom(room: string): EventConnection[] {
    return this.#roster.inRoom(room);
  }

  getTotalConnections(): number {
    return this.#roster.size;
  }

  isConnected(id: string): boolean {
    return this.#roster.get(id) !== undefined;
  }

  isJoined(room: string, id: string): boolean {
    return this.#roster.isJoined(room, id);
  }

  join(room: string, id: string): void {
    assertRoomName(room);
    this.#roster.join(room, id);
  }

  leave(room: string, id: string): boolean {
    return this.#roster.leave(room, id);
  }

  leaveAll(id: string): void {
    this.#roster.leaveAll(id);
  }

  disconnect(id: string, code?: number, reason?: string): boolean {
    const connection = this.#roster.get(id);
    if (connection?.isConnected !== true) return false;
    connection.disconnect(code, reason);
    return true;
  }

  to(target: string): Emitter {
    return {
      emit: (event, data) => this.emit(target, undefined, encodeEvent(event, data)),
      emitMessage: (body) => this.emit(target, undefined, { body }),
    };
  }

  // What connections and commands call

  send(alias: Alias, message: OutgoingMessage): boolean {
    return this.#self?.send(alias, message) === "accepted";
  }

  emit(
    target: string,
    from: string | undefined,
    emission: Emission,
    except?: readonly string[],
    isHere = false,
  ): number {
    let count = 0;
    for (const [codec, aliases] of this.#roster.recipients(target, from, except)) {
      count += this.#self?.sendAll(aliases, codec.form(emission)) ?? 0;
    }
    if (!isHere) this.#shared.emit(target, from, except, emission);
    return count;
  }

  emitCounted(
    target: string,
    from: string | undefined,
    emission: Emission,
    except?: readonly string[],
  ): number | Promise<number> {
    const here = this.emit(target, from, emission, except, true);
    return this.#shared.emitCounted(target, from, except, emission, here);
  }

  end(connection: OpenConnection, end: ConnectionEnd): void {
    this.#roster.end(connection, end);
  }

  logFault({ id }: OpenConnection, error: Error): void {
    // What a client sends must not fill the log.
    if (error instanceof EventMessageError) this.#self?.log.debug("{id}: {error}", { id, error });
    else this.#self?.log.error("A listener of {id} failed: {error}", { id, error });
  }

  rooms(window: NameWindow): RoomInfo[] {
    return this.#roster.roomsIn(window);
  }

  readonly roomsOf = (id: string): readonly string[] => this.#roster.roomsOf(id);

  // The process

  /** Takes in what comes from another node. */
  #take(shared: Shared): number | void {
    if (shared.kind === "emit") {
      return this.emit(shared.to, shared.from, shared, shared.except, true);
    }
    this.disconnect(shared.id, this.kick.code, REPLACED);
  }

  async #ask(command: EventCommand): Promise<unknown> {
    const here = runCommand(this, command, true);
    return await (this.#shared.ask(command, here) ?? here);
  }

  #handle(self: Process, { message, reply }: Envelope): void {
    if (isMessage(message)) return this.#roster.byAlias(message.id)?.receive(message);
    if (isConnect(message)) return this.#arrive(self, message);
    if (isDisconnect(message)) return this.#disconnected(self, message);
    const { kind, id, token } = (message ?? {}) as { kind?: unknown; id?: Alias; token?: string };
    if (kind === OVERDUE) return this.#overdue(id!);
    if (kind === UPGRADE_LATE) {
      return this.#upgrades.fail(token!, 101, "Cannot upgrade: the client left in mid-upgrade");
    }
    const refuse = (error: unknown) => {
      if (reply === undefined) self.log.warn("A message was refused: {error}", { error });
      else reply(error);
    };
    try {
      const here = runCommand(this, message, reply !== undefined);
      const whole = this.#shared.ask(message as EventCommand, here) ?? here;
      if (whole instanceof Promise) whole.then((answer) => reply?.(answer), refuse);
      else reply?.(whole);
    } catch (error) {
      refuse(error);
    }
  }

  #arrive(self: Process, message: ConnectMessage): void {
    let arrival: Arrival;
    try {
      arrival = readConnect(message);
    } catch (error) {
      return self.log.warn("A connect was ignored: {error}", { error });
    }
    this.#connect(self, arrival);
  }

  #connect(self: Process, { alias, token, request }: Arrival): void {
    const parts = this.#identify(self, request);
    if (parts === undefined) {
      const { code } = CLOSE_CODES.serverError;
      self.send(alias, { kind: "message", type: 8, code, reason: "no id" });
      return;
    }
    const { id, codec } = parts;
    this.disconnect(id, this.kick.code, REPLACED);
    this.#shared.replace(id);
    const held = this.#upgrades.has(token);
    const { pendingMessages } = this.#options;
    const connection = new OpenConnection(this, {
      ...{ id, alias, request, codec, pendingMessages, held },
    });
    this.#roster.add(connection);
    if (held) this.#upgrades.arrive(token as string, connection);
    else connection.greet(this.#listeners);
  }

  #identify(
    self: Process,
    request: ConnectionRequest,
  ): { id: string; codec: EventCodec } | undefined {
    try {
      const id = this.#options.idGenerator(request);
      assertRoomName(id);
      return { id, codec: this.#codecOf(formatOf(request.attributes, this.#options.format)) };
    } catch (error) {
      self.log.error("A connection was refused: {error}", { error });
    }
  }

  #disconnected(self: Process, { id, code, reason }: DisconnectMessage): void {
    const connection = this.#roster.byAlias(id);
    if (connection === undefined) return;
    connection.close({ code, reason });
    // A listener is at work: it has its time, but not for ever.
    if (connection.isConnected) {
      self.sendAfter(self.pid, { kind: OVERDUE, id }, DISCONNECT_GRACE_MS);
    }
  }

  #overdue(alias: Alias): void {
    const connection = this.#roster.byAlias(alias);
    if (connection === undefined) return;
    connection.fireOnError(
      new Error(
        `Cannot wait for the listeners of ${JSON.stringify(connection.id)}: ` +
          `they did not settle within ${DISCONNECT_GRACE_MS} ms after its end`,
      ),
    );
    this.#drop(connection, CLOSE_CODES.abnormal.code);
  }

  #drop(connection: OpenConnection, code: number): void {
    connection.dropPending();
    this.#roster.end(connection, { code, reason: "" });
  }

  #shutDown(self: Process): void {
    const { goingAway, serverError } = CLOSE_CODES;
    const { code } = self.signal.reason === "shutdown" ? goingAway : serverError;
    try {
      for (const connection of this.#roster.all()) this.#drop(connection, code);
      this.#upgrades.failAll("Cannot upgrade: the event server has ended");
    } finally {
      // A handler ends with its parent; the next run gets one of its own.
      this.#transport = this.#createTransport();
      this.#shared.close();
      this.#self = undefined;
    }
  }

  #codecOf(format: WireFormat): EventCodec {
    const key = `${format.binaryMessages} ${format.eventPrefix}`;
    let codec = this.#codecs.get(key);
    if (codec === undefined) this.#codecs.set(key, codec = new EventCodec(format));
    return codec;
  }

  #createTransport(): Handler {
    const { accept, ...transport } = this.#options.transport;
    return createHandler({
      ...transport,
      accept: joinAccepts((handshake) => this.#upgrades.accept(handshake), accept),
    });
  }
}

/**
 * What an application sees of a connection and of an event server.
 *
 * @module
 */

import type { Alias, Process } from "../actor/mod.ts";
import type { Handler, MessageType, RequestInfo } from "../websocket/mod.ts";
import type { Emitter } from "./emitter.ts";
import type { ConnectionInfo } from "./messages.ts";
import type {
  DisconnectListener,
  ErrorListener,
  EventListener,
  LeaveListener,
  NativeMessageListener,
  PingListener,
  PongListener,
} from "./listeners.ts";
import type { ConnectionRequest } from "./options.ts";

/** Gets each new connection (seed 003: ConnectionFunc). */
export type ConnectionListener = (connection: EventConnection) => unknown;

/** What a connection remembers, by key (seed 003: ConnectionValues). */
export type ConnectionValues = Map<string, unknown>;

/**
 * One client of an event server (seed 003: Connection).
 *
 * Listeners run in the order in which messages came; while one returns a
 * promise, later messages of the same connection wait and others do not. What
 * a listener throws goes to `onError` and ends nothing. As an emitter the
 * connection sends to its own client.
 */
export interface EventConnection extends Emitter {
  /** Its id: of `idGenerator`. It is in the room of this name (seed 003: ID). */
  readonly id: string;
  /** Address of its WebSocket, to which any process can send (seed 003: UnderlineConnection). */
  readonly alias: Alias;
  /** The server that it belongs to (seed 003: Server). */
  readonly server: EventServer;
  /** What the handshake carried (seed 003: Context). */
  readonly request: ConnectionRequest;
  /** Whether it has neither been disconnected nor ended. */
  readonly isConnected: boolean;
  /** What it remembers (seed 003: ConnectionValues). */
  readonly values: ConnectionValues;
  /**
   * Adds a listener to an event (seed 003: On).
   *
   * @throws {TypeError} If the name is empty or has a `;`.
   */
  on(event: string, listener: EventListener): void;
  /** Adds a listener to messages that are no events (seed 003: OnMessage). */
  onMessage(listener: NativeMessageListener): void;
  /**
   * Adds a listener to the end, whatever ended it; calls it at once if it has
   * ended (seed 003: OnDisconnect).
   */
  onDisconnect(listener: DisconnectListener): void;
  /** Adds a listener to errors: of messages, of listeners, of `fireOnError` (seed 003: OnError). */
  onError(listener: ErrorListener): void;
  /** Adds a listener to pings; engine `native` reports none (seed 003: OnPing). */
  onPing(listener: PingListener): void;
  /**
   * Adds a listener to pongs, but for those that answer the pings of
   * `pingPeriodMs`; engine `native` reports none (seed 003: OnPong).
   */
  onPong(listener: PongListener): void;
  /**
   * Adds a listener to leaving a room, also by the end of the connection. It is
   * called before the connection is taken out and is not waited for (seed 003: OnLeave).
   */
  onLeave(listener: LeaveListener): void;
  /** Calls the error listeners and sends nothing; without any it logs (seed 003: FireOnError). */
  fireOnError(error: unknown): void;
  /** Who is meant: a room, the id of a connection, `BROADCAST` or `ALL` (seed 003: To). */
  to(target: string): Emitter;
  /**
   * Joins a room; without effect if it is in already or has ended (seed 003: Join).
   *
   * @throws {TypeError} If the name is empty or `BROADCAST`.
   */
  join(room: string): void;
  /** Leaves a room; false if it was not in (seed 003: Leave). */
  leave(room: string): boolean;
  /** Whether it is in a room (seed 003: IsJoined). */
  isJoined(room: string): boolean;
  /**
   * Leaves all rooms, tells the listeners and closes the WebSocket. Messages
   * that wait are dropped (seed 003: Disconnect).
   *
   * @param code Close code. Default 1000.
   * @param reason At most 123 bytes. Default empty.
   * @throws {AlreadyDisconnectedError} If it had ended, by whomever.
   * @throws {RangeError} If the code may not be sent or the reason is too long.
   */
  disconnect(code?: number, reason?: string): void;
  /**
   * Sends a WebSocket message as it is; the body of a close is its code in two
   * bytes and its reason (seed 003: Write). Engine `native` sends no pings.
   *
   * @returns Whether the connection accepted it.
   * @throws {TypeError} If the type is not one of those there are, or a text is given as bytes that are not UTF-8.
   * @throws {RangeError} If a ping or pong has more than 125 bytes, or the close may not be sent.
   */
  write(type: MessageType, data: string | Uint8Array): boolean;
  /** Starts the messages of a connection from `upgrade`; else without effect (seed 003: Wait). */
  wait(): void;
  /** Remembers a value (seed 003: SetValue). */
  setValue(key: string, value: unknown): void;
  /** A value, if it was set (seed 003: GetValue). */
  getValue(key: string): unknown;
  /** A value that is a list of strings (seed 003: GetValueArrString). */
  getValueStrings(key: string): readonly string[] | undefined;
  /** A value that is a string (seed 003: GetValueString). */
  getValueString(key: string): string | undefined;
  /** A value that is an integer, or a string that spells one (seed 003: GetValueInt). */
  getValueInt(key: string): number | undefined;
}

/**
 * The name that seed 003 has for {@linkcode EventConnection}.
 *
 * @deprecated Until 1.0; use {@linkcode EventConnection}.
 */
export type Connection = EventConnection;

/** A handshake under way (seed 003: the outcome of Upgrade). */
export interface Upgrade {
  /** The answer to give back, whatever it is. */
  readonly response: Response;
  /**
   * The connection, once it is up; its messages wait for `connection.wait()`.
   * Rejects with an `UpgradeError` if there is none (seed 003: Connection.Err).
   */
  readonly connection: Promise<EventConnection>;
}

/** As `Emitter`, for those who want to know how many it reached on all nodes. */
export interface EmitterInCluster {
  /**
   * Sends an event; resolves with how many connections of all nodes accepted it.
   *
   * @throws {TypeError} If the name is empty or has a `;`, or the data cannot be encoded.
   */
  emit(event: string, data?: unknown): Promise<number>;
  /** Sends a native message; resolves with how many connections of all nodes accepted it. */
  emitMessage(body: string | Uint8Array): Promise<number>;
}

/**
 * What an event server knows and does on all nodes where a process of its name is an event
 * server: workers of one program, members of one cluster.
 *
 * Each other node is asked, for up to 5 s. What cannot be answered without one that does not
 * answer is rejected with an `IncompleteAnswerError`, which has what the others say.
 */
export interface EventServerInCluster {
  /** All connections, as plain data. */
  getConnections(): Promise<ConnectionInfo[]>;
  /** The connections in a room, as plain data. */
  getConnectionsByRoom(room: string): Promise<ConnectionInfo[]>;
  /** How many connections there are. */
  getTotalConnections(): Promise<number>;
  /** Whether a connection of that id is there. */
  isConnected(id: string): Promise<boolean>;
  /** Whether a connection is in a room. */
  isJoined(room: string, id: string): Promise<boolean>;
  /**
   * Puts a connection into a room; whether it is in it now.
   *
   * @throws {TypeError} If the name is empty or `BROADCAST`.
   */
  join(room: string, id: string): Promise<boolean>;
  /** Takes a connection out of a room; false if it was not in. */
  leave(room: string, id: string): Promise<boolean>;
  /** Takes a connection out of all rooms; whether there is such a connection. */
  leaveAll(id: string): Promise<boolean>;
  /**
   * Disconnects a connection; false if there is none.
   *
   * @throws {RangeError} If the code may not be sent or the reason is too long.
   */
  disconnect(id: string, code?: number, reason?: string): Promise<boolean>;
  /** Sends to a room, a connection id, or all (`ALL` and `BROADCAST`); from nobody. */
  to(target: string): EmitterInCluster;
}

/**
 * Connections, rooms and events in one process (seed 003: Server).
 *
 * What is emitted reaches the connections of all nodes where a process of the same name is an
 * event server. The other methods act on the process in this thread and answer at once; those
 * of `inCluster` do so on all nodes. While the process does not run there are no connections.
 * From elsewhere it takes the messages of `EventCommand`.
 */
export interface EventServer {
  /** The same for all nodes, by promises. */
  readonly inCluster: EventServerInCluster;
  /**
   * The process: give it to `spawn`, or call it in a process function. It has one
   * run at a time; at its end all its connections are disconnected.
   */
  readonly run: (self: Process) => Promise<void>;
  /**
   * Answers handshakes; give it to `Deno.serve`. 503 while the process does not
   * run (seed 003: Handler).
   */
  readonly handler: (request: Request, info?: RequestInfo) => Promise<Response>;
  /** What `listen` takes, on whatever engine it chooses. */
  readonly endpoint: Pick<Handler, "fetch" | "upgrade" | "optionsForWs">;
  /** Answers handshakes of a `node:http` server, for its event `upgrade`; engine `ws`. */
  readonly handleUpgrade: Handler["upgrade"];
  /**
   * Answers one handshake without telling the connection listeners (seed 003: Upgrade).
   *
   * @example
   * ```ts ignore
   * const { response, connection } = await server.upgrade(request, info);
   * connection.then((connection) => {
   *   connection.on("chat", (text) => console.log(text));
   *   connection.wait();
   * });
   * return response;
   * ```
   */
  upgrade(request: Request, info?: RequestInfo): Promise<Upgrade>;
  /** Adds a listener to new connections (seed 003: OnConnection). */
  onConnection(listener: ConnectionListener): void;
  /** The connection of an id (seed 003: GetConnection). */
  getConnection(id: string): EventConnection | undefined;
  /** All connections (seed 003: GetConnections). */
  getConnections(): EventConnection[];
  /** The connections in a room (seed 003: GetConnectionsByRoom). */
  getConnectionsByRoom(room: string): EventConnection[];
  /** How many connections there are (seed 003: GetTotalConnections). */
  getTotalConnections(): number;
  /** Whether a connection of that id is there (seed 003: IsConnected). */
  isConnected(id: string): boolean;
  /** Whether a connection is in a room (seed 003: IsJoined). */
  isJoined(room: string, id: string): boolean;
  /**
   * Puts a connection into a room; without effect if it is in (seed 003: Join).
   *
   * @throws {TypeError} If the name is empty or `BROADCAST`.
   */
  join(room: string, id: string): void;
  /** Takes a connection out of a room; false if it was not in (seed 003: Leave). */
  leave(room: string, id: string): boolean;
  /** Takes a connection out of all rooms, that of its own id too (seed 003: LeaveAll). */
  leaveAll(id: string): void;
  /**
   * As `disconnect` of the connection; false if there is none (seed 003: Disconnect).
   *
   * @throws {RangeError} If the code may not be sent or the reason is too long.
   */
  disconnect(id: string, code?: number, reason?: string): boolean;
  /** Sends to a room, a connection id, or all (`ALL` and `BROADCAST`); from nobody. */
  to(target: string): Emitter;
}

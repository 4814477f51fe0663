/**
 * Connections to other servers (seeds 001 and 002: CreateConnection).
 *
 * @module
 */

import type {
  Envelope,
  ExitReason,
  InspectRecord,
  MetaBehavior,
  MetaProcess,
} from "../../actor/mod.ts";
import { assertOptions, optionNames, withoutUser } from "../../text/mod.ts";
import {
  type ConnectInfo,
  type ConnectionSettings,
  WebSocketConnection,
} from "../connection/connection.ts";
import { assertOutgoing } from "../connection/outgoing.ts";
import { Watch } from "../connection/watch.ts";
import { observeDialed } from "../observation.ts";
import { type HandlerOptions, resolveOptions } from "../options.ts";
import type { Socket } from "../socket.ts";
import { assertHeaders, assertProtocols, toWebSocketUrl } from "./target.ts";

/** Options of {@linkcode createConnection} (seeds 000 and 001: ConnectionOptions). */
export interface DialOptions extends
  Pick<
    HandlerOptions,
    | "compression"
    | "maxMessageBytes"
    | "sendQueueBytes"
    | "slowConsumer"
    | "readTimeoutMs"
    | "writeTimeoutMs"
    | "pingPeriodMs"
    | "pongTimeoutMs"
  > {
  /** `ws:` or `wss:`, without a fragment. */
  readonly url: string | URL;
  /** Name of the process that gets the messages. Default: the process that spawns it. */
  readonly process?: string;
  /** Headers of the handshake. Default none. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Subprotocols, in order of preference: tokens, each once. Default none. */
  readonly protocols?: readonly string[];
  /**
   * For all of the dialing, from the name of the host to the end of the answer,
   * in milliseconds, however the server spends it. Default 15 000.
   */
  readonly handshakeTimeoutMs?: number;
  /**
   * Certificates to trust with `wss:` instead of the system's, in PEM. One that
   * signs itself is trusted for the names that it has. Default: the system's.
   */
  readonly ca?: string;
  /**
   * Whether the server's certificate is checked with `wss:`. If not, anybody on
   * the way may answer in its place. Default true.
   */
  readonly rejectUnauthorized?: boolean;
}

/**
 * The name that the seeds have for {@linkcode DialOptions}.
 *
 * @deprecated Until 1.0; use {@linkcode DialOptions}.
 */
export type ConnectionOptions = DialOptions;

/**
 * A connection that is up and not yet an actor: give it to `spawnMeta`, or
 * close it with `terminate`.
 */
export interface DialedConnection extends MetaBehavior {
  /** Negotiated subprotocol; empty if none. */
  readonly protocol: string;
}

/** All of them: one that is missing here does not compile. */
const KEYS = optionNames<DialOptions>(
  {
    url: true,
    process: true,
    headers: true,
    protocols: true,
    ca: true,
    rejectUnauthorized: true,
    handshakeTimeoutMs: true,
    compression: true,
    maxMessageBytes: true,
    sendQueueBytes: true,
    slowConsumer: true,
    readTimeoutMs: true,
    writeTimeoutMs: true,
    pingPeriodMs: true,
    pongTimeoutMs: true,
  },
);

/** Time for the server to answer our close frame, in milliseconds. */
const CLOSE_TIMEOUT_MS = 5_000;

/**
 * Dials a server. The connection starts to read when it is spawned, and from
 * then on behaves like one of a handler: its target gets `connect`, `message`
 * and `disconnect`, and what is sent to its alias goes out.
 *
 * @throws {TypeError} If the URL is not one of `ws:` or `wss:`, or has a fragment
 * (RFC 6455, section 3), a subprotocol is no token (RFC 7230, section 3.2.6) or
 * is there twice, a header cannot be sent, or there is no such option.
 * @throws {RangeError} If a limit is out of its range.
 * @throws {DialError} If there is no connection; the subclass says why.
 *
 * @example
 * ```ts
 * import { createConnection, createNode, isDataMessage } from "@troupe/troupe";
 *
 * await using server = Deno.serve({ hostname: "127.0.0.1", port: 0 }, (request) => {
 *   const { socket, response } = Deno.upgradeWebSocket(request);
 *   socket.onmessage = ({ data }) => socket.send(data);
 *   return response;
 * });
 * const connection = await createConnection({ url: `ws://127.0.0.1:${server.addr.port}/` });
 *
 * await using node = createNode();
 * const answered = Promise.withResolvers<unknown>();
 * node.spawn(async (self) => {
 *   const id = self.spawnMeta(connection);
 *   self.send(id, { kind: "message", body: "hello" });
 *   for await (const { message } of self) {
 *     if (isDataMessage(message)) answered.resolve(message.body);
 *   }
 * });
 * console.log(await answered.promise); // "hello"
 * ```
 */
export async function createConnection(options: ConnectionOptions): Promise<DialedConnection> {
  assertOptions("create a connection", options, KEYS);
  const { url, process, headers = {}, protocols = [], ...others } = options;
  const { ca, rejectUnauthorized = true, ...limits } = others;
  const target = toWebSocketUrl(url);
  assertProtocols(protocols);
  assertHeaders(headers);
  const resolved = resolveOptions(limits, undefined, "create a connection");
  const closeTimeoutMs = CLOSE_TIMEOUT_MS;
  const { dialWs } = await import("../engines/ws_dial.ts");
  const dialed = await dialWs({
    ...resolved,
    url: target,
    headers,
    protocols,
    closeTimeoutMs,
    ca,
    rejectUnauthorized,
  });
  const { socket, protocol, remoteAddr, localAddr } = dialed;
  const info: ConnectInfo = {
    remoteAddr,
    localAddr,
    url: withoutUser(target),
    headers: dialed.headers,
    protocol,
  };
  return new Dialed(socket, info, process, { ...resolved, closeTimeoutMs });
}

type DialSettings = Omit<ConnectionSettings, "nextTarget" | "closed">;

class Dialed implements DialedConnection {
  readonly stopTimeoutMs: number;
  readonly #socket: Socket;
  readonly #info: ConnectInfo;
  readonly #process: string | undefined;
  readonly #settings: DialSettings;
  #connection: WebSocketConnection | undefined;
  #isRunning = false;

  constructor(
    socket: Socket,
    info: ConnectInfo,
    process: string | undefined,
    settings: DialSettings,
  ) {
    this.stopTimeoutMs = settings.closeTimeoutMs + 1_000;
    this.#socket = socket;
    this.#info = info;
    this.#process = process;
    this.#settings = settings;
  }

  get protocol(): string {
    return this.#info.protocol;
  }

  /** Not async: what throws at once never gets a message, which would go out here. */
  run(self: MetaProcess): undefined {
    if (this.#isRunning) {
      throw new TypeError("Cannot spawn the connection: it is running, expected one that is not");
    }
    const target = this.#process === undefined ? self.parent : self.whereis(this.#process);
    if (target === undefined) {
      this.#socket.terminate();
      throw new Error(
        `Cannot start a connection: no process is registered as ${JSON.stringify(this.#process)}`,
      );
    }
    const open = new Set<WebSocketConnection>();
    const watch = new Watch(open, self.clock);
    const settings = {
      ...this.#settings,
      nextTarget: () => undefined,
      closed: (ended: WebSocketConnection) => {
        this.#isRunning = false;
        open.delete(ended);
        watch.update(this.#settings);
      },
    };
    const observed = observeDialed(self, this.#info.remoteAddr);
    const connection = new WebSocketConnection(
      this.#socket,
      target,
      this.#info,
      settings,
      observed,
    );
    this.#connection = connection;
    this.#isRunning = true;
    open.add(connection);
    watch.update(this.#settings);
    this.#socket.resume?.();
    return connection.run(self);
  }

  receive(envelope: Envelope): void {
    this.#connection?.receive(envelope);
  }

  stop(reason: ExitReason): void {
    this.#connection?.stop(reason);
  }

  inspect(): InspectRecord {
    return this.#connection?.inspect() ?? {};
  }

  validate(message: unknown, round?: object): void {
    assertOutgoing(message, round);
  }

  terminate(reason: ExitReason): void {
    if (this.#connection === undefined) this.#socket.terminate();
    else this.#connection.terminate(reason);
  }
}

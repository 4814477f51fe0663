/**
 * What the NATS client speaks through: one socket, which never throws at nobody.
 *
 * The transport for Node takes all listeners off its sockets, so that a late error of one ends
 * the process; the one for Deno is not in the registry that the others come from, and has no
 * certificates of the client.
 *
 * @module
 */

import {
  checkOptions,
  type ConnectionOptions,
  DataBuffer,
  extractProtocolMessage,
  INFO,
  type NatsConnection,
  NatsConnectionImpl,
  type Server,
  type ServerInfo,
  setTransportFactory,
  type Transport,
} from "@nats-io/nats-core/internal";
import { lookup } from "node:dns/promises";
import { createConnection, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";

const BROKEN = "the server closed the connection";

/** The server is there, and trying again would not help. */
export class RefusedServerError extends Error {
  /** Name of the class. */
  override readonly name = "RefusedServerError";
}

/** What becomes of the attempts of one connection. */
interface Attempts {
  refusal?: RefusedServerError | undefined;
  /** Nobody waits for it any more. */
  readonly givenUp?: AbortSignal | undefined;
}

/** Of TLS: errors of the network that may pass. */
const PASSING = /^(?:ECONN|EPIPE|ETIMEDOUT)/;

class SocketTransport implements Transport {
  readonly lang = "troupe";
  readonly version = "3.4.0";
  closeError?: Error;
  readonly #closed = Promise.withResolvers<void | Error>();
  #socket: Socket | undefined;
  #frames: Uint8Array[] = [];
  #wake = Promise.withResolvers<void>();
  #isConnected = false;
  #isDone = false;
  #isEncrypted = false;
  #attempts: Attempts = {};

  get isClosed(): boolean {
    return this.#isDone;
  }

  async connect({ hostname, port, tlsName }: Server, options: ConnectionOptions): Promise<void> {
    this.#attempts = (options as { readonly attempts?: Attempts }).attempts ?? {};
    this.#attempts.refusal = undefined;
    const { givenUp } = this.#attempts;
    const giveUp = () => this.discard();
    try {
      givenUp?.throwIfAborted();
      givenUp?.addEventListener("abort", giveUp);
      this.#listen(createConnection({ host: hostname, port, noDelay: true }));
      const info = await this.#readInfo();
      const isOffered = info.tls_required === true || info.tls_available === true;
      if (!isOffered && options.tls) throw this.#refuse("it does not offer TLS");
      checkOptions(info, options);
      if (isOffered) await this.#encrypt(tlsName || hostname, options.tls ?? {});
      // Given up meanwhile.
      if (this.#isDone) throw new Error(BROKEN);
      this.#isConnected = true;
      this.#wake.resolve();
    } catch (error) {
      this.#socket?.destroy();
      throw error;
    } finally {
      givenUp?.removeEventListener("abort", giveUp);
    }
  }

  async *[Symbol.asyncIterator](): AsyncIterableIterator<Uint8Array> {
    for (;;) {
      if (this.#frames.length === 0) await this.#wake.promise;
      this.#wake = Promise.withResolvers();
      const frames = this.#frames;
      this.#frames = [];
      yield* frames;
      if (this.#isDone) return;
    }
  }

  isEncrypted(): boolean {
    return this.#isEncrypted;
  }

  send(frame: Uint8Array): void {
    if (!this.#isDone) this.#socket?.write(frame);
  }

  close(error?: Error): Promise<void> {
    this.#finish(error);
    return Promise.resolve();
  }

  disconnect(): void {
    this.#finish(undefined);
  }

  closed(): Promise<void | Error> {
    return this.#closed.promise;
  }

  discard(): void {
    this.#isDone = true;
    this.#wake.resolve();
    this.#socket?.destroy();
  }

  #listen(socket: Socket): void {
    this.#socket = socket;
    let failure: Error | undefined;
    socket.on("data", (frame: Uint8Array) => {
      // Under TLS 1.3 a client's certificate is refused after the handshake: by silence.
      if (this.#isEncrypted) this.#attempts.refusal = undefined;
      this.#frames.push(frame);
      this.#wake.resolve();
    });
    // The client hears of it by the close.
    socket.on("error", (error) => failure = error);
    socket.on("close", () => {
      if (this.#socket === socket) this.#finish(failure);
    });
  }

  #finish(error: Error | undefined): void {
    if (this.#isDone) return;
    this.#isDone = true;
    if (error !== undefined) this.closeError = error;
    this.#wake.resolve();
    // What was written before leaves first.
    this.#socket?.end(() => this.#socket?.destroy());
    if (error !== undefined) this.#socket?.destroy();
    if (this.#isConnected) this.#closed.resolve(error);
  }

  /** The greeting of the server, which the client reads again. */
  async #readInfo(): Promise<ServerInfo> {
    for (;;) {
      await this.#wake.promise;
      if (this.#isDone) throw this.closeError ?? new Error(BROKEN);
      this.#wake = Promise.withResolvers();
      const line = extractProtocolMessage(DataBuffer.concat(...this.#frames));
      const match = line === "" ? undefined : INFO.exec(line);
      if (match === null) throw this.#refuse("it does not speak NATS");
      if (match !== undefined) return JSON.parse(match[1]!);
    }
  }

  async #encrypt(host: string, tls: object): Promise<void> {
    const plain = this.#socket!;
    plain.removeAllListeners("data");
    const encrypted = Promise.withResolvers<void>();
    // An address is no name for SNI (RFC 6066, section 3); it is verified all the same.
    const name = isIP(host) === 0 ? { host, servername: host } : { host };
    const socket = connectTls({ ...tls, ...name, socket: plain }, () => encrypted.resolve());
    this.#listen(socket as unknown as Socket);
    socket.on("error", encrypted.reject);
    socket.on("close", () => encrypted.reject(this.closeError ?? new Error(BROKEN)));
    try {
      await encrypted.promise;
    } catch (error) {
      const { code = "", message } = error as Error & { readonly code?: string };
      throw PASSING.test(code) || message === BROKEN
        ? error
        : this.#refuse(`TLS fails: ${message}`);
    }
    this.#isEncrypted = true;
    this.#attempts.refusal = new RefusedServerError(
      "it closed the connection after the TLS handshake, as servers do that want a certificate",
    );
  }

  #refuse(why: string): RefusedServerError {
    return this.#attempts.refusal = new RefusedServerError(why);
  }
}

/**
 * Connects to one of the servers, until that is given up.
 *
 * @throws {RefusedServerError} If the last one is there, and trying again would not help.
 */
export async function connect(
  options: ConnectionOptions,
  givenUp?: AbortSignal,
): Promise<NatsConnection> {
  setTransportFactory({
    factory: () => new SocketTransport(),
    dnsResolveFn: async (host) => (await lookup(host, { all: true })).map(({ address }) => address),
  });
  const attempts: Attempts = { givenUp };
  try {
    return closedAtOnce(
      await NatsConnectionImpl.connect({ ...options, attempts } as ConnectionOptions),
    );
  } catch (error) {
    throw attempts.refusal ?? error;
  }
}

/**
 * Nothing begins on it from the moment that it is to close. The client ends its subscriptions and
 * requests first, and takes more of them for some turns: these would never end.
 */
function closedAtOnce(connection: NatsConnection): NatsConnection {
  let isClosing = false;
  const { close, isClosed } = connection;
  return Object.assign(connection, {
    isClosed: () => isClosing || isClosed.call(connection),
    close: () => {
      isClosing = true;
      return close.call(connection);
    },
  });
}

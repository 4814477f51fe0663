/**
 * A client for a terminal or a pipe: what comes in is sent, what arrives is told.
 *
 * @module
 */

import { type Alias, CallError, createNode, type Node } from "../actor/mod.ts";
import {
  createConnection,
  type DialedConnection,
  type DialOptions,
  isDataMessage,
  isDisconnect,
  MESSAGE_TYPE,
} from "../websocket/mod.ts";

/** Bytes handed over before the network must have taken them. */
const PACE_BYTES = 262_144;

/** How often it is looked whether it has, in milliseconds. */
const PACE_CHECK_MS = 5;

/** Messages that wait for `onMessage`; beyond that the network waits. */
const MAILBOX_SIZE = 100;

/** Time for the last of the node to end, in milliseconds. */
const STOP_TIMEOUT_MS = 1000;

/** What {@linkcode runClient} connects to and talks with. */
export interface ClientOptions extends Omit<DialOptions, "process"> {
  /** What to send, a message each; when it ends the connection is closed with 1000. */
  readonly input: AsyncIterable<string | Uint8Array>;
  /** After the end of `input`, time without a message before closing, in milliseconds. */
  readonly lingerMs: number;
  /** Called once, when connected, with the negotiated subprotocol. */
  readonly onOpen: (protocol: string) => void;
  /**
   * Called for each text and binary message, the next one when it has resolved;
   * false closes the connection with 1000.
   */
  readonly onMessage: (body: string | Uint8Array) => boolean | Promise<boolean>;
  /** Closes the connection with 1000, whatever still waits; gives up dialing. */
  readonly signal: AbortSignal;
  /** Cuts the connection off, without waiting for the server's close frame. */
  readonly cutSignal: AbortSignal;
}

/** How the connection ended. */
export interface ClientEnd {
  /** Close code; 1006 if there was no closing handshake. */
  readonly code: number;
  /** Text of the close frame; empty if none. */
  readonly reason: string;
}

/** How one ends that was given up before it began: as one that was closed by `signal`. */
const GIVEN_UP: ClientEnd = Object.freeze({ code: 1000, reason: "" });

/** A connection of the node, from the outside. */
interface Session {
  readonly node: Node;
  readonly id: Alias;
  /** Resolves when the connection has ended. */
  readonly ended: Promise<ClientEnd>;
  /** When the last message came, by `performance.now()`. */
  readonly heardMs: () => number;
}

/** Dials; `undefined` if the signal comes first, and then a late connection is cut off. */
async function dialUnlessAborted(
  options: DialOptions,
  signal: AbortSignal,
): Promise<DialedConnection | undefined> {
  const aborted = Promise.withResolvers<undefined>();
  const onAbort = () => aborted.resolve(undefined);
  if (signal.aborted) return undefined;
  signal.addEventListener("abort", onAbort, { once: true });
  const dialing = createConnection(options);
  try {
    const connection = await Promise.race([dialing, aborted.promise]);
    // Nobody waits any more for why there may be none.
    if (connection === undefined) dialing.then((late) => late.terminate("shutdown"), () => {});
    return connection;
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

async function openSession(node: Node, options: ClientOptions): Promise<Session | undefined> {
  const { input: _, lingerMs: __, cutSignal: ___, onOpen, onMessage, signal, ...dial } = options;
  const connection = await dialUnlessAborted(dial, signal);
  if (connection === undefined) return undefined;
  onOpen(connection.protocol);
  const ended = Promise.withResolvers<ClientEnd>();
  const started = Promise.withResolvers<Alias>();
  let heardMs = performance.now();
  node.spawn(async (self) => {
    const id = self.spawnMeta(connection);
    started.resolve(id);
    for await (const { message } of self) {
      if (isDisconnect(message)) {
        ended.resolve({ code: message.code, reason: message.reason });
        break;
      }
      if (!isDataMessage(message)) continue;
      heardMs = performance.now();
      if (!await onMessage(message.body)) close(node, id);
    }
  }, { mailboxSize: MAILBOX_SIZE });
  return { node, id: await started.promise, ended: ended.promise, heardMs: () => heardMs };
}

function close(node: Node, id: Alias): void {
  node.send(id, { kind: "message", type: MESSAGE_TYPE.close, code: 1000 });
}

/** Waits until the network has taken what was sent. */
async function awaitSent({ node, id }: Session): Promise<void> {
  for (;;) {
    const { sendQueueBytes } = await node.inspect(id);
    if (!sendQueueBytes) return;
    await new Promise((resolve) => setTimeout(resolve, PACE_CHECK_MS));
  }
}

async function sendAll(session: Session, input: ClientOptions["input"]): Promise<void> {
  const { node, id } = session;
  let unpacedBytes = 0;
  for await (const body of input) {
    if (unpacedBytes + body.length > PACE_BYTES) {
      await awaitSent(session);
      unpacedBytes = 0;
    }
    unpacedBytes += body.length;
    const type = typeof body === "string" ? MESSAGE_TYPE.text : MESSAGE_TYPE.binary;
    // The reply comes when it has been written.
    await node.call(id, { kind: "message", type, body });
  }
  await awaitSent(session);
}

/** Waits until nothing has come for so long. */
async function awaitQuiet({ heardMs }: Session, lingerMs: number): Promise<void> {
  const start = performance.now();
  for (;;) {
    const quietMs = performance.now() - Math.max(start, heardMs());
    if (quietMs >= lingerMs) return;
    await new Promise((resolve) => setTimeout(resolve, lingerMs - quietMs));
  }
}

async function talk(session: Session, { input, lingerMs, signal }: ClientOptions): Promise<void> {
  const { node, id } = session;
  const stop = () => close(node, id);
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  try {
    await sendAll(session, input);
    await awaitQuiet(session, lingerMs);
    stop();
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

/**
 * Connects, sends what `input` gives and tells what arrives, until the
 * connection ends; resolves with how it did.
 *
 * What is sent keeps its order and waits for a slow network. When `input` ends,
 * everything is sent, answers are awaited for `lingerMs` after the last one,
 * and the connection is closed with 1000. `input` may be left unfinished. If
 * `signal` comes while it dials, the end is 1000 as well.
 *
 * @throws {DialError} If there is no connection; the subclass says why.
 */
export async function runClient(options: ClientOptions): Promise<ClientEnd> {
  await using stack = new AsyncDisposableStack();
  const node = createNode();
  stack.defer(() => node.stop({ timeoutMs: STOP_TIMEOUT_MS }));
  const session = await openSession(node, options);
  if (session === undefined) return GIVEN_UP;
  const { cutSignal } = options;
  const cut = () => void node.exit(session.id, "kill");
  cutSignal.addEventListener("abort", cut, { once: true });
  stack.defer(() => cutSignal.removeEventListener("abort", cut));
  if (cutSignal.aborted) cut();
  const failed = Promise.withResolvers<never>();
  // Calls fail when the connection has ended: then its end is what counts.
  talk(session, options).catch((error) => {
    if (!(error instanceof CallError)) failed.reject(error);
  });
  return await Promise.race([session.ended, failed.promise]);
}

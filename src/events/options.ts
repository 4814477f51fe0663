/**
 * Options of an event server, and their defaults (seed 003: Config).
 *
 * @module
 */

import { assertOptions } from "../text/mod.ts";
import {
  type ConnectMessage,
  HANDLER_DEFAULTS,
  type HandlerOptions,
  type RefusalListener,
  resolveHandlerOptions,
} from "../websocket/mod.ts";
import { assertEventPrefix, type WireFormat } from "./codec.ts";

/** What the handshake of a connection carried (seed 003: Connection.Context). */
export type ConnectionRequest = Omit<ConnectMessage, "kind" | "id">;

/** Makes the id of a new connection: a text that is not empty (seed 003: IDGenerator). */
export type IdGenerator = (request: ConnectionRequest) => string;

/** Options that the seed has; those of the transport are the handler's. */
export interface EventServerOptions
  extends Omit<HandlerOptions, "pool" | "target" | "targetLost" | "onRefused"> {
  /** Makes the id of a new connection. Default {@linkcode DEFAULT_ID_GENERATOR}. */
  readonly idGenerator?: IdGenerator;
  /**
   * Start of every event message; ends in `:`, has no `;`. The original client
   * has `"iris-websocket-message:"`. Default `"m:"` (seed 003: EvtMessagePrefix).
   */
  readonly eventPrefix?: string;
  /** Send binary messages in place of text. Default false (seed 003: BinaryMessages). */
  readonly binaryMessages?: boolean;
  /** Told of each handshake that was refused, before the answer leaves (seed 003: Error). */
  readonly onError?: RefusalListener;
  /**
   * Messages of one connection that wait while a listener takes its time;
   * beyond: 1013. Default 1000.
   */
  readonly pendingMessages?: number;
}

/** A random UUID (seed 003: DefaultIDGenerator). */
export const DEFAULT_ID_GENERATOR: IdGenerator = (): string => crypto.randomUUID();

/** Defaults of {@linkcode EventServerOptions}; those of the transport are `HANDLER_DEFAULTS`. */
export const EVENT_DEFAULTS: Readonly<{
  idGenerator: IdGenerator;
  eventPrefix: string;
  binaryMessages: boolean;
  pendingMessages: number;
}> = Object.freeze({
  idGenerator: DEFAULT_ID_GENERATOR,
  eventPrefix: "m:",
  binaryMessages: false,
  pendingMessages: 1_000,
});

/** Options of the handler that the event server chooses itself. */
const CHOSEN: readonly string[] = ["pool", "target", "targetLost", "onRefused"];

const KEYS: readonly string[] = [
  ...Object.keys(EVENT_DEFAULTS),
  "onError",
  ...Object.keys(HANDLER_DEFAULTS).filter((key) => !CHOSEN.includes(key)),
];

/** Time for listeners that are at work when their connection has ended, in milliseconds. */
export const DISCONNECT_GRACE_MS = 5_000;

/** The options as the server uses them. */
export interface ResolvedOptions {
  readonly idGenerator: IdGenerator;
  readonly format: WireFormat;
  readonly pendingMessages: number;
  /** For its handler. */
  readonly transport: HandlerOptions;
}

/**
 * Fills in the defaults and checks what is not the handler's to check.
 *
 * @throws {TypeError} If there is no such option or the prefix is no text.
 * @throws {RangeError} If `pendingMessages` is not above 0.
 */
export function resolveEventOptions(options: EventServerOptions): ResolvedOptions {
  assertOptions("create an event server", options, KEYS);
  const {
    idGenerator = EVENT_DEFAULTS.idGenerator,
    eventPrefix = EVENT_DEFAULTS.eventPrefix,
    binaryMessages = EVENT_DEFAULTS.binaryMessages,
    pendingMessages = EVENT_DEFAULTS.pendingMessages,
    onError,
    ...rest
  } = options;
  assertEventPrefix(eventPrefix);
  if (!(pendingMessages > 0)) {
    throw new RangeError(
      `Cannot create an event server: pendingMessages is ${pendingMessages}, expected above 0`,
    );
  }
  resolveHandlerOptions(rest, undefined, "create an event server");
  return {
    idGenerator,
    format: Object.freeze({ eventPrefix, binaryMessages }),
    pendingMessages,
    transport: { ...rest, onRefused: onError },
  };
}

/** The wire format that an endpoint gave along with `connect`, if any. */
export function formatOf(attributes: ConnectMessage["attributes"], own: WireFormat): WireFormat {
  if (attributes === undefined) return own;
  const { eventPrefix = own.eventPrefix, binaryMessages = own.binaryMessages } = attributes;
  assertEventPrefix(eventPrefix);
  return { eventPrefix, binaryMessages: binaryMessages === true };
}

/**
 * The types of handler options.
 *
 * @module
 */

/** Which transport carries the frames; `"auto"` chooses by what is asked of it. */
export type EngineName = "auto" | "native" | "ws";

/** How fast a client may send. */
export interface RateLimit {
  /** Messages per second in the long run. */
  readonly messagesPerSecond: number;
  /** Messages at once. */
  readonly burst: number;
}

/** What happens to a client that reads more slowly than it is written to. */
export type SlowConsumerPolicy = "close" | "drop-oldest";

/** What happens to a connection whose target process has gone. */
export type TargetLostPolicy = "close" | "next";

/** Answers whether a handshake's origin is welcome (seed 000: CheckOrigin). */
export type OriginCheck = (request: Request) => boolean | Promise<boolean>;

/** Hears of a handshake that was refused (seed 003: Config.Error). */
export type RefusalListener = (request: Request, status: number, reason: string) => void;

/** What a handler gives along with a `connect`: plain data. */
export type Attributes = Readonly<Record<string, unknown>>;

/**
 * Tells the attributes of a handshake that passed every check, within
 * `handshakeTimeoutMs`. The request is made when it is asked for.
 */
export type ConnectAttributes = (
  toRequest: () => Request,
) =>
  | Readonly<Record<string, unknown>>
  | undefined
  | Promise<Readonly<Record<string, unknown>> | undefined>;

/** Options of `createHandler` (seed 000: HandlerOptions). */
export interface HandlerOptions {
  /** Name in metrics and traces, such as the path that leads here. Default empty. */
  readonly endpoint?: string;
  /** Process names, round-robin per connection; empty: the parent. Default `[]`. */
  readonly pool?: readonly string[];
  /** Default `"auto"`. */
  readonly engine?: EngineName;
  /** From accepted TCP connection to completed upgrade, in milliseconds. Default 15 000. */
  readonly handshakeTimeoutMs?: number;
  /** Default `"close"`: 1011. */
  readonly targetLost?: TargetLostPolicy;
  /**
   * `"same-origin"`, `"*"`, exact origins and `https://*.example.com`, or a
   * function. A handshake without an Origin is no browser's and is accepted.
   * Default `"same-origin"`.
   */
  readonly origins?: string | readonly string[] | OriginCheck;
  /** Subprotocols in the server's order of preference. Default `[]`. */
  readonly subprotocols?: readonly string[];
  /** Longest message after reassembly, in bytes; longer: 1009. Default 65 536. */
  readonly maxMessageBytes?: number;
  /** Queued bytes to one client before it counts as slow. Default 1 048 576. */
  readonly sendQueueBytes?: number;
  /** Default `"close"`: 4002. */
  readonly slowConsumer?: SlowConsumerPolicy;
  /** Open connections of this handler; beyond: 503 with Retry-After. Default 10 000. */
  readonly maxConnections?: number;
  /** Open connections of one address, 0 is no limit; beyond: 429. Default 0. */
  readonly maxConnectionsPerIp?: number;
  /**
   * Beyond it reading pauses (engine `ws`), or the connection ends with 4005
   * (`native`). Default: no limit.
   */
  readonly rateLimit?: RateLimit | undefined;
  /**
   * Offer permessage-deflate without context takeover; engine `ws`
   * (seed 000: EnableCompression). Default false.
   */
  readonly compression?: boolean;
  /** Longest time without a message, in milliseconds; beyond: 1008. Default 0: no limit. */
  readonly readTimeoutMs?: number;
  /**
   * Longest time in which nothing of what waits for a client leaves, in
   * milliseconds; beyond: 4002. 0 is no limit. Default 10 000.
   */
  readonly writeTimeoutMs?: number;
  /** Time after which a quiet peer is pinged, in milliseconds; engine `ws`. Default 54 000. */
  readonly pingPeriodMs?: number;
  /**
   * Time after which a peer that was not heard is given up with 4003, in
   * milliseconds, longer than `pingPeriodMs`; engine `ws`. Default 60 000.
   */
  readonly pongTimeoutMs?: number;
  /** Bytes read ahead while reading is paused; engine `ws`. Default 4096. */
  readonly readBufferBytes?: number;
  /** Bytes written before the transport counts as full; engine `ws`. Default 4096. */
  readonly writeBufferBytes?: number;
  /**
   * Plain data for the process, as `attributes` of `connect`; a promise is waited
   * for. If it throws: 500; not in time: 408. Default: none.
   */
  readonly attributes?: ConnectAttributes | undefined;
  /** Told of each refused handshake, before the answer leaves. Default: nobody. */
  readonly onRefused?: RefusalListener | undefined;
}

/** Handler options with every default filled in. */
export type ResolvedOptions =
  & Required<Omit<HandlerOptions, "rateLimit" | "attributes" | "onRefused">>
  & {
    readonly rateLimit: RateLimit | undefined;
    readonly attributes: ConnectAttributes | undefined;
    readonly onRefused: RefusalListener | undefined;
  };

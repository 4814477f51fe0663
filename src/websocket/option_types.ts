/**
 * The types of handler options.
 *
 * @module
 */

/** What carries the frames: `Deno.upgradeWebSocket`, or sockets of `node:http`. */
export type EngineName = "native" | "ws";

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

/** Headers of a response; of a list of values each is a line of its own, as cookies need it. */
export type ResponseHeaders =
  | Readonly<Record<string, string | readonly string[]>>
  | Iterable<readonly [name: string, value: string]>;

/** One line of a response: name in lower case, and value. A name may come several times. */
export type HeaderLine = readonly [name: string, value: string];

/** A handshake that passed the checks of the protocol, the origins and the limits. */
export interface AcceptRequest {
  /** As it came in, made when it is first read. */
  readonly request: Request;
  /** Address of the client as in `connect`, such as `192.0.2.1:51234`. */
  readonly remoteAddr: string;
  /** What the path of the endpoint calls by name, decoded; empty if it names nothing. */
  readonly params: Readonly<Record<string, string>>;
  /** Aborted when the answer comes too late. */
  readonly signal: AbortSignal;
}

/** Who has logged in on a connection, and for how long. */
export interface Login {
  /** Name of the user, such as the subject of a token; connections are found and counted by it. */
  readonly user: string;
  /** When the connection is closed with 4001, in milliseconds since 1970. Default: never. */
  readonly expiresAtMs?: number | undefined;
  /**
   * Reads a fresh token, which puts that off; rejects one that is not good. Default: there are no
   * fresh ones.
   */
  readonly renew?: ((token: string) => Promise<Login>) | undefined;
  /** Parameters of the query that are left out of `connect.url`. Default: none. */
  readonly secretParameters?: readonly string[] | undefined;
}

/** What `accept` may say of a connection that is welcome; all of it may be left out. */
export interface AcceptWelcome {
  /** Plain data for the process, as `attributes` of `connect`. */
  readonly attributes?: Attributes | undefined;
  /** Name of the process that gets the connection, such as `game/lobby`; 503 if it is not there. */
  readonly target?: string | undefined;
  /** Subprotocol in place of the negotiated one; empty for none. 400 if it was not offered. */
  readonly protocol?: string | undefined;
  /** Who it is, if that is known. */
  readonly login?: Login | undefined;
  /** Headers of the response 101, such as `set-cookie`. */
  readonly headers?: ResponseHeaders | undefined;
}

/** A handshake that is not welcome, made by `refuse`. */
export interface HandshakeRefusal {
  /** Of the response. */
  readonly status: number;
  /** Body of the response. */
  readonly text: string;
  /** Of the response. */
  readonly headers: readonly HeaderLine[];
}

/** What {@linkcode Accept} answers. */
export type AcceptAnswer = AcceptWelcome | HandshakeRefusal | undefined | void;

/** Decides about a handshake, within `handshakeTimeoutMs`. */
export type Accept = (handshake: AcceptRequest) => AcceptAnswer | PromiseLike<AcceptAnswer>;

/** Options of `createHandler` (seed 000: HandlerOptions). */
export interface HandlerOptions {
  /** Name in metrics and traces, such as the path that leads here. Default empty. */
  readonly endpoint?: string;
  /** Process names, round-robin per connection; empty: the parent. Default `[]`. */
  readonly pool?: readonly string[];
  /**
   * Name of the process that gets the connections, in place of a pool; a part such as `:room`
   * after a slash stands for what the path of the endpoint calls so. Default empty: the pool.
   */
  readonly target?: string;
  /** From accepted TCP connection to completed upgrade, in milliseconds. Default 15 000. */
  readonly handshakeTimeoutMs?: number;
  /** Default `"close"`: 1011. */
  readonly targetLost?: TargetLostPolicy;
  /**
   * `"same-origin"`, `"*"`, exact origins and `https://*.example.com`. A handshake
   * without an Origin is no browser's and is accepted. Default `"same-origin"`.
   */
  readonly origins?: string | readonly string[];
  /** Asked in place of `origins`, as `accept` is (seed 000: CheckOrigin). Default: nobody. */
  readonly checkOrigin?: OriginCheck | undefined;
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
  /** Open connections of one user, 0 is no limit; one more is closed with 4504. Default 0. */
  readonly maxConnectionsPerUser?: number;
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
   * Decides about each handshake that passed the other checks: who it is, which process gets
   * it, what the response says; a promise is waited for. If it throws: 500; not in
   * time: 408. Default: everybody is welcome.
   */
  readonly accept?: Accept | undefined;
  /** Told of each refused handshake, before the answer leaves. Default: nobody. */
  readonly onRefused?: RefusalListener | undefined;
}

/** Handler options with every default filled in. */
export type ResolvedOptions =
  & Required<Omit<HandlerOptions, "rateLimit" | "checkOrigin" | "accept" | "onRefused">>
  & {
    readonly rateLimit: RateLimit | undefined;
    readonly checkOrigin: OriginCheck | undefined;
    readonly accept: Accept | undefined;
    readonly onRefused: RefusalListener | undefined;
  };

/**
 * What a handler offers.
 *
 * @module
 */

import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { MetaBehavior } from "../actor/mod.ts";
import { optionNames } from "../text/mod.ts";
import type { ListedConnection } from "./messages.ts";
import type { LiveOption } from "./option_table.ts";
import type { HandlerOptions } from "./options.ts";

/** What is known of a request besides itself: a `Deno.ServeHandlerInfo` serves. */
export interface RequestInfo {
  /** The peer. */
  readonly remoteAddr: Deno.Addr;
  /** This end, where the listener knows it. Default: the host of the request. */
  readonly localAddr?: Deno.Addr;
  /**
   * How the client reached the server, or the proxy in front of it, where that is known:
   * then `"same-origin"` compares it too. Default: `"https"` for a request whose URL has
   * that, else not known.
   */
  readonly scheme?: "http" | "https";
  /**
   * Present on a listener that only this machine reaches: hosts, beside loopback names
   * and addresses, whose pages count as the server's own. Any name can be made to
   * resolve to a loopback address, so that the name which a browser asks for proves nothing.
   */
  readonly ownHosts?: readonly string[];
  /** What the path of the endpoint calls by name, decoded. Default nothing. */
  readonly params?: Readonly<Record<string, string>>;
}

/** The options that can change while connections are open. */
export type ReconfigurableOptions = Pick<HandlerOptions, LiveOption>;

/** How connections are closed by `drain`. */
export interface HandlerDrainOptions {
  /** Time over which they are spread, in milliseconds. */
  readonly spreadMs: number;
  /** Default 1001. */
  readonly code?: number;
  /** Default `"going away"`. */
  readonly reason?: string;
}

/** The names of the options of `drain`. */
export const DRAIN_OPTIONS: readonly string[] = optionNames<HandlerDrainOptions>({
  spreadMs: true,
  code: true,
  reason: true,
});

/** A meta-process that is also a fetch handler, and a listener of `upgrade` events. */
export interface Handler extends MetaBehavior {
  /**
   * Answers a handshake on engine `native`: 101 and a connection, or what was wrong with
   * it. 503 until it is spawned and after it has ended.
   */
  fetch(request: Request, info?: RequestInfo): Promise<Response>;
  /**
   * Answers a handshake of a `node:http` server: its `upgrade` event has the
   * three first arguments. The only way to engine `ws`.
   */
  upgrade(
    request: IncomingMessage,
    tcp: Duplex,
    head: Uint8Array,
    info: RequestInfo,
  ): void;
  /**
   * Names of the options that ask for engine `ws`, since `native` passes them over or does
   * them less well; `listen` takes `ws` if there is one.
   */
  readonly optionsForWs: readonly string[];
  /** Open connections, with those that are being opened. */
  readonly connections: number;
  /**
   * The open connections that are meant, in the order in which they were opened. Nothing is made
   * for those that nobody takes; those of one user are found without going through the others.
   *
   * @param filter Those on which `user` has logged in, and those from the address `ip`. Default: any.
   */
  list(
    filter?: { readonly user?: string | undefined; readonly ip?: string | undefined },
  ): Iterable<ListedConnection>;
  /** Whether a meta-process is one of its open connections. */
  has(behavior: object): boolean;
  /**
   * Changes options for later handshakes and messages; what is left out stays.
   *
   * @throws {TypeError} If there is no such option, an origin or a list has a form
   * that is not accepted, or a choice is not one of those offered.
   * @throws {RangeError} If a limit is out of its range.
   */
  reconfigure(options: ReconfigurableOptions): void;
  /**
   * Refuses handshakes for good, closes connections in batches, resolves when all have ended.
   *
   * @throws {RangeError} If the code may not be sent or the reason is too long.
   */
  drain(options: HandlerDrainOptions): Promise<void>;
}

/** Which connections are listed. */
export type ListFilter = NonNullable<Parameters<Handler["list"]>[0]>;

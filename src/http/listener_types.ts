/**
 * What the two kinds of listener have in common.
 *
 * @module
 */

import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { isLoopbackHost } from "../text/mod.ts";
import type { RequestInfo } from "../websocket/mod.ts";
import type { Certificate } from "./certificate.ts";
import type { Client, ClientOf } from "./client_address.ts";
import type { EndpointPaths } from "./endpoint_paths.ts";
import type { FetchHandler, Routes } from "./routes.ts";

/** Something that answers requests and completes upgrades, such as a WebSocket handler. */
export interface UpgradeHandler extends FetchHandler {
  /** Completes a handshake on the socket of an `upgrade` event, or refuses it there. */
  upgrade(
    request: IncomingMessage,
    socket: Duplex,
    head: Uint8Array,
    info: RequestInfo,
  ): void | Promise<void>;
}

/** What a listener is made of. */
export interface ListenerOptions {
  readonly hostname: string;
  /** 0 lets the system choose. */
  readonly port: number;
  /** Other sockets of this user may listen on it too, and the system shares connections out. */
  readonly reusesPort?: boolean | undefined;
  /** Present: TLS. */
  readonly certificate?: Certificate | undefined;
  /** Answers every request. */
  readonly routes: Routes;
  /** WebSocket endpoints by path. */
  readonly endpoints: EndpointPaths<UpgradeHandler>;
  /** Finds the client behind the peer. */
  readonly clientOf: ClientOf;
  /** Hosts that browsers may know this server by, besides those of loopback. */
  readonly hosts: readonly string[];
  /** How long a connection is kept between two requests, in milliseconds. */
  readonly keepAliveTimeoutMs: number;
  /** From accepted connection to the end of a request's headers, in milliseconds. */
  readonly handshakeTimeoutMs: number;
  /** Files that the process may have open. Default: what the system says. */
  readonly maxOpenFiles?: number | undefined;
}

/** Something that listens. */
export interface Listener {
  /** Where; with the port that the system chose for port 0. */
  readonly addr: Deno.NetAddr;
  /** False while it has to listen anew and has not yet been able to. */
  readonly isListening: boolean;
  /**
   * Stops accepting, gives requests that are being answered so long, and drops
   * what is left then.
   */
  shutdown(graceMs: number): Promise<void>;
  /** Takes another certificate for new connections; absent where that cannot be had. */
  replaceCertificate?(certificate: Certificate): void;
}

/** What handlers are told of a request besides itself. */
export function toRequestInfo(
  { addr, isForwarded, scheme }: Client,
  localAddr: Deno.Addr | undefined,
  { hostname, hosts, certificate }: Pick<ListenerOptions, "hostname" | "hosts" | "certificate">,
): RequestInfo {
  // With TLS the certificate has shown the browser that the name is this server's.
  const isRebindable = isLoopbackHost(hostname) && certificate === undefined && !isForwarded;
  const known = scheme ?? (certificate === undefined ? undefined : "https");
  return {
    remoteAddr: addr,
    ...localAddr === undefined ? {} : { localAddr },
    ...known === undefined ? {} : { scheme: known },
    ...isRebindable ? { ownHosts: hosts } : {},
  };
}

/**
 * What is known of a connection from its handshake.
 *
 * @module
 */

import { formatAddr } from "./address.ts";
import type { ConnectInfo } from "./connection.ts";
import type { RequestInfo } from "./handler_types.ts";
import type { Handshake } from "./handshake.ts";
import type { ConnectAttributes } from "./options.ts";

/** What `connect` says of a handshake, but for the subprotocol. */
export function connectInfoOf(
  { url, headers, toRequest }: Handshake,
  info: RequestInfo | undefined,
  describe: ConnectAttributes | undefined,
): ConnectInfo {
  const attributes = describe?.(toRequest);
  return {
    remoteAddr: info?.remoteAddr === undefined ? "" : formatAddr(info.remoteAddr),
    localAddr: info?.localAddr === undefined ? new URL(url).host : formatAddr(info.localAddr),
    url,
    headers,
    protocol: "",
    ...(attributes === undefined ? {} : { attributes }),
  };
}

/** The host that connections are counted by. */
export function hostOf(peer: Deno.Addr | undefined): string | undefined {
  return peer !== undefined && "hostname" in peer ? peer.hostname : undefined;
}

/**
 * What is known of a connection from its handshake.
 *
 * @module
 */

import { formatAddr } from "../../text/mod.ts";
import type { ConnectInfo } from "../connection/connection.ts";
import type { RequestInfo } from "../handler_types.ts";
import type { Handshake } from "./handshake.ts";

/** What `connect` says of a handshake, but for the subprotocol and attributes. */
export function connectInfoOf(
  { url, headers }: Handshake,
  info: RequestInfo | undefined,
): ConnectInfo {
  return {
    remoteAddr: info?.remoteAddr === undefined ? "" : formatAddr(info.remoteAddr),
    localAddr: info?.localAddr === undefined ? new URL(url).host : formatAddr(info.localAddr),
    url,
    headers,
    protocol: "",
  };
}

/** With what was found out while the handshake was admitted. */
export function withAdmitted(
  info: ConnectInfo,
  { protocol, attributes }: Pick<ConnectInfo, "protocol" | "attributes">,
): ConnectInfo {
  return attributes === undefined ? { ...info, protocol } : { ...info, protocol, attributes };
}

/** The host that connections are counted by. */
export function hostOf(peer: Deno.Addr | undefined): string | undefined {
  return peer !== undefined && "hostname" in peer ? peer.hostname : undefined;
}

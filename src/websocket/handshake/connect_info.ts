/**
 * What is known of a connection from its handshake.
 *
 * @module
 */

import { formatAddr } from "../../text/mod.ts";
import type { ConnectInfo } from "../connection/connection.ts";
import type { RequestInfo } from "../handler_types.ts";
import type { Admitted } from "./gate.ts";
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
  { protocol, attributes, login }: Pick<Admitted, "protocol" | "attributes" | "login">,
): ConnectInfo {
  return {
    ...info,
    protocol,
    ...login !== undefined && {
      user: login.user,
      url: withoutParameters(info.url, login.secretParameters ?? []),
    },
    ...attributes !== undefined && { attributes },
  };
}

/** A URL without some parameters of its query; the others stay as they are. */
function withoutParameters(url: string, names: readonly string[]): string {
  const start = url.indexOf("?");
  if (names.length === 0 || start === -1) return url;
  const kept = url.slice(start + 1).split("&").filter((pair) => {
    const [[name = ""] = []] = [...new URLSearchParams(pair)];
    return !names.includes(name);
  });
  return url.slice(0, start) + (kept.length === 0 ? "" : `?${kept.join("&")}`);
}

/** The host that connections are counted by. */
export function hostOf(peer: Deno.Addr | undefined): string | undefined {
  return peer !== undefined && "hostname" in peer ? peer.hostname : undefined;
}

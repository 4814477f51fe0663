/**
 * The environment of a program that serves one connection, as CGI and websocketd have it.
 *
 * @module
 */

import type { ConnectMessage } from "../../websocket/mod.ts";

/** Header names that can be told apart as variables: `_` and `-` would become the same. */
const HEADER = /^[a-z0-9-]+$/;

/** Many programs take `HTTP_PROXY` for the address of a proxy, which a client may not set. */
const REFUSED = new Set(["proxy"]);

function splitAddress(address: string): readonly [host: string, port: string] {
  const colon = address.lastIndexOf(":");
  if (colon === -1) return [address, ""];
  const host = address.slice(0, colon);
  return [host.startsWith("[") ? host.slice(1, -1) : host, address.slice(colon + 1)];
}

function headerVariables(headers: Readonly<Record<string, string>>): [string, string][] {
  return Object.entries(headers)
    .filter(([name]) => HEADER.test(name) && !REFUSED.has(name))
    .map(([name, value]) => [`HTTP_${name.toUpperCase().replaceAll("-", "_")}`, value]);
}

/**
 * What RFC 3875 and websocketd say of a request, from what is known of a connection.
 *
 * Of the URL, `REQUEST_URI` and `QUERY_STRING` are as the client sent them. `UNIQUE_ID` is the
 * address of the connection. `HTTPS` is `on`, or is not there.
 */
export function cgiEnvironment(connect: ConnectMessage): Record<string, string> {
  const { id, remoteAddr, localAddr, headers, protocol } = connect;
  const url = new URL(connect.url, "http://localhost");
  const [remoteHost, remotePort] = splitAddress(remoteAddr);
  const [, localPort] = splitAddress(localAddr);
  const isSecure = url.protocol === "https:" || url.protocol === "wss:";
  return {
    ...Object.fromEntries(headerVariables(headers)),
    GATEWAY_INTERFACE: "CGI/1.1",
    SERVER_SOFTWARE: "troupe",
    SERVER_PROTOCOL: "HTTP/1.1",
    SERVER_NAME: url.hostname,
    SERVER_PORT: url.port || localPort || (isSecure ? "443" : "80"),
    REQUEST_METHOD: "GET",
    REQUEST_URI: url.pathname + url.search,
    SCRIPT_NAME: url.pathname,
    PATH_INFO: "",
    QUERY_STRING: url.search.slice(1),
    REMOTE_ADDR: remoteHost,
    REMOTE_HOST: remoteHost,
    REMOTE_PORT: remotePort,
    UNIQUE_ID: id,
    ...(protocol === "" ? {} : { WEBSOCKET_PROTOCOL: protocol }),
    ...(isSecure ? { HTTPS: "on" } : {}),
  };
}

/**
 * The listener of a server.
 *
 * @module
 */

import { escapeControls, getLogger } from "../telemetry/mod.ts";
import type { ListenConfig } from "./config_types.ts";
import { ServerStartError } from "./errors.ts";
import type { Routes } from "./routes.ts";

const log = getLogger(["troupe", "server"]);

const WILDCARDS = ["0.0.0.0", "::"];

/** `host:port`, with brackets around an IPv6 address. */
export function showAddress(hostname: string, port: number): string {
  const bare = hostname.includes(":") && !hostname.startsWith("[");
  return bare ? `[${hostname}]:${port}` : `${escapeControls(hostname)}:${port}`;
}

function reasonOf(cause: unknown): string {
  if (cause instanceof Deno.errors.AddrInUse) return "the port is in use, expected a free one";
  if (cause instanceof Deno.errors.PermissionDenied) {
    return "the system does not permit it, expected a port above 1023 or the right to use it";
  }
  return escapeControls(cause instanceof Error ? cause.message : String(cause));
}

/**
 * Starts to listen.
 *
 * @throws {ServerStartError} If the port is in use or privileged, or the
 * address is none of this machine.
 */
export function listen(
  { hostname, port }: ListenConfig,
  routes: Routes,
): Deno.HttpServer<Deno.NetAddr> {
  const onError = (error: unknown) => {
    log.error("A request failed: {error}", { error });
    return new Response("Internal server error\n", { status: 500 });
  };
  let localAddr: Deno.NetAddr | undefined;
  try {
    const listener = Deno.serve(
      { hostname, port, onListen: () => {}, onError },
      (request, info) => routes(request, { remoteAddr: info.remoteAddr, localAddr }),
    );
    // Of a wildcard address the connection's own end is not known.
    if (!WILDCARDS.includes(listener.addr.hostname)) localAddr = listener.addr;
    return listener;
  } catch (cause) {
    const text = `Cannot listen on ${showAddress(hostname, port)}: ${reasonOf(cause)}`;
    throw new ServerStartError("listen_failed", text, { cause });
  }
}

/**
 * The listener of a server.
 *
 * @module
 */

import { escapeControls } from "../text/mod.ts";
import { ServerStartError } from "./errors.ts";
import { listenServe } from "./listener_serve.ts";
import type { Listener, ListenerOptions } from "./listener_types.ts";

/** `host:port`, with brackets around an IPv6 address. */
export function showAddress(hostname: string, port: number): string {
  const bare = hostname.includes(":") && !hostname.startsWith("[");
  return bare ? `[${hostname}]:${port}` : `${escapeControls(hostname)}:${port}`;
}

function isSystemError(cause: unknown, code: string): boolean {
  return cause instanceof Error && (cause as { code?: unknown }).code === code;
}

function reasonOf(cause: unknown): string {
  if (cause instanceof Deno.errors.AddrInUse || isSystemError(cause, "EADDRINUSE")) {
    return "the port is in use, expected a free one";
  }
  if (cause instanceof Deno.errors.PermissionDenied || isSystemError(cause, "EACCES")) {
    return "the system does not permit it, expected a port above 1023 or the right to use it";
  }
  return escapeControls(cause instanceof Error ? cause.message : String(cause));
}

/**
 * Finds out whether an address can be listened on, and which port the system chooses for 0:
 * of several sockets that share a port, none would be told that a stranger's is among them.
 *
 * @throws {ServerStartError} If it cannot.
 */
export function probeAddress(hostname: string, port: number): number {
  try {
    using listener = Deno.listen({ hostname, port });
    return listener.addr.port;
  } catch (cause) {
    throw refusal(hostname, port, cause);
  }
}

function refusal(hostname: string, port: number, cause: unknown): ServerStartError {
  const text = `Cannot listen on ${showAddress(hostname, port)}: ${reasonOf(cause)}`;
  return new ServerStartError("listen_failed", text, { cause });
}

/**
 * Starts to listen: with `Deno.serve` for engine `native`, with `node:http` for `ws`.
 * A listener has one engine: handing a socket of `node:http` over to Deno loses what the
 * client sends right after the 101, and counts against the listener for ever.
 *
 * @throws {ServerStartError} If the port is in use or privileged, or the
 * address does not belong to this machine.
 */
export async function listen(
  options: ListenerOptions,
  engine: "native" | "ws",
): Promise<Listener> {
  try {
    if (engine === "native") return listenServe(options);
    const { listenNode } = await import("./listener_node.ts");
    return await listenNode(options);
  } catch (cause) {
    throw refusal(options.hostname, options.port, cause);
  }
}

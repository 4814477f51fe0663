/**
 * Network addresses as text.
 *
 * @module
 */

/** `ip:port`, `[ip]:port`, or the path of a Unix socket. */
export function formatAddr(addr: Deno.Addr): string {
  if ("path" in addr) return addr.path;
  if (!("hostname" in addr)) return addr.transport;
  const { hostname, port } = addr;
  return hostname.includes(":") ? `[${hostname}]:${port}` : `${hostname}:${port}`;
}

/** Whether a host name or address is one of this machine's own: `localhost`, 127/8 or `::1`. */
export function isLoopbackHost(hostname: string): boolean {
  return hostname === "localhost" || hostname.endsWith(".localhost") || hostname === "::1" ||
    hostname === "[::1]" || /^(::ffff:)?127(\.\d{1,3}){3}$/.test(hostname);
}

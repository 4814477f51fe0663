/**
 * Connections as lists show them.
 *
 * @module
 */

/** The host of `host:port` or `[host]:port`. */
export function hostnameOf(addr: string): string {
  const host = addr.slice(0, Math.max(0, addr.lastIndexOf(":")));
  return host.startsWith("[") ? host.slice(1, -1) : host;
}

/**
 * Network addresses as text.
 *
 * @module
 */

import ipaddr from "ipaddr.js";

/** Longest host name, in characters (RFC 1035, section 2.3.4). */
const MAX_NAME_LENGTH = 253;

const NAME = /^[a-z0-9_-]{1,63}$/i;

/** `ip:port`, `[ip]:port`, or the path of a Unix socket. */
export function formatAddr(addr: Deno.Addr): string {
  if ("path" in addr) return addr.path;
  if (!("hostname" in addr)) return addr.transport;
  const { hostname, port } = addr;
  // Each connection keeps it: unlike a template, this gives a string without its parts.
  return [hostname.includes(":") ? `[${hostname}]` : hostname, port].join(":");
}

/**
 * An IP address in one spelling: IPv4 in four decimal parts, IPv6 as RFC 5952 has
 * it; IPv4 that is mapped into IPv6 is IPv4. `undefined` if it is no address: zones
 * and the short, octal and hexadecimal forms of IPv4 are none.
 */
export function normalizeAddress(text: string): string | undefined {
  const isIpv6 = text.includes(":");
  if (isIpv6 ? text.includes("%") || !ipaddr.IPv6.isValid(text) : !isFourParts(text)) {
    return undefined;
  }
  return ipaddr.process(text).toString();
}

/**
 * A host to listen on or to be called by, in one spelling: a name in lower case, or
 * an address as {@linkcode normalizeAddress} has it, IPv6 without the brackets that
 * it may have. `undefined` if it is neither.
 */
export function normalizeHost(text: string): string | undefined {
  const bracketed = /^\[([^[\]]+)\]$/.exec(text)?.[1];
  const bare = bracketed?.includes(":") ? bracketed : text;
  const address = normalizeAddress(bare);
  if (address !== undefined) return address;
  const labels = text.split(".");
  // What ends in a number is an address to the system, in one of its old forms.
  if (text.length > MAX_NAME_LENGTH || /^(\d+|0x[0-9a-f]*)$/i.test(labels.at(-1)!)) {
    return undefined;
  }
  return labels.every((label) => NAME.test(label)) ? text.toLowerCase() : undefined;
}

/** Whether a host name or address is one of this machine's own: `localhost`, 127/8 or `::1`. */
export function isLoopbackHost(hostname: string): boolean {
  // A name that ends in a dot is complete, and the same one.
  const host = normalizeHost(hostname.replace(/\.$/, ""));
  if (host === undefined) return false;
  if (host === "localhost" || host.endsWith(".localhost")) return true;
  return normalizeAddress(host) !== undefined && ipaddr.parse(host).range() === "loopback";
}

/** Addresses that share their first bits; IPv4 is mapped into IPv6. */
export interface AddressRange {
  readonly bytes: readonly number[];
  readonly bits: number;
}

/**
 * Reads an IP address or a range of them such as `10.0.0.0/8` or `::ffff:10.0.0.0/104`,
 * which mean the same. `undefined` if it is no address.
 */
export function parseAddressRange(text: string): AddressRange | undefined {
  const [, base = text, size] = /^([^/]*)\/(0|[1-9]\d{0,2})$/.exec(text) ?? [];
  if (normalizeAddress(base) === undefined) return undefined;
  const width = base.includes(":") ? 128 : 32;
  const bits = size === undefined ? width : Number(size);
  return bits > width ? undefined : { bytes: mappedBytes(base), bits: bits + 128 - width };
}

/** Whether an address, in any spelling, lies in a range; its zone, if it has one, is left out. */
export function isInRange(address: string, { bytes, bits }: AddressRange): boolean {
  const [bare = ""] = address.split("%", 1);
  if (normalizeAddress(bare) === undefined) return false;
  const own = mappedBytes(bare);
  const whole = bits >> 3;
  if (!bytes.slice(0, whole).every((byte, index) => byte === own[index])) return false;
  const mask = (0xff00 >> (bits & 7)) & 0xff;
  return mask === 0 || (bytes[whole]! & mask) === (own[whole]! & mask);
}

function isFourParts(text: string): boolean {
  return ipaddr.IPv4.isValidFourPartDecimal(text);
}

/** The 16 bytes of an address. */
function mappedBytes(address: string): number[] {
  const parsed = ipaddr.parse(address);
  const ipv6 = parsed.kind() === "ipv4"
    ? (parsed as ipaddr.IPv4).toIPv4MappedAddress()
    : (parsed as ipaddr.IPv6);
  return ipv6.toByteArray();
}

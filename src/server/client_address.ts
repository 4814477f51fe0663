/**
 * The address of a client behind proxies.
 *
 * @module
 */

import parseForwarded from "forwarded-parse";
import ipaddr from "ipaddr.js";

/** A header of a request by its name in lower case; lists are joined by commas. */
export type HeaderOf = (name: string) => string | null | undefined;

/** Gives the address of a client from that of the peer and the request's headers. */
export type ClientAddressOf = (peer: Deno.Addr, header: HeaderOf) => Deno.Addr;

/** One hop as a proxy wrote it down; without a readable address there is no `hostname`. */
interface Hop {
  readonly hostname?: string;
  readonly port: number;
}

const UNKNOWN_HOP: Hop = Object.freeze({ port: 0 });
const WITH_PORT = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/;

/** Whether a text is an IP address, or a range of them such as `10.0.0.0/8`. */
export function isAddressRange(text: string): boolean {
  return text.includes("/") ? ipaddr.isValidCIDR(text) : isAddress(text);
}

function isAddress(text: string): boolean {
  // Short forms such as "10.1" are no addresses that a proxy writes.
  return ipaddr.IPv4.isValidFourPartDecimal(text) || ipaddr.IPv6.isValid(text);
}

/** An address in one spelling: IPv4 that is mapped into IPv6 counts as IPv4. */
function normalized(text: string): string {
  return ipaddr.process(text).toString();
}

function readHop(node: string): Hop {
  if (isAddress(node)) return { hostname: normalized(node), port: 0 };
  const [, inBrackets, bare, port = "0"] = WITH_PORT.exec(node) ?? [];
  const hostname = inBrackets ?? bare ?? "";
  // `unknown` and `_hidden` (RFC 7239, section 6) tell no address.
  if (!isAddress(hostname)) return UNKNOWN_HOP;
  return { hostname: normalized(hostname), port: Number(port) };
}

function forwardedHops(value: string): Hop[] {
  try {
    return parseForwarded(value).map((element) => readHop(element.for ?? ""));
  } catch {
    // Not of the form of RFC 7239: it tells nothing.
    return [UNKNOWN_HOP];
  }
}

function listedHops(value: string): Hop[] {
  return value.split(",").map((node) => readHop(node.trim()));
}

type IsTrusted = (hostname: string) => boolean;

function compileTrust(ranges: readonly string[]): IsTrusted {
  const parsed = ranges.map((range) => {
    if (range.includes("/")) return ipaddr.parseCIDR(range);
    const address = ipaddr.process(range);
    return [address, address.kind() === "ipv4" ? 32 : 128] as const;
  });
  return (hostname) => {
    if (!isAddress(hostname)) return false;
    const address = ipaddr.process(hostname);
    return parsed.some(([range, bits]) =>
      address.kind() === range.kind() && address.match([range, bits] as never)
    );
  };
}

/** The right-most hop that is no listed proxy; `undefined` where a hop cannot be read. */
function clientOf(hops: readonly Hop[], isTrusted: IsTrusted): Hop | undefined {
  for (const hop of hops.toReversed()) {
    if (hop.hostname === undefined) return undefined;
    if (!isTrusted(hop.hostname)) return hop;
  }
  return hops[0];
}

/**
 * Makes the function that finds a client's address.
 *
 * Only where the peer is a listed proxy, `Forwarded` (RFC 7239) or
 * `X-Forwarded-For` is read, from the right: the first address that is none of
 * the listed proxies is the client's; what stands left of it anybody may have
 * written. The address of the proxy is taken where neither header is there,
 * where it tells no address, and where both are there and tell different ones:
 * a proxy that sets only one of them passes the other on as the client sent it.
 */
export function createClientAddressOf(trustedRanges: readonly string[]): ClientAddressOf {
  if (trustedRanges.length === 0) return (peer) => peer;
  const isTrusted = compileTrust(trustedRanges);
  return (peer, header) => {
    if (!("hostname" in peer) || !isTrusted(peer.hostname)) return peer;
    const forwarded = header("forwarded");
    const listed = header("x-forwarded-for");
    const told = [
      ...forwarded == null ? [] : [clientOf(forwardedHops(forwarded), isTrusted)],
      ...listed == null ? [] : [clientOf(listedHops(listed), isTrusted)],
    ];
    const [client] = told;
    if (client?.hostname === undefined) return peer;
    if (told.some((other) => other?.hostname !== client.hostname)) return peer;
    const port = told.find((hop) => hop?.port)?.port ?? 0;
    return { transport: "tcp", hostname: client.hostname, port };
  };
}

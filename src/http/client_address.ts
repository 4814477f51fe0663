/**
 * Who a request comes from, behind proxies.
 *
 * @module
 */

import { type AddressRange, isInRange, parseAddressRange } from "../text/mod.ts";
import { forwardedHops, type Hop, listedHops } from "./forwarded.ts";

/** A header of a request by its name in lower case; lists are joined by commas. */
export type HeaderOf = (name: string) => string | null | undefined;

/** What is known of the client behind a peer. */
export interface Client {
  readonly addr: Deno.Addr;
  /** Whether a listed proxy passed its request on. */
  readonly isForwarded: boolean;
  /** How the client reached that proxy, where the proxy tells. */
  readonly scheme?: "http" | "https";
}

/** Finds the client from the peer and the request's headers. */
export type ClientOf = (peer: Deno.Addr, header: HeaderOf) => Client;

type IsTrusted = (hostname: string) => boolean;

function compileTrust(ranges: readonly string[]): IsTrusted {
  const parsed = ranges.map((range): AddressRange => {
    const found = parseAddressRange(range);
    if (found !== undefined) return found;
    throw new TypeError(`Cannot trust ${JSON.stringify(range)}: expected an address or a range`);
  });
  return (hostname) => parsed.some((range) => isInRange(hostname, range));
}

/** The right-most hop that is no listed proxy, and how many hops it took to get there. */
interface Reached {
  readonly hop: Hop;
  readonly index: number;
}

/** `undefined` where a hop on the way cannot be read, or there is none. */
function reachClient(hops: Iterable<Hop>, isTrusted: IsTrusted): Reached | undefined {
  let reached: Reached | undefined;
  for (const hop of hops) {
    if (hop.hostname === undefined) return undefined;
    reached = { hop, index: reached === undefined ? 0 : reached.index + 1 };
    if (!isTrusted(hop.hostname)) break;
  }
  return reached;
}

/** The scheme that a list such as `X-Forwarded-Proto` has for a hop, counted from the right. */
function listedScheme(value: string | null | undefined, index: number): string | undefined {
  const schemes = (value ?? "").split(",").map((each) => each.trim()).filter((each) => each !== "");
  // Many proxies write one value, however many hops there are.
  return (schemes.at(-1 - index) ?? schemes.at(0))?.toLowerCase();
}

function isScheme(scheme: string | undefined): scheme is "http" | "https" {
  return scheme === "http" || scheme === "https";
}

/**
 * Makes the function that finds a client.
 *
 * Only where the peer is a listed proxy, `Forwarded` (RFC 7239) or
 * `X-Forwarded-For` is read, from the right: the first address that is none of
 * the listed proxies is the client's; what stands left of it anybody may have
 * written. The address of the proxy is taken where neither header is there,
 * where it tells no address, and where both are there and tell different ones:
 * a proxy that sets only one of them passes the other on as the client sent it.
 * The scheme is that of the same hop in `Forwarded`, else of `X-Forwarded-Proto`.
 *
 * @throws {TypeError} If a range cannot be read.
 */
export function createClientOf(trustedRanges: readonly string[]): ClientOf {
  if (trustedRanges.length === 0) return (addr) => ({ addr, isForwarded: false });
  const isTrusted = compileTrust(trustedRanges);
  return (peer, header) => {
    const direct = { addr: peer, isForwarded: false };
    if (!("hostname" in peer) || !isTrusted(peer.hostname)) return direct;
    const forwarded = header("forwarded");
    const listed = header("x-forwarded-for");
    const schemes = header("x-forwarded-proto");
    if (forwarded == null && listed == null && schemes == null) return direct;
    const told = [
      ...forwarded == null ? [] : [reachClient(forwardedHops(forwarded), isTrusted)],
      ...listed == null ? [] : [reachClient(listedHops(listed), isTrusted)],
    ];
    const scheme = (forwarded == null ? undefined : told[0]?.hop.scheme) ??
      listedScheme(schemes, told.at(-1)?.index ?? 0);
    return {
      addr: agreedAddress(told) ?? peer,
      isForwarded: true,
      ...isScheme(scheme) ? { scheme } : {},
    };
  };
}

function agreedAddress(told: readonly (Reached | undefined)[]): Deno.NetAddr | undefined {
  const hostname = told[0]?.hop.hostname;
  if (hostname === undefined) return undefined;
  if (told.some((other) => other?.hop.hostname !== hostname)) return undefined;
  const port = told.find((reached) => reached?.hop.port)?.hop.port ?? 0;
  return { transport: "tcp", hostname, port };
}

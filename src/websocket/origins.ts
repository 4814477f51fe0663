/**
 * Which origins may connect (RFC 6454; seed 000: CheckOrigin).
 *
 * @module
 */

import { getLogger } from "../telemetry/mod.ts";
import type { Refusal } from "./handshake.ts";
import { inTime, LATE } from "./in_time.ts";
import type { OriginCheck } from "./options.ts";

const log = getLogger(["troupe", "websocket"]);

/** Whether an origin is welcome at a host. */
export type OriginRule = (origin: string, host: string) => boolean;

const EXPECTED =
  '"same-origin", "*", an origin such as "https://example.com", or "https://*.example.com"';

/**
 * Makes one rule of a list: an origin is welcome if any entry says so.
 *
 * - `"same-origin"`: the host and port of the origin are those asked for. The
 *   scheme is not compared, since a proxy may have ended TLS.
 * - `"*"`: every origin
 * - `"https://example.com"`: exactly this origin
 * - `"https://*.example.com"`: every host below it, at any depth, not itself
 *
 * @throws {TypeError} If an entry has another form.
 */
export function compileOrigins(entries: string | readonly string[]): OriginRule {
  const rules = (typeof entries === "string" ? [entries] : entries).map(compileEntry);
  return (origin, host) => rules.some((rule) => rule(origin, host));
}

/**
 * Makes the check of a handshake. One without an Origin is no browser's and passes
 * every list; a function is asked in any case.
 *
 * @throws {TypeError} If an entry of a list has another form than {@linkcode compileOrigins} takes.
 */
export function toOriginCheck(origins: string | readonly string[] | OriginCheck): OriginCheck {
  if (typeof origins === "function") return origins;
  const rule = compileOrigins(origins);
  return ({ headers }) => {
    const origin = headers.get("origin");
    return origin === null || rule(origin, headers.get("host") ?? "");
  };
}

/** Says why the origin of a handshake is refused; `undefined` if it is welcome. */
export async function refuseOrigin(
  request: Request,
  isWelcome: OriginCheck,
  timeoutMs: number,
): Promise<Refusal | undefined> {
  try {
    const given = isWelcome(request);
    // The usual check answers at once: it costs no timer.
    const answer = typeof given === "boolean"
      ? given
      : await inTime(Promise.resolve(given), timeoutMs);
    if (answer === true) return undefined;
    if (answer === LATE) {
      const reason = `Cannot upgrade: the origin check took over ${timeoutMs} ms`;
      return { status: 408, reason };
    }
    const origin = JSON.stringify(request.headers.get("origin"));
    return { status: 403, reason: `Cannot upgrade: the origin ${origin} is not allowed` };
  } catch (error) {
    log.error("The origin check failed: {error}", { error });
    return { status: 500, reason: "Cannot upgrade: the origin check failed" };
  }
}

function compileEntry(entry: string): OriginRule {
  if (entry === "*") return () => true;
  if (entry === "same-origin") return isSameOrigin;
  const wildcard = /^([a-z][a-z0-9+.-]*:\/\/)\*\.([^*/]+)$/i.exec(entry);
  if (wildcard !== null) {
    const base = parseOrigin(wildcard[1]! + wildcard[2]!, entry);
    return (origin) => isBelow(origin, base);
  }
  const exact = parseOrigin(entry, entry).origin;
  return (origin) => URL.parse(origin)?.origin === exact && isBareOrigin(origin);
}

function isSameOrigin(origin: string, host: string): boolean {
  const url = URL.parse(origin);
  if (url === null || !isBareOrigin(origin)) return false;
  // Parsed with the origin's scheme, so that a default port compares equal to none.
  return URL.parse(`${url.protocol}//${host}`)?.host === url.host;
}

function isBelow(origin: string, base: URL): boolean {
  const url = URL.parse(origin);
  return url !== null && isBareOrigin(origin) && url.protocol === base.protocol &&
    url.port === base.port && url.hostname.endsWith(`.${base.hostname}`);
}

/** An Origin header is scheme, host and port alone. */
function isBareOrigin(text: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\/[^/?#@\\]+$/i.test(text);
}

function parseOrigin(text: string, entry: string): URL {
  const url = isBareOrigin(text) && !text.includes("*") ? URL.parse(text) : null;
  if (url !== null && url.host !== "" && /^(https?|wss?):$/.test(url.protocol)) return url;
  throw new TypeError(
    `Cannot allow the origin ${JSON.stringify(entry)}: expected ${EXPECTED}`,
  );
}

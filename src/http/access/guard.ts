/**
 * Who may ask: host, origin, token, scope, and how often.
 *
 * @module
 */

import type { Clock, Timer } from "../../time/mod.ts";
import { isLoopbackHost, normalizeHost } from "../../text/mod.ts";
import { ATTEMPTS, type Attempts, stepFailure } from "./attempts.ts";
import { bearerOf, hasScope, type Holder, type Scope, type Tokens } from "./tokens.ts";

/** Why somebody is refused. */
export interface Denial {
  readonly status: 401 | 403 | 421 | 429;
  readonly detail: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** For the metrics. */
  readonly cause: string;
}

/** What is known of who asks. */
export interface Asker {
  readonly headers: Headers;
  /** Present on a listener that only this machine reaches: its other hosts. */
  readonly ownHosts?: readonly string[] | undefined;
  readonly scheme?: "http" | "https" | undefined;
  readonly address: string;
}

/** Requests a second of one holder and at once. */
export const REQUEST_RATE = Object.freeze({ perSecond: 500, burst: 1_000 });

const CHALLENGE = { "www-authenticate": 'Bearer realm="troupe"' };

/**
 * Says why a host or an origin cannot be answered. A page of another origin must not reach
 * the API, nor one whose name was made to resolve to this machine (DNS rebinding).
 */
export function refusePage({ headers, ownHosts, scheme }: Asker): Denial | undefined {
  const host = headers.get("host") ?? "";
  if (ownHosts !== undefined && !isOwnHost(host, ownHosts)) {
    const detail = `The host ${JSON.stringify(host)} is not known to be this server: expected a ` +
      "name or address of loopback, or a host of listen.hosts or admin.hosts";
    return { status: 421, detail, cause: "host" };
  }
  const origin = headers.get("origin");
  const site = headers.get("sec-fetch-site");
  const isForeign = origin !== null && !isSameOrigin(origin, host, scheme);
  if (!isForeign && site !== "cross-site" && site !== "same-site") return undefined;
  return { status: 403, detail: "Pages of other origins may not ask", cause: "origin" };
}

function isOwnHost(host: string, ownHosts: readonly string[]): boolean {
  const asked = URL.parse(`http://${host}`)?.hostname ?? "";
  const hostname = normalizeHost(asked.replace(/\.$/, ""));
  return hostname !== undefined && (isLoopbackHost(hostname) || ownHosts.includes(hostname));
}

function isSameOrigin(origin: string, host: string, scheme: Asker["scheme"]): boolean {
  const url = URL.parse(origin);
  if (url === null || !/^https?:$/.test(url.protocol)) return false;
  if (scheme !== undefined && url.protocol !== `${scheme}:`) return false;
  return URL.parse(`${url.protocol}//${host}`)?.host === url.host;
}

/** Checks tokens, and keeps those who guess waiting; disposing it lets them go. */
export class Guard implements Disposable {
  readonly #tokens: Tokens;
  readonly #clock: Clock;
  readonly #attempts = new Map<string, Attempts>();
  readonly #waiting = new Map<string, number>();
  readonly #buckets = new Map<string, { tokens: number; atMs: number }>();
  readonly #delays = new Map<Timer, () => void>();
  /** Failed attempts so far. */
  failures = 0;

  constructor(tokens: Tokens, clock: Clock) {
    this.#tokens = tokens;
    this.#clock = clock;
  }

  /** Whose the token of a request is, or why it is refused; the answer to a bad one takes time. */
  async admit({ headers, address }: Asker): Promise<Holder | Denial> {
    const given = headers.get("authorization");
    return await this.admitToken(bearerOf(given), (given ?? "") !== "", address);
  }

  /** As `admit`, with a token that came in another way. */
  async admitToken(
    token: string | undefined,
    wasGiven: boolean,
    address: string,
  ): Promise<Holder | Denial> {
    const holder = token === undefined ? undefined : this.#tokens.find(token);
    if (holder !== undefined) return this.#limit(holder) ?? holder;
    // Who shows none does not guess.
    if (!wasGiven) {
      const detail = "A token is needed: Authorization: Bearer TOKEN";
      return { status: 401, detail, headers: CHALLENGE, cause: "missing" };
    }
    return await this.#fail(address);
  }

  async #fail(address: string): Promise<Denial> {
    this.failures++;
    const { attempts, delayMs } = stepFailure(this.#attempts.get(address), this.#clock.now());
    this.#remember(address, attempts);
    const waiting = this.#waiting.get(address) ?? 0;
    if (delayMs > 0 && waiting >= ATTEMPTS.mostWaiting) {
      const headers = { "retry-after": String(Math.ceil(delayMs / 1000)) };
      return { status: 429, detail: "Too many bad tokens", headers, cause: "slowed" };
    }
    if (delayMs > 0) {
      this.#waiting.set(address, waiting + 1);
      await this.#delay(delayMs);
      const left = this.#waiting.get(address)! - 1;
      if (left > 0) this.#waiting.set(address, left);
      else this.#waiting.delete(address);
    }
    const headers = {
      "www-authenticate": `${CHALLENGE["www-authenticate"]}, error="invalid_token"`,
    };
    return { status: 401, detail: "The token is not known", headers, cause: "token" };
  }

  [Symbol.dispose](): void {
    for (const [timer, resolve] of this.#delays) {
      this.#clock.clearTimeout(timer);
      resolve();
    }
    this.#delays.clear();
  }

  async #delay(delayMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = this.#clock.setTimeout(resolve, delayMs);
    this.#delays.set(timer, resolve);
    await promise;
    this.#delays.delete(timer);
  }

  /** The address that was heard of longest ago is forgotten first. */
  #remember(address: string, attempts: Attempts): void {
    this.#attempts.delete(address);
    this.#attempts.set(address, attempts);
    if (this.#attempts.size <= ATTEMPTS.mostAddresses) return;
    this.#attempts.delete(this.#attempts.keys().next().value!);
  }

  #limit({ name }: Holder): Denial | undefined {
    const nowMs = this.#clock.now();
    const { perSecond, burst } = REQUEST_RATE;
    const bucket = this.#buckets.get(name) ?? { tokens: burst, atMs: nowMs };
    const tokens = Math.min(burst, bucket.tokens + (nowMs - bucket.atMs) / 1000 * perSecond);
    const isEmpty = tokens < 1;
    this.#buckets.set(name, { tokens: isEmpty ? tokens : tokens - 1, atMs: nowMs });
    if (!isEmpty) return undefined;
    const detail = `More than ${perSecond} requests a second with this token`;
    return { status: 429, detail, headers: { "retry-after": "1" }, cause: "rate" };
  }
}

/** Says which scope somebody lacks. */
export function refuseScope(holder: Holder, scope: Scope): Denial | undefined {
  if (hasScope(holder, scope)) return undefined;
  const headers = {
    "www-authenticate": `${CHALLENGE["www-authenticate"]}, error="insufficient_scope", ` +
      `scope="${scope}"`,
  };
  const detail = `The token ${JSON.stringify(holder.name)} has not the scope ${scope}`;
  return { status: 403, detail, headers, cause: "scope" };
}

/**
 * Keys that tokens are checked with: a secret, a public key, or a set that is fetched.
 *
 * @module
 */

import {
  createLocalJWKSet,
  errors,
  importSPKI,
  importX509,
  type JSONWebKeySet,
  type JWTVerifyGetKey,
} from "jose";
import { getLogger } from "../telemetry/mod.ts";
import { isLoopbackHost, redactUrl } from "../text/mod.ts";
import { type Clock, SYSTEM_CLOCK } from "../time/mod.ts";
import type { ResolvedJwt } from "./options.ts";

const log = getLogger(["troupe", "auth"]);

/** Bounds of fetching a set of keys. */
export const JWKS_LIMITS = Object.freeze({
  timeoutMs: 5_000,
  /** After this time it is fetched again. */
  maxAgeMs: 600_000,
  /** A key that is not in it has it fetched again, this often at most. */
  cooldownMs: 30_000,
  bytes: 1_048_576,
});

/** No key can be had: the set was never fetched and is not to be had now. */
export class KeysAwayError extends Error {
  /** The name of the class. */
  override readonly name = "KeysAwayError";
}

/**
 * Makes what finds the key of a token.
 *
 * @throws {TypeError} If a key or a set cannot be read.
 */
export function createKeys(
  { secret, publicKey, jwks, algorithms }: ResolvedJwt,
  { fetchText = fetchWithin, clock = SYSTEM_CLOCK }: KeyParts = {},
): JWTVerifyGetKey {
  if (secret !== undefined) {
    const key = new TextEncoder().encode(secret);
    return () => key;
  }
  if (publicKey !== undefined) return importPublic(publicKey, algorithms);
  const text = jwks!.trim();
  if (text.startsWith("{")) return createLocalJWKSet(parseSet(text));
  const set = new FetchedSet(checkUrl(text), fetchText, clock);
  return (header, token) => set.find(header, token);
}

function importPublic(pem: string, algorithms: readonly string[]): JWTVerifyGetKey {
  const read = pem.includes("BEGIN CERTIFICATE") ? importX509 : importSPKI;
  // A key of one family is imported for each of its algorithms when a token asks for it.
  const keys = new Map<string, ReturnType<typeof importSPKI>>();
  if (!/-----BEGIN (?:PUBLIC KEY|CERTIFICATE)-----/.test(pem)) {
    throw new TypeError("Cannot check tokens: publicKey is no public key in PEM");
  }
  return async ({ alg = "" }) => {
    if (!algorithms.includes(alg)) throw new errors.JOSEAlgNotAllowed("algorithm");
    const key = keys.get(alg) ?? read(pem, alg);
    keys.set(alg, key);
    try {
      return await key;
    } catch {
      throw new errors.JOSEAlgNotAllowed("algorithm");
    }
  };
}

function parseSet(text: string): JSONWebKeySet {
  const set = JSON.parse(text) as JSONWebKeySet;
  if (Array.isArray(set?.keys)) return set;
  throw new TypeError("Cannot check tokens: jwks is no set of keys, expected { keys: [...] }");
}

function checkUrl(text: string): URL {
  const url = URL.parse(text);
  const isSafe = url !== null &&
    (url.protocol === "https:" || url.protocol === "http:" && isLoopbackHost(url.hostname));
  if (isSafe) return url;
  throw new TypeError(
    "Cannot check tokens: jwks is no URL with https, nor with http of a loopback address, " +
      "nor a set of keys as JSON",
  );
}

/** Fetches a text within a time. */
export type FetchText = (url: URL) => Promise<string>;

/** What a set of keys is fetched with. */
export interface KeyParts {
  /** Default: over HTTP. */
  readonly fetchText?: FetchText;
  /** Default: the system's. */
  readonly clock?: Pick<Clock, "now">;
}

async function fetchWithin(url: URL): Promise<string> {
  const signal = AbortSignal.timeout(JWKS_LIMITS.timeoutMs);
  const response = await fetch(url, { signal, redirect: "error" });
  if (!response.ok) {
    await response.body?.cancel();
    throw new Error(`the answer is ${response.status}`);
  }
  let text = "";
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    if (text.length > JWKS_LIMITS.bytes) throw new Error("the set of keys is too long");
  }
  return text;
}

/** A set of keys that is fetched, kept, and fetched again; known keys work while it is away. */
class FetchedSet {
  readonly #url: URL;
  readonly #fetch: FetchText;
  readonly #clock: Pick<Clock, "now">;
  #known: JWTVerifyGetKey | undefined;
  #triedMs = -Infinity;
  #gotMs = -Infinity;
  #fetching: Promise<void> | undefined;

  constructor(url: URL, fetchText: FetchText, clock: Pick<Clock, "now">) {
    this.#url = url;
    this.#fetch = fetchText;
    this.#clock = clock;
  }

  async find(
    ...[header, token]: Parameters<JWTVerifyGetKey>
  ): Promise<Awaited<ReturnType<JWTVerifyGetKey>>> {
    if (this.#known === undefined || this.#clock.now() - this.#gotMs > JWKS_LIMITS.maxAgeMs) {
      await this.#refresh();
    }
    if (this.#known === undefined) {
      throw new KeysAwayError("Cannot check the token: the set of keys cannot be had");
    }
    try {
      return await this.#known(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      // Perhaps they were rotated.
      await this.#refresh();
      return await this.#known(header, token);
    }
  }

  /** Fetches it, unless that was tried a moment ago; what fails changes nothing. */
  async #refresh(): Promise<void> {
    const isNew = this.#known === undefined;
    const waitMs = isNew ? 1_000 : JWKS_LIMITS.cooldownMs;
    if (this.#fetching === undefined && this.#clock.now() - this.#triedMs < waitMs) return;
    await (this.#fetching ??= this.#load().finally(() => this.#fetching = undefined));
  }

  async #load(): Promise<void> {
    this.#triedMs = this.#clock.now();
    try {
      this.#known = createLocalJWKSet(parseSet(await this.#fetch(this.#url)));
      this.#gotMs = this.#clock.now();
    } catch (error) {
      log.warn("The set of keys at {url} could not be fetched: {error}", {
        url: redactUrl(this.#url),
        error,
      });
    }
  }
}

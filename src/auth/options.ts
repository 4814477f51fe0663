/**
 * Options of logins by token, and the check of them.
 *
 * @module
 */

import { assertOptions, optionNames, showValue } from "../text/mod.ts";

/** Where a token is looked for. */
export type TokenSource = "bearer" | "subprotocol" | `cookie:${string}` | `query:${string}`;

/** Options of `jwtAccept`. Exactly one of `secret`, `publicKey` and `jwks`. */
export interface JwtOptions {
  /** Shared secret of HS256, HS384 or HS512: at least 32 characters. */
  readonly secret?: string;
  /** Public key in PEM (SPKI, or a certificate). */
  readonly publicKey?: string;
  /** URL of a JWKS (`https:`, or `http:` on a loopback address), or its text as JSON. */
  readonly jwks?: string;
  /** The algorithms that tokens may have; others are refused. */
  readonly algorithms: readonly string[];
  /** Who must have issued them (`iss`). Default: anybody. */
  readonly issuer?: string | readonly string[];
  /** For whom they must be (`aud`). Default: anybody. */
  readonly audience?: string | readonly string[];
  /** The claim that names the user. Default `"sub"`. */
  readonly claim?: string;
  /** Where the token is looked for; the first that is there counts. Default `["bearer"]`. */
  readonly from?: readonly TokenSource[];
  /** By how much the clocks may differ, in milliseconds. Default 0. */
  readonly leewayMs?: number;
}

/** Options with their defaults. */
export type ResolvedJwt =
  & Required<Pick<JwtOptions, "claim" | "from" | "leewayMs">>
  & JwtOptions;

/** Defaults of {@linkcode JwtOptions}. */
export const JWT_DEFAULTS: Readonly<{
  claim: string;
  from: readonly TokenSource[];
  leewayMs: number;
}> = Object.freeze({ claim: "sub", from: Object.freeze(["bearer"] as const), leewayMs: 0 });

/** Algorithms of a shared secret, and those of a key pair. */
export const SECRET_ALGORITHMS = ["HS256", "HS384", "HS512"] as const;

/** Algorithms of a key pair. */
export const KEY_ALGORITHMS = [
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
  "Ed25519",
] as const;

/** Shortest secret, in characters: as many bits as the digest of HS256 has. */
export const MIN_SECRET = 32;

const OPTIONS = optionNames<JwtOptions>({
  secret: true,
  publicKey: true,
  jwks: true,
  algorithms: true,
  issuer: true,
  audience: true,
  claim: true,
  from: true,
  leewayMs: true,
});

const SOURCE = /^(?:bearer|subprotocol|cookie:[!#$%&'*+.^_`|~0-9A-Za-z-]+|query:[^\s&=#]+)$/;
const PEM = /-----BEGIN/;

/** Whether a text names a place where a token may be. */
export function isTokenSource(text: string): text is TokenSource {
  return SOURCE.test(text);
}

/**
 * What is wrong with the keys and algorithms, if anything: a public key must never be used as a
 * secret, and every algorithm must be one of its kind of key.
 */
export function keyFault(
  { secret, publicKey, jwks, algorithms }: Pick<
    JwtOptions,
    "secret" | "publicKey" | "jwks" | "algorithms"
  >,
): string | undefined {
  const given = [secret, publicKey, jwks].filter((each) => each !== undefined);
  if (given.length !== 1) return "expected exactly one of secret, publicKey and jwks";
  const allowed: readonly string[] = secret === undefined ? KEY_ALGORITHMS : SECRET_ALGORITHMS;
  const wrong = algorithms.find((each) => !allowed.includes(each));
  if (algorithms.length === 0) return `algorithms is empty, expected some of ${allowed.join(", ")}`;
  if (wrong !== undefined) {
    const key = secret === undefined ? "a public key" : "a secret";
    return `algorithm ${JSON.stringify(wrong)} does not go with ${key}, expected some of ` +
      allowed.join(", ");
  }
  if (secret !== undefined && PEM.test(secret)) {
    return "secret is a key in PEM, expected publicKey for that";
  }
  if (secret !== undefined && secret.length < MIN_SECRET) {
    return `secret has ${secret.length} characters, expected at least ${MIN_SECRET}`;
  }
  return undefined;
}

/**
 * Checks options and fills in the defaults.
 *
 * @throws {TypeError} If there is no such option, or one cannot be used.
 */
export function resolveJwt(options: JwtOptions): ResolvedJwt {
  assertOptions("check tokens", options, OPTIONS);
  const resolved = { ...JWT_DEFAULTS, ...options };
  const { algorithms, from, leewayMs } = resolved;
  if (!Array.isArray(algorithms)) {
    throw new TypeError(
      `Cannot check tokens: algorithms is ${showValue(algorithms)}, expected a list`,
    );
  }
  const source = from.find((each) => !isTokenSource(each));
  const fault = keyFault(resolved) ??
    (source === undefined
      ? undefined
      : `from has ${
        JSON.stringify(source)
      }, expected bearer, subprotocol, cookie:NAME or query:NAME`) ??
    (leewayMs >= 0 ? undefined : `leewayMs is ${leewayMs}, expected a number from 0`);
  if (fault !== undefined) throw new TypeError(`Cannot check tokens: ${fault}`);
  return resolved;
}

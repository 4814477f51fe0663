/**
 * Logins by JSON Web Token (RFC 7519, RFC 8725).
 *
 * @module
 */

import { errors, type JWTPayload, jwtVerify, type JWTVerifyGetKey } from "jose";
import { type Accept, type HandshakeRefusal, type Login, refuse } from "../websocket/mod.ts";
import { createKeys, type KeyParts, KeysAwayError } from "./keys.ts";
import { type JwtOptions, type ResolvedJwt, resolveJwt } from "./options.ts";
import { findToken, queryNames } from "./token_source.ts";

/** Longest token, in characters: shorter than all headers together, so that it is this that says so. */
const MAX_TOKEN = 12_288;

/** Why a token is not good, in one of few words. */
export type TokenFault =
  | "missing"
  | "too_long"
  | "malformed"
  | "algorithm"
  | "unknown_key"
  | "signature"
  | "expired"
  | "not_yet_valid"
  | "issuer"
  | "audience"
  | "subject"
  | "keys_away";

const TEXTS: Readonly<Record<TokenFault, string>> = Object.freeze({
  missing: "a token is needed",
  too_long: `the token is longer than ${MAX_TOKEN} characters`,
  malformed: "the token is no JSON Web Token",
  algorithm: "the algorithm of the token is not allowed",
  unknown_key: "the key of the token is not known",
  signature: "the signature of the token is wrong",
  expired: "the token has expired",
  not_yet_valid: "the token is not yet valid",
  issuer: "the token is of another issuer",
  audience: "the token is for another audience",
  subject: "the token names no user",
  keys_away: "the keys of tokens cannot be had",
});

/** A token that is not good. */
export class TokenError extends Error {
  /** The name of the class. */
  override readonly name = "TokenError";
  /** Says which fault it has. */
  constructor(readonly code: TokenFault, options?: ErrorOptions) {
    super(`Cannot accept the token: ${TEXTS[code]}`, options);
  }
}

/** A token that is good. */
export interface ReadToken {
  readonly user: string;
  readonly claims: JWTPayload;
  /** When its time is over, with the leeway, in milliseconds since 1970. */
  readonly expiresAtMs: number | undefined;
}

/** Reads tokens; rejects with a {@linkcode TokenError}. */
export type TokenReader = (token: string) => Promise<ReadToken>;

/**
 * Makes a reader of tokens.
 *
 * @throws {TypeError} If an option cannot be used.
 */
export function createTokenReader(options: ResolvedJwt, parts?: KeyParts): TokenReader {
  const keys = createKeys(options, parts);
  return (token) => readToken(token, keys, options);
}

async function readToken(
  token: string,
  keys: JWTVerifyGetKey,
  { algorithms, issuer, audience, claim, leewayMs }: ResolvedJwt,
): Promise<ReadToken> {
  if (token.length > MAX_TOKEN) throw new TokenError("too_long");
  let claims: JWTPayload;
  try {
    const { payload } = await jwtVerify(token, keys, {
      algorithms: [...algorithms],
      clockTolerance: leewayMs / 1000,
      ...issuer !== undefined && { issuer: typeof issuer === "string" ? issuer : [...issuer] },
      ...audience !== undefined &&
        { audience: typeof audience === "string" ? audience : [...audience] },
    });
    claims = payload;
  } catch (cause) {
    throw new TokenError(faultOf(cause), { cause });
  }
  const user = claims[claim];
  if (typeof user !== "string" || user === "") throw new TokenError("subject");
  const { exp } = claims;
  return { user, claims, expiresAtMs: exp === undefined ? undefined : exp * 1000 + leewayMs };
}

function faultOf(error: unknown): TokenFault {
  if (error instanceof KeysAwayError) return "keys_away";
  if (error instanceof errors.JWTExpired) return "expired";
  if (error instanceof errors.JWTClaimValidationFailed) return claimFault(error.claim);
  if (error instanceof errors.JOSEAlgNotAllowed) return "algorithm";
  if (error instanceof errors.JOSENotSupported) return "algorithm";
  if (error instanceof errors.JWKSNoMatchingKey) return "unknown_key";
  if (error instanceof errors.JWKSMultipleMatchingKeys) return "unknown_key";
  if (error instanceof errors.JWSSignatureVerificationFailed) return "signature";
  // The key of a set is of another family than the token says.
  if (error instanceof TypeError) return "algorithm";
  return "malformed";
}

function claimFault(claim: string): TokenFault {
  const faults: Readonly<Record<string, TokenFault>> = {
    nbf: "not_yet_valid",
    iss: "issuer",
    aud: "audience",
    exp: "expired",
  };
  return faults[claim] ?? "malformed";
}

/** The answer to a handshake whose token is not good (RFC 6750, section 3). */
function refuseToken({ code, message }: TokenError): HandshakeRefusal {
  if (code === "keys_away") return refuse(503, message, { "retry-after": "5" });
  const description = `error="invalid_token", error_description="${TEXTS[code]}"`;
  const challenge = code === "missing" ? "Bearer" : `Bearer ${description}`;
  return refuse(401, message, { "www-authenticate": challenge });
}

/**
 * Makes an `accept` of a handler that lets in who shows a good token, before the upgrade: others
 * get 401, each fault with its own text, or 503 if the keys cannot be had.
 *
 * The claims are `attributes.claims` of `connect`, the subject is its `user`. When the token's
 * time is over the connection is closed with 4001, unless a fresh token of the same user came:
 * from the client as the text `{"token": TOKEN}`, or in a call of any process,
 * `self.call(connection, { kind: "token", token })`. A token in the query is left out of
 * `connect.url`.
 *
 * @throws {TypeError} If an option cannot be used: algorithms must be named, `none` is never
 * accepted, and neither is a public key as a secret.
 *
 * @example
 * ```ts
 * import { createHandler } from "@troupe/troupe";
 * import { jwtAccept } from "@troupe/troupe/websocket";
 *
 * createHandler({
 *   accept: jwtAccept({ secret: "a secret of at least 32 characters", algorithms: ["HS256"] }),
 * });
 * ```
 */
export function jwtAccept(options: JwtOptions): Accept {
  const resolved = resolveJwt(options);
  return acceptTokens(createTokenReader(resolved), resolved);
}

/** What became of a token, in one word. */
export type LoginOutcome = "accepted" | "renewed" | TokenFault;

/** An `accept` over a reader of tokens, and over who hears of each outcome. */
export function acceptTokens(
  read: TokenReader,
  { from }: Pick<ResolvedJwt, "from">,
  tell: (outcome: LoginOutcome) => void = () => {},
): Accept {
  const secretParameters = queryNames(from);
  const readTold = async (token: string | undefined, outcome: LoginOutcome) => {
    try {
      if (token === undefined) throw new TokenError("missing");
      const good = await read(token);
      tell(outcome);
      return good;
    } catch (error) {
      if (error instanceof TokenError) tell(error.code);
      throw error;
    }
  };
  const toLogin = ({ user, expiresAtMs }: ReadToken): Login => ({
    user,
    expiresAtMs,
    renew: async (token) => toLogin(await readTold(token, "renewed")),
    secretParameters,
  });
  return async ({ request }) => {
    try {
      const good = await readTold(findToken(request, from), "accepted");
      return { attributes: { claims: good.claims }, login: toLogin(good) };
    } catch (error) {
      if (error instanceof TokenError) return refuseToken(error);
      throw error;
    }
  };
}

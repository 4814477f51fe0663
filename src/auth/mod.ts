/**
 * Logins: who may connect, by token, and for how long.
 *
 * @module
 */

export {
  acceptTokens,
  createTokenReader,
  jwtAccept,
  type LoginOutcome,
  TokenError,
  type TokenFault,
} from "./jwt.ts";
export {
  isTokenSource,
  JWT_DEFAULTS,
  type JwtOptions,
  KEY_ALGORITHMS,
  keyFault,
  MIN_SECRET,
  resolveJwt,
  SECRET_ALGORITHMS,
  type TokenSource,
} from "./options.ts";

/**
 * Logins: who may connect, by token, and for how long.
 *
 * @module
 */

export { jwtAccept, TokenError, type TokenFault } from "./jwt.ts";
export {
  isTokenSource,
  JWT_DEFAULTS,
  type JwtOptions,
  KEY_ALGORITHMS,
  keyFault,
  MIN_SECRET,
  SECRET_ALGORITHMS,
  type TokenSource,
} from "./options.ts";

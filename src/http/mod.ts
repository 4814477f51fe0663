/**
 * HTTP: listeners, TLS, client addresses, routes, health.
 *
 * @module
 */

export { type Asker, type Denial, Guard, refusePage, refuseScope } from "./access/guard.ts";
export {
  type AccessToken,
  createToken,
  type Holder,
  type Scope,
  SCOPES,
  Tokens,
} from "./access/tokens.ts";
export { type Certificate, loadCertificate } from "./certificate.ts";
export { createClientOf } from "./client_address.ts";
export { EndpointPaths, OWN_PATHS } from "./endpoint_paths.ts";
export { ServerStartError, type StartErrorCode } from "./errors.ts";
export { listen, probeAddress, showAddress } from "./listener.ts";
export type { Listener } from "./listener_types.ts";
export { type BadBody, type JsonBody, readJsonBody } from "./json_body.ts";
export {
  isLiteral,
  paramNames,
  parsePathPattern,
  PATH_PATTERN,
  type PathSegment,
  REST_PARAM,
  shapeOf,
} from "./path_pattern.ts";
export { problem, PROBLEM_TYPE, type ProblemBody, problemBody } from "./problem.ts";
export { type Method, type PathParams, type RouteKey, RouteTable } from "./route_table.ts";
export {
  answerAsset,
  type Asset,
  createEndpointRoutes,
  createRoutes,
  type PathService,
} from "./routes.ts";

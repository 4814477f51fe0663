/**
 * HTTP: listeners, TLS, client addresses, routes, health.
 *
 * @module
 */

export { type Certificate, loadCertificate } from "./certificate.ts";
export { createClientOf } from "./client_address.ts";
export { EndpointPaths, OWN_PATHS } from "./endpoint_paths.ts";
export { ServerStartError, type StartErrorCode } from "./errors.ts";
export { listen, showAddress } from "./listener.ts";
export type { Listener } from "./listener_types.ts";
export {
  isLiteral,
  paramNames,
  parsePathPattern,
  PATH_PATTERN,
  type PathSegment,
  REST_PARAM,
  shapeOf,
} from "./path_pattern.ts";
export { createEndpointRoutes, createRoutes } from "./routes.ts";

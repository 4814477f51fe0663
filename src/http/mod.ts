/**
 * HTTP: listeners, TLS, client addresses, routes, health.
 *
 * @module
 */

export { type Certificate, loadCertificate } from "./certificate.ts";
export { createClientOf } from "./client_address.ts";
export { ServerStartError, type StartErrorCode } from "./errors.ts";
export { listen, showAddress } from "./listener.ts";
export type { Listener } from "./listener_types.ts";
export { createRoutes } from "./routes.ts";

/**
 * The operator's API: asked from outside, it sends, asks, publishes, lists and closes.
 *
 * @module
 */

export {
  API_PROCESS,
  type ApiEndpoint,
  type ApiHost,
  type ApiLogs,
  type Level,
  LEVELS,
  type LogLine,
} from "./host.ts";
export { API_BASE, createOpenApi } from "./openapi.ts";
export type { ApiRoute } from "./route.ts";
export { API_ROUTES } from "./routes/all.ts";
export {
  API_SOCKET_PATH,
  type ApiOptions,
  type ApiService,
  createApi,
  MAX_BODY_BYTES,
} from "./service.ts";
export type { ApiSocket } from "./socket.ts";

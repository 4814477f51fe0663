/**
 * HTTP routes: what answers which path.
 *
 * @module
 */

import { STATUS_CODE } from "@std/http/status";
import { asksForWebSocket, type RequestInfo } from "../websocket/mod.ts";
import { computeEntityTag, evaluatePreconditions } from "./conditional.ts";
import type { EndpointPaths, FoundEndpoint } from "./endpoint_paths.ts";

/** Something that answers requests, such as a WebSocket handler. */
export interface FetchHandler {
  /** Answers a request. */
  fetch(request: Request, info: RequestInfo): Response | Promise<Response>;
}

/** A file, as one answer to `GET`. */
export interface Asset {
  /** Text to send as UTF-8. */
  readonly body: string;
  /** Value of `Content-Type`. */
  readonly contentType: string;
  /** Further headers, names in lower case; the file works under its own policy. */
  readonly headers: Readonly<Record<string, string>>;
}

/** What {@linkcode createRoutes} needs. */
export interface RoutesOptions {
  /** WebSocket endpoints by path. */
  readonly endpoints: EndpointPaths<FetchHandler>;
  /** Files by path. */
  readonly assets: ReadonlyMap<string, Asset>;
  /** Whether new connections are welcome. */
  readonly isReady: () => boolean;
  /** What else keeps it from being ready, in words; `undefined`: nothing does. */
  readonly trouble?: (() => string | undefined) | undefined;
  /** Metrics in Prometheus' text format; absent: they are somewhere else, or nowhere. */
  readonly readMetrics?: (() => Promise<string>) | undefined;
  /** Whatever else answers here, by what it owns. */
  readonly services?: readonly PathService[];
}

/** Something that answers for a part of all paths. */
export interface PathService {
  /** Whether it answers for a path. */
  owns(pathname: string): boolean;
  /** Answers a request. */
  fetch(request: Request, info: RequestInfo): Response | Promise<Response>;
}

/** Answers a request. */
export type Routes = (request: Request, info: RequestInfo) => Response | Promise<Response>;

const READ_METHODS = "GET, HEAD";

const METRICS_PATH = "/metrics";
/** Content type of Prometheus' text format. */
const METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8";

function plain(status: number, text: string, headers: Record<string, string> = {}): Response {
  return new Response(`${text}\n`, {
    status,
    headers: {
      "content-type": "text/plain; charset=utf-8",
      "cache-control": "no-store",
      ...headers,
    },
  });
}

async function assetResponse({ headers: asked }: Request, asset: Asset): Promise<Response> {
  const etag = await entityTagOf(asset);
  const headers = {
    ...asset.headers,
    "content-type": asset.contentType,
    "cache-control": "no-cache",
    etag,
  };
  switch (evaluatePreconditions((name) => asked.get(name), etag)) {
    case "not_modified":
      return new Response(null, { status: STATUS_CODE.NotModified, headers });
    case "failed":
      return plain(STATUS_CODE.PreconditionFailed, "The file is another one by now", { etag });
    case "passed":
      return new Response(asset.body, { headers });
  }
}

const entityTags = new WeakMap<Asset, Promise<string>>();

/** Computed when the asset is first asked for. */
function entityTagOf(asset: Asset): Promise<string> {
  const known = entityTags.get(asset);
  if (known !== undefined) return known;
  const tag = computeEntityTag(`${asset.contentType}\0${asset.body}`);
  entityTags.set(asset, tag);
  return tag;
}

const MALFORMED = "the path is not encoded as UTF-8 with percent signs, expected it to be";

/** What handlers are told of a request, with what its path says. */
export function withParams(
  info: RequestInfo,
  { params }: Pick<FoundEndpoint<unknown>, "params">,
): RequestInfo {
  return { ...info, params };
}

/** Answers with a file, or 404 without one; for other methods than `GET` and `HEAD` 405. */
export function answerAsset(
  request: Request,
  asset: Asset | undefined,
): Response | Promise<Response> {
  if (asset === undefined) return plain(STATUS_CODE.NotFound, "Not found");
  return isRead(request) ? assetResponse(request, asset) : notAllowed();
}

/** The answer to a request whose target or host cannot be read. */
export function answerBadTarget(why: string): Response {
  return plain(STATUS_CODE.BadRequest, `Cannot answer: ${why}`);
}

/** Where a page or something else answers too, handshakes are for the endpoint. */
function isForEndpoint({ headers }: Request): boolean {
  return asksForWebSocket(headers.get("upgrade") ?? undefined);
}

function notAllowed(): Response {
  return plain(STATUS_CODE.MethodNotAllowed, "Method not allowed", { allow: READ_METHODS });
}

function isRead({ method }: Request): boolean {
  return method === "GET" || method === "HEAD";
}

function healthResponse(
  pathname: string,
  isReady: boolean,
  trouble: string | undefined,
): Response | undefined {
  if (pathname === "/health/live") return plain(STATUS_CODE.OK, "live");
  if (pathname !== "/health/ready") return undefined;
  if (isReady && trouble === undefined) return plain(STATUS_CODE.OK, "ready");
  const why = isReady ? `not ready: ${trouble}` : "draining";
  return plain(STATUS_CODE.ServiceUnavailable, why, { "retry-after": "5" });
}

async function metricsResponse(readMetrics: () => Promise<string>): Promise<Response> {
  const headers = { "content-type": METRICS_TYPE, "cache-control": "no-store" };
  return new Response(await readMetrics(), { headers });
}

/**
 * Makes the function that answers every request of a listener without a configuration: what is
 * a handshake goes to the endpoint of its path, and the rest to `otherwise`; without one the
 * endpoints say what they expect, and other paths are not found.
 */
export function createEndpointRoutes(
  endpoints: EndpointPaths<FetchHandler>,
  otherwise: Routes | undefined,
): Routes {
  return (request, info) => {
    if (request.method === "CONNECT") return notAllowed();
    const isLeft = otherwise !== undefined && !isForEndpoint(request);
    const found = isLeft ? undefined : endpoints.find(new URL(request.url).pathname);
    if (found === "malformed") return answerBadTarget(MALFORMED);
    if (found !== undefined) return found.endpoint.fetch(request, withParams(info, found));
    return otherwise?.(request, info) ?? plain(STATUS_CODE.NotFound, "Not found");
  };
}

/**
 * Makes the function that answers every request of the listener: files, unless it is
 * a handshake where there is an endpoint too, endpoints by their most specific pattern,
 * health and metrics; 405 for other methods, 404 for the rest. `OPTIONS *` asks whether the
 * server lives (RFC 9110, section 9.3.7).
 */
export function createRoutes(options: RoutesOptions): Routes {
  const { endpoints, assets, isReady, trouble, readMetrics, services = [] } = options;

  function answerRead(
    request: Request,
    pathname: string,
  ): Response | Promise<Response> | undefined {
    const asset = assets.get(pathname);
    if (asset !== undefined) return isRead(request) ? assetResponse(request, asset) : notAllowed();
    const health = healthResponse(pathname, isReady(), trouble?.());
    if (health !== undefined) return isRead(request) ? health : notAllowed();
    if (pathname !== METRICS_PATH || readMetrics === undefined) return undefined;
    return isRead(request) ? metricsResponse(readMetrics) : notAllowed();
  }

  return (request, info) => {
    // Of a tunnel to somebody else, which has no path.
    if (request.method === "CONNECT") return notAllowed();
    const { pathname } = new URL(request.url);
    const service = services.find((each) => each.owns(pathname));
    if (service !== undefined && !isForEndpoint(request)) return service.fetch(request, info);
    if (request.method === "OPTIONS" && pathname === "/*") {
      return new Response(null, {
        status: STATUS_CODE.NoContent,
        headers: { allow: READ_METHODS },
      });
    }
    if (!assets.has(pathname) || isForEndpoint(request)) {
      const found = endpoints.find(pathname);
      if (found === "malformed") return answerBadTarget(MALFORMED);
      if (found !== undefined) return found.endpoint.fetch(request, withParams(info, found));
    }
    // The listener leaves the body out for HEAD and keeps its length.
    return answerRead(request, pathname) ?? plain(STATUS_CODE.NotFound, "Not found");
  };
}

/**
 * HTTP routes: what answers which path.
 *
 * @module
 */

import { createHash } from "node:crypto";
import type { WebAsset } from "../web/mod.ts";
import type { RequestInfo } from "../websocket/mod.ts";

/** Something that answers requests, such as a WebSocket handler. */
export interface FetchHandler {
  /** Answers a request. */
  fetch(request: Request, info: RequestInfo): Response | Promise<Response>;
}

/** What {@linkcode createRoutes} needs. */
export interface RoutesOptions {
  /** WebSocket endpoints by path. */
  readonly endpoints: ReadonlyMap<string, FetchHandler>;
  /** Files by path. */
  readonly assets: ReadonlyMap<string, WebAsset>;
  /** Whether new connections are welcome. */
  readonly isReady: () => boolean;
  /** Metrics in Prometheus' text format. */
  readonly readMetrics: () => Promise<string>;
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

function assetResponse(request: Request, asset: WebAsset, etag: string): Response {
  const headers = {
    ...asset.headers,
    "content-type": asset.contentType,
    "cache-control": "no-cache",
    etag,
  };
  const known = (request.headers.get("if-none-match") ?? "").split(/\s*,\s*/);
  if (known.includes(etag)) return new Response(null, { status: 304, headers });
  return new Response(asset.body, { headers });
}

function entityTag(asset: WebAsset): string {
  const hash = createHash("sha256").update(asset.contentType).update("\0").update(asset.body);
  return `"${hash.digest("base64url").slice(0, 27)}"`;
}

function notAllowed(): Response {
  return plain(405, "Method not allowed", { allow: READ_METHODS });
}

function isRead({ method }: Request): boolean {
  return method === "GET" || method === "HEAD";
}

function healthResponse(pathname: string, isReady: boolean): Response | undefined {
  if (pathname === "/health/live") return plain(200, "live");
  if (pathname !== "/health/ready") return undefined;
  return isReady ? plain(200, "ready") : plain(503, "draining", { "retry-after": "5" });
}

async function metricsResponse(readMetrics: () => Promise<string>): Promise<Response> {
  const headers = { "content-type": METRICS_TYPE, "cache-control": "no-store" };
  return new Response(await readMetrics(), { headers });
}

/**
 * Makes the function that answers every request of the listener: endpoints by
 * exact path, then files, health and metrics; 405 for other methods, 404 for the rest.
 */
export function createRoutes(options: RoutesOptions): Routes {
  const { endpoints, assets, isReady, readMetrics } = options;
  const tags = new Map(Array.from(assets, ([path, asset]) => [path, entityTag(asset)]));

  function answerRead(request: Request, pathname: string): Response | undefined {
    const asset = assets.get(pathname);
    if (asset !== undefined) return assetResponse(request, asset, tags.get(pathname) ?? "");
    return healthResponse(pathname, isReady());
  }

  return (request, info) => {
    const { pathname } = new URL(request.url);
    const endpoint = endpoints.get(pathname);
    if (endpoint !== undefined) return endpoint.fetch(request, info);
    if (pathname === METRICS_PATH && isRead(request)) return metricsResponse(readMetrics);
    if (pathname === METRICS_PATH) return notAllowed();
    const response = answerRead(request, pathname);
    if (response === undefined) return plain(404, "Not found");
    // The listener leaves the body out for HEAD and keeps its length.
    return isRead(request) ? response : notAllowed();
  };
}

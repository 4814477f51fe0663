/**
 * The operator's page: a few files that ask the API for what they show.
 *
 * @module
 */

import preact from "htm/preact/standalone" with { type: "text" };
import uplotStyles from "uplot/dist/uPlot.min.css" with { type: "text" };
import uplot from "uplot/dist/uPlot.iife.min.js" with { type: "text" };
import { answerAsset, type Asset, type PathService } from "../http/mod.ts";
import { PALETTE } from "../web/mod.ts";
import styles from "./app.css" with { type: "text" };
import script from "./app.js" with { type: "text" };
import page from "./index.html" with { type: "text" };

/** Where the page is. */
export const DASHBOARD_PATH = "/admin/";

/** Everything that the page loads is one of its files; nothing else may frame it. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

const HEADERS = Object.freeze({
  "content-security-policy": POLICY,
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
});

function file(body: string, type: string): Asset {
  return Object.freeze({ body, contentType: `${type}; charset=utf-8`, headers: HEADERS });
}

const FILES: ReadonlyMap<string, Asset> = new Map([
  ["", file(page, "text/html")],
  ["app.js", file(script, "text/javascript")],
  ["app.css", file(PALETTE + styles, "text/css")],
  ["preact.js", file(preact, "text/javascript")],
  ["uplot.js", file(uplot, "text/javascript")],
  ["uplot.css", file(uplotStyles, "text/css")],
]);

/** Answers for the page. It holds no secret: all that it shows it asks the API for, with a token. */
export function createDashboard(): PathService {
  return {
    owns: (pathname) => pathname === "/admin" || pathname.startsWith(DASHBOARD_PATH),
    fetch(request) {
      const { pathname } = new URL(request.url);
      if (pathname === "/admin") {
        return new Response(null, { status: 308, headers: { location: DASHBOARD_PATH } });
      }
      return answerAsset(request, FILES.get(pathname.slice(DASHBOARD_PATH.length)));
    },
  };
}

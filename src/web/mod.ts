/**
 * What the browser gets from the server: the demo page and the client of events.
 *
 * @module
 */

import chatStyles from "./chat.css" with { type: "text" };
import chatScript from "./chat.js" with { type: "text" };
import connectionStyles from "./connections.css" with { type: "text" };
import connectionScript from "./connections.js" with { type: "text" };
import pageStyles from "./page.css" with { type: "text" };
import page from "./page.html" with { type: "text" };
import palette from "./palette.css" with { type: "text" };
import paneScript from "./pane.js" with { type: "text" };
import topicsStyles from "./topics.css" with { type: "text" };
import topicsScript from "./topics.js" with { type: "text" };
import clientTypes from "./troupe.d.ts" with { type: "text" };
import clientScript from "./troupe.js" with { type: "text" };

/** One answer to `GET`. */
export interface WebAsset {
  /** Text to send as UTF-8. */
  readonly body: string;
  /** Value of `Content-Type`. */
  readonly contentType: string;
  /** Further headers, names in lower case; the asset works under its own policy. */
  readonly headers: Readonly<Record<string, string>>;
}

/** The browser client of events, as `/troupe.js` has it (seed 003: ClientSource). */
export const CLIENT_SOURCE: string = clientScript;

/** The colours of all pages of the server, light and dark, and the font of code. */
export const PALETTE: string = palette;

const CLIENT_PATH = "/troupe.js";
const CLIENT_TYPES_PATH = "/troupe.d.ts";

const CLIENT: readonly (readonly [string, WebAsset])[] = [
  [CLIENT_PATH, createCode(CLIENT_SOURCE, "text/javascript", CLIENT_TYPES_PATH)],
  [CLIENT_TYPES_PATH, createCode(clientTypes, "application/typescript")],
];

/**
 * Assets by route, of a server with endpoints at these paths: `/troupe.js` is the client of
 * events with its types, and `/`, where it is wanted, a page that shows connections, a chat
 * and topics.
 */
export async function createWebAssets(
  endpoints: Iterable<string>,
  hasPage: boolean,
): Promise<ReadonlyMap<string, WebAsset>> {
  if (!hasPage) return new Map(CLIENT);
  const html = page.replace(
    "<!-- endpoints -->",
    Array.from(endpoints, encodeURIComponent).join(" "),
  );
  const styles = PALETTE + pageStyles + connectionStyles + chatStyles + topicsStyles;
  // Inline modules cannot import each other: what they share stands in front of each.
  const scripts = [connectionScript, chatScript, topicsScript].map((pane) => paneScript + pane);
  return new Map([["/", await createPage(html, styles, scripts)], ...CLIENT]);
}

/** Code for pages of any origin; `typesPath` is for tools that look for its types. */
function createCode(body: string, mediaType: string, typesPath?: string): WebAsset {
  return Object.freeze({
    body,
    contentType: `${mediaType}; charset=utf-8`,
    headers: Object.freeze({
      "access-control-allow-origin": "*",
      "x-content-type-options": "nosniff",
      ...(typesPath === undefined ? {} : { "x-typescript-types": typesPath }),
    }),
  });
}

/** Puts styles and scripts into the page, and allows these alone to run. */
async function createPage(
  html: string,
  css: string,
  scripts: readonly string[],
): Promise<WebAsset> {
  const policy = [
    "default-src 'none'",
    "connect-src 'self'",
    "img-src data:",
    `style-src ${await hashSource(css)}`,
    // The page's own scripts, and the client that they import.
    `script-src 'self' ${(await Promise.all(scripts.map(hashSource))).join(" ")}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ];
  const elements = scripts.map((script) => `<script type="module">${script}</script>`);
  return Object.freeze({
    // Functions, because "$" has a meaning in a replacement string.
    body: html.replace("<!-- styles -->", () => `<style>${css}</style>`)
      .replace("<!-- scripts -->", () => elements.join("\n")),
    contentType: "text/html; charset=utf-8",
    headers: Object.freeze({
      "content-security-policy": policy.join("; "),
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
    }),
  });
}

/** Content-Security-Policy source of an inline element (CSP 3, section 2.3.1). */
async function hashSource(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return `'sha256-${new Uint8Array(digest).toBase64()}'`;
}

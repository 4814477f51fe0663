/**
 * What the browser gets from the server: the demo page.
 *
 * @module
 */

import { createHash } from "node:crypto";
import connectionStyles from "./connections.css" with { type: "text" };
import connectionScript from "./connections.js" with { type: "text" };
import pageStyles from "./page.css" with { type: "text" };
import page from "./page.html" with { type: "text" };

/** One answer to `GET`. */
export interface WebAsset {
  /** Text to send as UTF-8. */
  readonly body: string;
  /** Value of `Content-Type`. */
  readonly contentType: string;
  /** Further headers, names in lower case; the asset works under its own policy. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Assets by route; `/` is a page that shows connections and who answers them. */
export const webAssets: ReadonlyMap<string, WebAsset> = new Map([
  ["/", createPage(page, pageStyles + connectionStyles, [connectionScript])],
]);

/** Puts styles and scripts into the page, and allows these alone to run. */
function createPage(html: string, css: string, scripts: readonly string[]): WebAsset {
  const policy = [
    "default-src 'none'",
    "connect-src 'self'",
    "img-src data:",
    `style-src ${hashSource(css)}`,
    `script-src ${scripts.map(hashSource).join(" ")}`,
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
function hashSource(text: string): string {
  return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}

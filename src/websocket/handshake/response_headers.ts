/**
 * Headers that the application adds to the answer of a handshake.
 *
 * @module
 */

import { quote, showValue } from "../../text/mod.ts";
import { TOKEN_CHARACTERS } from "../dial/target.ts";
import type { HeaderLine, ResponseHeaders } from "../options.ts";
import { TOKEN } from "./http_list.ts";

/** What both engines send as it is: one of them would write the rest of Latin-1 as UTF-8. */
const SENDABLE = /^[\t\x20-\x7e]*$/;

/** What the handshake, the connection or the length of the answer depend on. */
const NOT_THE_APPLICATIONS: readonly string[] = [
  "connection",
  "content-length",
  "keep-alive",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
];

/**
 * Reads headers as lines, in their order; of a list each value is a line of its own.
 *
 * @throws {TypeError} If one cannot be sent, or is not the application's to give. The
 * text names no values, which may be secret.
 */
export function readResponseHeaders(
  headers: ResponseHeaders,
  action: string,
): readonly HeaderLine[] {
  return listPairs(headers, action).flatMap(([name, value]) => {
    const values: readonly unknown[] = Array.isArray(value) ? value : [value];
    return values.map((each) => toLine(name, each, action));
  });
}

function listPairs(headers: unknown, action: string): readonly (readonly [unknown, unknown])[] {
  if (typeof headers !== "object" || headers === null) {
    throw new TypeError(
      `Cannot ${action}: headers are of type ${typeof headers}, expected an object, pairs or Headers`,
    );
  }
  if (!(Symbol.iterator in headers)) return Object.entries(headers);
  return [...headers as Iterable<unknown>].map((pair) => {
    if (Array.isArray(pair) && pair.length === 2) return [pair[0], pair[1]];
    throw new TypeError(
      `Cannot ${action}: headers have an entry of another kind, expected pairs of name and value`,
    );
  });
}

function toLine(name: unknown, value: unknown, action: string): HeaderLine {
  if (typeof name !== "string" || !TOKEN.test(name)) {
    const shown = typeof name === "string" ? quote(name) : showValue(name);
    throw new TypeError(
      `Cannot ${action}: ${shown} is no name of a header, expected ${TOKEN_CHARACTERS}`,
    );
  }
  const lower = name.toLowerCase();
  if (NOT_THE_APPLICATIONS.includes(lower) || lower.startsWith("sec-websocket-")) {
    throw new TypeError(
      `Cannot ${action}: the header ${quote(name)} is the server's, expected another one`,
    );
  }
  if (typeof value === "string" && SENDABLE.test(value)) return [lower, value.trim()];
  throw new TypeError(
    `Cannot ${action}: the value of header ${quote(name)} cannot be sent, ` +
      "expected a text of visible ASCII",
  );
}

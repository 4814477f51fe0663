/**
 * Handshake requests and HTTP answers as text: well-formed by default, anything on demand.
 *
 * @module
 */

/** What to change in a well-formed handshake. */
export interface HandshakeParts {
  /** Default `GET`. */
  readonly method?: string;
  /** Default `/ws`. */
  readonly path?: string;
  /** Default `HTTP/1.1`. */
  readonly httpVersion?: string;
  /** Whole first line, instead of method, path and version. */
  readonly requestLine?: string;
  /**
   * Replaces or adds headers, by name in any case. `null` leaves one out, an
   * array repeats it.
   */
  readonly headers?: Readonly<Record<string, string | readonly string[] | null>>;
  /** Lines to put after the headers, without line ends. */
  readonly extraLines?: readonly string[];
}

/** Status line and headers of an answer. */
export interface ResponseHead {
  /** Such as 101. */
  readonly status: number;
  /** What stands behind the status. */
  readonly statusText: string;
  /** By name, in any case. */
  readonly headers: Headers;
}

/** The key of RFC 6455, section 1.3. */
export const SAMPLE_KEY = "dGhlIHNhbXBsZSBub25jZQ==";

/** What a server must answer to {@linkcode SAMPLE_KEY}. */
export const SAMPLE_ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

/** Text of a handshake request, up to and with the empty line. */
export function handshakeRequest(host: string, parts: HandshakeParts = {}): string {
  const headers = new Map<string, [name: string, value: string | readonly string[] | null]>();
  const set = (name: string, value: string | readonly string[] | null) =>
    headers.set(name.toLowerCase(), [name, value]);
  set("Host", host);
  set("Upgrade", "websocket");
  set("Connection", "Upgrade");
  set("Sec-WebSocket-Key", SAMPLE_KEY);
  set("Sec-WebSocket-Version", "13");
  for (const [name, value] of Object.entries(parts.headers ?? {})) set(name, value);
  const first = parts.requestLine ??
    `${parts.method ?? "GET"} ${parts.path ?? "/ws"} ${parts.httpVersion ?? "HTTP/1.1"}`;
  const lines = [...headers.values()].flatMap(([name, value]) =>
    value === null ? [] : [value].flat().map((each) => `${name}: ${each}`)
  );
  return [first, ...lines, ...parts.extraLines ?? [], "", ""].join("\r\n");
}

/** Reads status line and headers, without the empty line. */
export function parseHead(text: string): ResponseHead {
  const [first = "", ...lines] = text.split("\r\n");
  const match = /^HTTP\/1\.[01] (\d{3})(.*)$/.exec(first);
  if (match === null) throw new TypeError(`Cannot read a status line: ${JSON.stringify(first)}`);
  const headers = new Headers(
    lines.map((line) => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon), line.slice(colon + 1).trim()] as [string, string];
    }),
  );
  return { status: Number(match[1]), statusText: match[2]!.trimStart(), headers };
}

/** Takes the chunks of a body together; `undefined` while the last one is missing. */
export function parseChunked(text: string): { body: string; size: number } | undefined {
  let body = "";
  for (let offset = 0;;) {
    const lineEnd = text.indexOf("\r\n", offset);
    if (lineEnd === -1) return undefined;
    const length = parseInt(text.slice(offset, lineEnd), 16);
    const end = lineEnd + 2 + length + 2;
    if (text.length < end) return undefined;
    if (length === 0) return { body, size: end };
    body += text.slice(lineEnd + 2, end - 2);
    offset = end;
  }
}

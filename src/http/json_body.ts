/**
 * Reads the JSON of a request, up to a bound.
 *
 * @module
 */

import { formatSize, parseJsonData } from "../text/mod.ts";

/** Why a body cannot be used: the status to answer with, and what was wrong. */
export interface BadBody {
  readonly status: 400 | 413 | 415;
  readonly detail: string;
}

/** What a body holds. */
export type JsonBody = { readonly value: unknown } | { readonly bad: BadBody };

const JSON_TYPE = /^application\/json *(?:;|$)/i;

/**
 * Reads a body of at most `maxBytes` bytes. What is longer is not read to its end. Without a
 * body the value is `undefined`.
 */
export async function readJsonBody(request: Request, maxBytes: number): Promise<JsonBody> {
  const { headers, body } = request;
  const tooLong = bad(413, `The body is longer than ${formatSize(maxBytes)}`);
  if (Number(headers.get("content-length") ?? 0) > maxBytes) return tooLong;
  const bytes = body === null ? new Uint8Array() : await readUpTo(body, maxBytes);
  if (bytes === undefined) return tooLong;
  if (bytes.length === 0) return { value: undefined };
  const type = headers.get("content-type") ?? "";
  if (!JSON_TYPE.test(type)) {
    return bad(415, `The body is of type ${JSON.stringify(type)}, expected application/json`);
  }
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    return { value: parseJsonData(text) };
  } catch (error) {
    const why = error instanceof SyntaxError ? error.message : "it is not UTF-8";
    return bad(400, `The body is not JSON: ${why}`);
  }
}

function bad(status: BadBody["status"], detail: string): { readonly bad: BadBody } {
  return { bad: { status, detail } };
}

/** All bytes of a stream; nothing if there are more than those. */
async function readUpTo(
  body: ReadableStream<Uint8Array>,
  maxBytes: number,
): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > maxBytes) return undefined;
    chunks.push(chunk);
  }
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes;
}

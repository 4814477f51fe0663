/**
 * Why a connection could not be dialed.
 *
 * @module
 */

import { redactText, redactUrl } from "../../text/mod.ts";

/** What went wrong, as a {@linkcode DialError} has it in `code`. */
export type DialErrorCode = "refused" | "timeout" | "status" | "handshake";

/** A connection could not be dialed; the subclass and `code` say why. */
export class DialError extends Error {
  /** The name of the class. */
  override readonly name: string = "DialError";
  /** The URL that was dialed, without user, password and other secrets. */
  readonly url: string;
  /** `why` stands in the text; secrets of the URL do not. */
  constructor(
    /** Why, as a word. */ readonly code: DialErrorCode,
    url: URL,
    why: string,
    cause?: unknown,
  ) {
    const shown = redactUrl(url);
    super(
      `Cannot connect to ${shown}: ${redactText(why)}`,
      cause === undefined ? undefined : { cause },
    );
    this.url = shown;
  }
}

/** Nobody listens there, the name is unknown, TLS failed, or the network broke: see `cause`. */
export class DialRefusedError extends DialError {
  /** The name of the class. */
  override readonly name = "DialRefusedError";
  /** The text is that of the cause. */
  constructor(url: URL, cause: Error) {
    super("refused", url, cause.message, cause);
  }
}

/** The handshake took too long. */
export class DialTimeoutError extends DialError {
  /** The name of the class. */
  override readonly name = "DialTimeoutError";
  /** After the time that it was given, in milliseconds. */
  constructor(url: URL, /** How long it was given. */ readonly timeoutMs: number) {
    super("timeout", url, `the handshake took over ${timeoutMs} ms`);
  }
}

/** The server answered the handshake with another status than 101. */
export class DialStatusError extends DialError {
  /** The name of the class. */
  override readonly name = "DialStatusError";
  /** With the status instead of 101. */
  constructor(url: URL, /** Status of the answer. */ readonly status: number) {
    super("status", url, `the server answered ${status}, expected 101`);
  }
}

/** The answer is no handshake of WebSocket, such as one with a wrong accept key. */
export class DialHandshakeError extends DialError {
  /** The name of the class. */
  override readonly name = "DialHandshakeError";
  /** The text is that of the cause. */
  constructor(url: URL, cause: Error) {
    super("handshake", url, cause.message, cause);
  }
}

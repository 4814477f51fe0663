/**
 * The one table of close codes: RFC 6455, section 7.4, and Troupe's own.
 *
 * @module
 */

import type { ExitReason } from "../actor/mod.ts";
import { bodySize } from "../text/mod.ts";

/** One close code. */
export interface CloseCode {
  /** 1000 to 4999. */
  readonly code: number;
  /** Two or three words. */
  readonly name: string;
  /** When it is used. */
  readonly meaning: string;
  /** Whether a client may connect again. */
  readonly reconnect: boolean;
}

function row(code: number, name: string, reconnect: boolean, meaning: string): CloseCode {
  return Object.freeze({ code, name, meaning, reconnect });
}

/** The names of {@linkcode CLOSE_CODES}. */
export type CloseCodeName =
  | "normal"
  | "goingAway"
  | "protocolError"
  | "unsupportedData"
  | "noStatus"
  | "abnormal"
  | "invalidPayload"
  | "policyViolation"
  | "messageTooBig"
  | "serverError"
  | "serviceRestart"
  | "tryAgainLater"
  | "drain"
  | "tokenExpired"
  | "slowConsumer"
  | "noPong"
  | "positionLost"
  | "rateLimited"
  | "badToken"
  | "badRequest"
  | "notAuthenticated"
  | "kicked"
  | "badGateway"
  | "connectionLimit"
  | "forbidden";

/** Every close code that Troupe sends or reports, by a name for use in code. */
export const CLOSE_CODES: Readonly<Record<CloseCodeName, CloseCode>> = Object.freeze({
  normal: row(1000, "normal closure", false, "the purpose has been fulfilled"),
  goingAway: row(1001, "going away", true, "the server stops, or the page was left"),
  protocolError: row(1002, "protocol error", false, "the peer broke RFC 6455"),
  unsupportedData: row(1003, "unsupported data", false, "a type of data that is not accepted"),
  noStatus: row(1005, "no status", true, "reported only: the peer closed without a code"),
  abnormal: row(1006, "abnormal closure", true, "reported only: there was no closing handshake"),
  invalidPayload: row(1007, "invalid payload", false, "text that is not UTF-8, or corrupt deflate"),
  policyViolation: row(1008, "policy violation", false, "a limit other than size was broken"),
  messageTooBig: row(1009, "message too big", false, "longer than maxMessageSize"),
  serverError: row(1011, "server error", true, "the process behind the connection is gone"),
  serviceRestart: row(1012, "service restart", true, "the server restarts"),
  tryAgainLater: row(1013, "try again later", true, "the mailbox of the process is full"),
  badGateway: row(1014, "bad gateway", true, "a server behind this one gave no valid answer"),
  drain: row(4000, "drain", true, "the server is being emptied"),
  tokenExpired: row(4001, "token expired", true, "connect again with a new token"),
  slowConsumer: row(4002, "slow consumer", true, "read more slowly than was written"),
  noPong: row(4003, "no pong", true, "a ping was not answered in time"),
  positionLost: row(4004, "position lost", true, "what was missed is no longer kept"),
  rateLimited: row(4005, "rate limited", true, "sent more messages than allowed"),
  badToken: row(4500, "bad token", false, "the token is not valid"),
  badRequest: row(4501, "bad request", false, "the request cannot be understood"),
  notAuthenticated: row(4502, "not authenticated", false, "no authentication in time"),
  kicked: row(4503, "kicked", false, "removed by the application"),
  connectionLimit: row(4504, "connection limit", false, "too many connections of this client"),
  forbidden: row(4505, "forbidden", false, "not allowed to do this"),
});

/** The close frame of connections whose process or handler was told to end for a reason. */
export function closeFrameOfExit(reason: ExitReason): { code: number; reason: string } {
  return reason === "shutdown"
    ? { code: CLOSE_CODES.goingAway.code, reason: "going away" }
    : { code: CLOSE_CODES.serverError.code, reason: "" };
}

/** Longest reason of a close frame, in bytes of UTF-8 (RFC 6455, section 5.5). */
export const MAX_CLOSE_REASON_BYTES = 123;

/** Whether a close frame may carry the code (RFC 6455, section 7.4). */
export function isSendableCloseCode(code: number): boolean {
  if (!Number.isInteger(code)) return false;
  if (code >= 3000 && code <= 4999) return true;
  return code >= 1000 && code <= 1014 && ![1004, 1005, 1006].includes(code);
}

/**
 * Checks what a close frame is to carry.
 *
 * @throws {RangeError} If the code may not be sent or the reason is too long.
 */
export function assertCloseFrame(code: number, reason: string): void {
  if (!isSendableCloseCode(code)) {
    throw new RangeError(
      `Cannot close a connection: got code ${code}, expected 1000 to 1003, 1007 to 1014, ` +
        "or 3000 to 4999",
    );
  }
  const bytes = bodySize(reason);
  if (bytes > MAX_CLOSE_REASON_BYTES) {
    throw new RangeError(
      `Cannot close a connection: got a reason of ${bytes} bytes, ` +
        `expected at most ${MAX_CLOSE_REASON_BYTES}`,
    );
  }
}

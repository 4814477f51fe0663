/**
 * Answers of `accept`: a welcome, or a refusal made by `refuse`.
 *
 * @module
 */

import { assertPlainData } from "../../actor/mod.ts";
import { assertOptions, optionNames, showValue } from "../../text/mod.ts";
import type {
  AcceptAnswer,
  AcceptWelcome,
  Attributes,
  HandshakeRefusal,
  HeaderLine,
  Login,
  ResponseHeaders,
} from "../options.ts";
import type { Refusal } from "./handshake.ts";
import { TOKEN } from "./http_list.ts";
import { readResponseHeaders } from "./response_headers.ts";

/** What was found right of a welcome; what was not given is left out. */
export interface Welcome {
  readonly attributes?: Attributes;
  readonly target?: string;
  /** A token; empty for none. */
  readonly protocol?: string;
  readonly login?: Login;
  readonly headers?: readonly HeaderLine[];
}

/** Marks what `refuse` made, whichever copy of the library did. */
const REFUSAL = Symbol.for("troupe.refusal");

const WELCOME_KEYS = optionNames<AcceptWelcome>({
  attributes: true,
  target: true,
  protocol: true,
  login: true,
  headers: true,
});

/** Statuses that a handshake can be refused with. */
const STATUS = Object.freeze({ least: 300, most: 599 });

/**
 * Makes the answer of `accept` to who may not connect: an HTTP response in place of the
 * upgrade. It is counted and logged with its status and text.
 *
 * @param status 300 to 599, such as 401.
 * @param text Body of the response, as plain text unless the headers say otherwise.
 * @throws {RangeError} If the status is out of its range.
 * @throws {TypeError} If the text is none, or a header cannot be sent or is not the application's.
 *
 * @example
 * ```ts
 * import { createHandler, refuse } from "@troupe/troupe";
 *
 * createHandler({
 *   accept({ request }) {
 *     if (request.headers.get("authorization") !== "Bearer of the token") {
 *       return refuse(401, "bad token", { "www-authenticate": "Bearer" });
 *     }
 *   },
 * });
 * ```
 */
export function refuse(
  status: number,
  text: string,
  headers: ResponseHeaders = {},
): HandshakeRefusal {
  if (!Number.isInteger(status) || status < STATUS.least || status > STATUS.most) {
    throw new RangeError(
      `Cannot refuse a handshake: status is ${showValue(status)}, expected a whole number ` +
        `from ${STATUS.least} to ${STATUS.most}`,
    );
  }
  if (typeof text !== "string") {
    throw new TypeError(
      `Cannot refuse a handshake: text is ${showValue(text)}, expected a text`,
    );
  }
  const lines = readResponseHeaders(headers, "refuse a handshake");
  return Object.freeze({ [REFUSAL]: true, status, text, headers: lines });
}

/**
 * Checks an answer of the application.
 *
 * @throws {TypeError} If it is none, or a part of it cannot be used.
 */
export function readAnswer(answer: AcceptAnswer): Welcome | Refusal {
  if (answer === undefined) return {};
  if (isRefusal(answer)) {
    const { status, text, headers } = answer;
    return { status, reason: text, headers };
  }
  if (!isPlainObject(answer)) {
    throw new TypeError(
      `Cannot accept a handshake: got ${showValue(answer)}, expected undefined, an object with ` +
        "attributes, target, protocol or headers, or what refuse() gives",
    );
  }
  assertOptions("accept a handshake", answer, WELCOME_KEYS);
  return readWelcome(answer);
}

function readWelcome(
  { attributes, target, protocol, login, headers }: AcceptWelcome,
): Welcome {
  if (attributes !== undefined) assertAttributes(attributes);
  if (target !== undefined && (typeof target !== "string" || target === "")) {
    throw wrong("target", target, "the name of a process");
  }
  if (protocol !== undefined && (typeof protocol !== "string" || !isProtocol(protocol))) {
    throw wrong("protocol", protocol, "a subprotocol: a token, or empty for none");
  }
  if (login !== undefined && !isLogin(login)) {
    throw wrong("login", login, "an object with user, a text that is not empty");
  }
  return {
    ...login !== undefined && { login },
    ...attributes !== undefined && { attributes },
    ...target !== undefined && { target },
    ...protocol !== undefined && { protocol },
    ...headers !== undefined &&
      { headers: readResponseHeaders(headers, "accept a handshake") },
  };
}

function isLogin(login: unknown): boolean {
  const { user, expiresAtMs, renew } = (login ?? {}) as Partial<Login>;
  return typeof user === "string" && user !== "" &&
    (expiresAtMs === undefined || Number.isFinite(expiresAtMs)) &&
    (renew === undefined || typeof renew === "function");
}

function assertAttributes(attributes: unknown): void {
  if (typeof attributes !== "object" || attributes === null || Array.isArray(attributes)) {
    throw wrong("attributes", attributes, "an object");
  }
  assertPlainData(attributes, "accept a handshake with these attributes");
}

function wrong(key: string, value: unknown, expected: string): TypeError {
  return new TypeError(
    `Cannot accept a handshake: ${key} is ${showValue(value)}, expected ${expected}`,
  );
}

function isProtocol(text: string): boolean {
  return text === "" || TOKEN.test(text);
}

function isRefusal(answer: unknown): answer is HandshakeRefusal {
  return typeof answer === "object" && answer !== null && REFUSAL in answer;
}

/** A `Response` or an error, which say no, must not pass for an object that says nothing. */
function isPlainObject(answer: unknown): answer is AcceptWelcome {
  if (typeof answer !== "object" || answer === null) return false;
  const prototype: unknown = Object.getPrototypeOf(answer);
  return prototype === Object.prototype || prototype === null;
}

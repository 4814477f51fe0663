/**
 * What passes between a connection and its client besides the target: questions and their
 * answers, and who has logged in, for how long.
 *
 * @module
 */

import { type Clock, PatientTimer } from "../../time/mod.ts";
import { parseJsonData, showValue } from "../../text/mod.ts";
import { CLOSE_CODES } from "../close_codes.ts";
import type { ConnectionToken } from "../messages.ts";
import { type Login, MAX_TIMER_MS } from "../options.ts";
import { assertQuestion, isQuestion, Questions } from "./questions.ts";

/** Longest token that is looked at, in UTF-16 units. */
export const MAX_TOKEN = 16_384;

/** What it needs of its connection. */
export interface AsideHost {
  /** Sends a text message. */
  sendText(body: string): void;
  close(code: number, reason: string): void;
}

type Reply = (result: unknown) => unknown;

function isToken(message: unknown): message is ConnectionToken {
  return typeof message === "object" && message !== null &&
    (message as { kind?: unknown }).kind === "token";
}

/** Whether a message to a connection is for this. */
export function isAside(message: unknown): boolean {
  return isQuestion(message) || isToken(message);
}

/** Takes what is none of the target's business. */
export class Asides implements Disposable {
  readonly #host: AsideHost;
  readonly #login: Login | undefined;
  #questions: Questions | undefined;
  #clock: Clock | undefined;
  #timer: PatientTimer | undefined;

  constructor(host: AsideHost, login: Login | undefined) {
    this.#host = host;
    this.#login = login;
  }

  /** Whoever has logged in. */
  get user(): string | undefined {
    return this.#login?.user;
  }

  /** The connection is open: from here on a login ends when its time is over. */
  start(clock: Clock): void {
    this.#clock = clock;
    this.#setEnd(this.#login?.expiresAtMs);
  }

  /**
   * Checks a message to the connection.
   *
   * @throws {TypeError} If it is a question that JSON cannot say, or a token where none is taken.
   */
  validate(message: unknown): void {
    if (isQuestion(message)) return assertQuestion(message);
    const { token } = message as ConnectionToken;
    if (this.#login?.renew === undefined) {
      throw new TypeError("Cannot renew a login: the connection has none that can be renewed");
    }
    if (typeof token === "string") return;
    throw new TypeError(`Cannot renew a login: got ${showValue(token)}, expected a token`);
  }

  /** Takes a message that was sent to the connection. */
  receive(message: unknown, reply: Reply | undefined): void {
    if (isToken(message)) {
      this.#renew(message.token).then(() => reply?.(true), (error) => reply?.(error));
    } else if (isQuestion(message) && reply !== undefined) {
      // Who asks hears of the end of the connection by itself.
      this.#host.sendText((this.#questions ??= new Questions()).ask(message, reply));
    }
  }

  /** Takes a message of the client; false for one that is for the target. */
  takes(body: string | Uint8Array): boolean {
    return this.#takesToken(body) || (this.#questions?.answer(body) ?? false);
  }

  [Symbol.dispose](): void {
    this.#timer?.[Symbol.dispose]();
    this.#clock = undefined;
  }

  #takesToken(body: string | Uint8Array): boolean {
    if (this.#login?.renew === undefined || typeof body !== "string") return false;
    if (!body.startsWith('{"token":')) return false;
    const token = readToken(body);
    if (token === undefined) return false;
    const { code, name } = CLOSE_CODES.badToken;
    this.#renew(token).catch(() => this.#host.close(code, name));
    return true;
  }

  /** Puts off the end, if the token is one of the same user. */
  async #renew(token: string): Promise<void> {
    if (token.length > MAX_TOKEN) {
      throw new RangeError(`Cannot renew a login: the token is longer than ${MAX_TOKEN}`);
    }
    const { user, renew } = this.#login!;
    const next = await renew!(token);
    if (next.user !== user) {
      throw new TypeError("Cannot renew a login: the token is of another user");
    }
    this.#setEnd(next.expiresAtMs);
  }

  #setEnd(expiresAtMs: number | undefined): void {
    this.#timer?.[Symbol.dispose]();
    const clock = this.#clock;
    if (clock === undefined || expiresAtMs === undefined) return;
    const leftMs = Math.max(0, expiresAtMs - Date.now());
    const { code, name } = CLOSE_CODES.tokenExpired;
    // No timer waits as long as some tokens last.
    const expire = leftMs > MAX_TIMER_MS
      ? () => this.#setEnd(expiresAtMs)
      : () => this.#host.close(code, name);
    this.#timer = new PatientTimer(expire, Math.min(leftMs, MAX_TIMER_MS), clock);
  }
}

function readToken(text: string): string | undefined {
  try {
    const { token, ...others } = parseJsonData(text) as Record<string, unknown>;
    return typeof token === "string" && Object.keys(others).length === 0 ? token : undefined;
  } catch {
    // It was for the application, which says what it thinks of it.
    return undefined;
  }
}

/**
 * Questions to the client of a connection, and its answers.
 *
 * @module
 */

import { parseJsonData, showValue } from "../../text/mod.ts";
import type { ConnectionQuestion } from "../messages.ts";

/** Questions of one connection that wait at a time; a further one takes the place of the oldest. */
export const MAX_QUESTIONS = 64;

/** Longest answer that is looked at, in UTF-16 units. */
const MAX_ANSWER = 1_048_576;

/** Settles a question. */
type Reply = (result: unknown) => unknown;

/** Whether something is a question to a connection. */
export function isQuestion(message: unknown): message is ConnectionQuestion {
  return typeof message === "object" && message !== null &&
    (message as { kind?: unknown }).kind === "ask";
}

/**
 * Checks a question.
 *
 * @throws {TypeError} If it cannot be said in JSON.
 */
export function assertQuestion({ question }: ConnectionQuestion): void {
  let text: string | undefined;
  try {
    text = JSON.stringify(question);
  } catch {
    // It refers to itself, or has a number that JSON has not.
  }
  if (text !== undefined) return;
  throw new TypeError(
    `Cannot ask a connection: got ${showValue(question)}, expected what JSON can say`,
  );
}

/** What waits for the client of one connection. */
export class Questions {
  /** By what each is named on the wire; the oldest first. */
  readonly #waiting = new Map<string, Reply>();

  /** Takes a question down; returns the text to send. */
  ask({ question }: ConnectionQuestion, reply: Reply): string {
    if (this.#waiting.size >= MAX_QUESTIONS) {
      const [[oldest, settle] = []] = this.#waiting;
      this.#waiting.delete(oldest!);
      settle!(new Error("Cannot wait for an answer: there are too many questions"));
    }
    // No number: what a client sends for its own reasons must not pass for an answer.
    const id = crypto.randomUUID();
    this.#waiting.set(id, reply);
    return JSON.stringify({ ask: id, message: question });
  }

  /** Takes an answer; false for what is none, which is an ordinary message. */
  answer(body: string | Uint8Array): boolean {
    if (this.#waiting.size === 0) return false;
    if (typeof body !== "string" || body.length > MAX_ANSWER || !body.startsWith("{")) return false;
    const answer = readAnswer(body);
    const reply = answer === undefined ? undefined : this.#waiting.get(answer.id);
    if (answer === undefined || reply === undefined) return false;
    this.#waiting.delete(answer.id);
    reply("error" in answer ? new Error(answer.error) : answer.value);
    return true;
  }
}

type ReadAnswer =
  & { readonly id: string }
  & ({ readonly error: string } | { readonly value: unknown });

function readAnswer(text: string): ReadAnswer | undefined {
  try {
    const given = parseJsonData(text) as Record<string, unknown>;
    const { answer: id, error, value = null } = given;
    if (typeof id !== "string") return undefined;
    return typeof error === "string" ? { id, error } : { id, value };
  } catch {
    // It was for the application, which says what it thinks of it.
    return undefined;
  }
}

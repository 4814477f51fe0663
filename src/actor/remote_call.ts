/**
 * The answer that an actor owes to a caller on another node.
 *
 * @module
 */

import { type CallError, showError } from "./errors.ts";
import type { Ref, Target } from "./identities.ts";
import type { Answer, RemoteNode } from "./peer.ts";
import type { CallBook, OwedAnswer } from "./pending_call.ts";
import { assertPlainData } from "./plain_data.ts";

/** Settled once: then the answer goes to the node of the caller, which may wait no more. */
export class RemoteCall implements OwedAnswer {
  readonly #caller: Pick<RemoteNode, "answer">;
  readonly #ref: Ref;
  #book: CallBook | undefined;
  #isSettled = false;

  constructor(caller: Pick<RemoteNode, "answer">, ref: Ref, readonly target: Target) {
    this.#caller = caller;
    this.#ref = ref;
  }

  /** It has been delivered: it ends with its callee. */
  start(callee: CallBook): void {
    if (this.#isSettled) return;
    this.#book = callee;
    callee.owed.add(this);
  }

  answer(value: unknown): boolean {
    if (this.#isSettled) return false;
    if (value instanceof Error) {
      this.#settle({ kind: "error", text: showError(value) });
      return true;
    }
    assertPlainData(value, "reply");
    this.#settle({ kind: "value", value });
    return true;
  }

  fail({ code, cause }: CallError): void {
    if (this.#isSettled) return;
    if (code === "handler_error") this.#settle({ kind: "error", text: showError(cause) });
    else this.#settle({ kind: "refused", why: code === "timeout" ? "unreachable" : code });
  }

  #settle(answer: Answer): void {
    this.#isSettled = true;
    this.#book?.owed.delete(this);
    this.#caller.answer(this.#ref, answer);
  }
}

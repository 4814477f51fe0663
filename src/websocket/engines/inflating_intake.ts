/**
 * What arrives on a connection that has negotiated permessage-deflate.
 *
 * @module
 */

import { CLOSE_CODES } from "../close_codes.ts";
import { BROKEN, type Violation } from "../framing/header.ts";
import { MessageBody, toOwn } from "../framing/message_body.ts";
import type { Step } from "../framing/reader.ts";
import type { Arrived, CloseFrame, Deflated } from "../framing/reader_state.ts";
import { decodeUtf8, toBuffer } from "../framing/utf8.ts";
import { MESSAGE_TYPE } from "../messages.ts";
import type { Frame } from "../socket.ts";
import type { Inflater } from "./inflation.ts";

/** Who gets what was inflated. */
export interface IntakeOwner {
  /** Whether anybody wants more of it. */
  readonly isOpen: boolean;
  /** Whether what was inflated can be taken now; else `goOn` is called when it can. */
  readonly isReady: boolean;
  take(arrived: Frame | CloseFrame): void;
  fail(violation: Violation): void;
  /** All that came has been taken. */
  idle(): void;
}

/**
 * Inflates one fragment after the other, and passes on the rest in order.
 *
 * Nothing else is inflated until what was inflated is taken: of a chunk of 64 KiB,
 * 64 MiB may come.
 */
export class InflatingIntake {
  readonly #owner: IntakeOwner;
  readonly #inflater: Inflater;
  readonly #maxMessageBytes: number;
  /** What came, the next one last. */
  #waiting: Arrived[] = [];
  #violation: Violation | undefined;
  #underWay: Deflated | undefined;
  /** What became of it. */
  #outcome: Uint8Array | number | undefined;
  #body: MessageBody | undefined;
  #isRunning = false;

  constructor(owner: IntakeOwner, inflater: Inflater, maxMessageBytes: number) {
    this.#owner = owner;
    this.#inflater = inflater;
    this.#maxMessageBytes = maxMessageBytes;
  }

  /** Whether something waits, so that nothing more is to be read. */
  get isBusy(): boolean {
    return this.#underWay !== undefined || this.#waiting.length > 0;
  }

  /** Takes in what a chunk brought. */
  add({ arrived, violation }: Step): void {
    this.#waiting = [...arrived.toReversed(), ...this.#waiting];
    this.#violation = violation;
    this.goOn();
  }

  /** Goes on as far as it can be: something can be taken now, or nobody wants it any more. */
  goOn(): void {
    // Taking something may lead here.
    if (this.#isRunning) return;
    this.#isRunning = true;
    const isDone = this.#run();
    this.#isRunning = false;
    if (!isDone) return;
    const violation = this.#violation;
    this.#violation = undefined;
    if (violation !== undefined) this.#owner.fail(violation);
    this.#owner.idle();
  }

  /** Gives its memory back. */
  close(): void {
    this.#inflater.close();
    this.#waiting = [];
    this.#underWay = this.#outcome = undefined;
    this.#body = this.#violation = undefined;
  }

  /** Takes one after the other; returns whether nothing is left. */
  #run(): boolean {
    for (;;) {
      if (this.#underWay !== undefined) {
        if (!this.#takeInflated(this.#underWay)) return false;
      } else {
        const next = this.#waiting.pop();
        if (next === undefined) return true;
        if (next.type === "deflated") this.#inflate(next);
        else this.#owner.take(next);
      }
    }
  }

  #inflate(fragment: Deflated): void {
    const { payload, isFinal } = fragment;
    const mostBytes = this.#maxMessageBytes - (this.#body?.length ?? 0);
    this.#underWay = fragment;
    this.#outcome = isFinal ? this.#inflater.inflateNow(payload, mostBytes) : undefined;
    if (this.#outcome !== undefined) return;
    this.#inflater.inflate(payload, isFinal, mostBytes, (outcome) => {
      this.#outcome = outcome;
      this.goOn();
    });
  }

  /** Takes what was inflated; false if that cannot be now. */
  #takeInflated(fragment: Deflated): boolean {
    const outcome = this.#outcome;
    if (outcome === undefined) return false;
    if (!this.#owner.isOpen) this.close();
    else if (!this.#owner.isReady) return false;
    else {
      this.#underWay = this.#outcome = undefined;
      const violation = typeof outcome === "number"
        ? violationOf(outcome)
        : this.#takeFragment(fragment, outcome);
      if (violation === undefined) return true;
      this.close();
      this.#violation = violation;
    }
    return true;
  }

  #takeFragment({ isText, isFinal }: Deflated, inflated: Uint8Array): Violation | undefined {
    if (isFinal && this.#body === undefined) {
      return this.#takeMessage(isText, wholeBody(isText, inflated), inflated.length);
    }
    const message = this.#body ??= new MessageBody(isText);
    const bytes = message.length + inflated.length;
    if (!message.add(inflated, isFinal ? bytes : 0, false)) return BROKEN.notUtf8;
    if (!isFinal) return undefined;
    this.#body = undefined;
    return this.#takeMessage(isText, message.take(), bytes);
  }

  #takeMessage(isText: boolean, body: Frame["body"] | undefined, bytes: number) {
    if (body === undefined) return BROKEN.notUtf8;
    this.#owner.take({ type: isText ? MESSAGE_TYPE.text : MESSAGE_TYPE.binary, body, bytes });
    return undefined;
  }
}

/** The body that came in one piece; `undefined` if it is to be text and is none. */
function wholeBody(isText: boolean, bytes: Uint8Array): Frame["body"] | undefined {
  return isText ? decodeUtf8(toBuffer(bytes), 0, bytes.length) : toOwn(bytes);
}

function violationOf(code: number): Violation {
  return code === CLOSE_CODES.messageTooBig.code ? BROKEN.tooBig : BROKEN.corrupt;
}

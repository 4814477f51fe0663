/**
 * What arrives on a connection that has negotiated permessage-deflate.
 *
 * @module
 */

import { CLOSE_CODES } from "../close_codes.ts";
import { BROKEN, type Violation } from "../framing/header.ts";
import { MessageBody } from "../framing/message_body.ts";
import type { Step } from "../framing/reader.ts";
import type { Arrived, CloseFrame, Deflated } from "../framing/reader_state.ts";
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
    if (this.#underWay === undefined) this.#run();
  }

  /** Goes on with what was inflated, if it can be taken now, or nobody wants it any more. */
  goOn(): void {
    const [underWay, outcome] = [this.#underWay, this.#outcome];
    if (underWay === undefined || outcome === undefined) return;
    if (!this.#owner.isOpen) return this.#drop();
    if (!this.#owner.isReady) return;
    this.#underWay = this.#outcome = undefined;
    const violation = typeof outcome === "number"
      ? violationOf(outcome)
      : this.#takeFragment(underWay, outcome);
    if (violation === undefined) return this.#run();
    this.#drop();
    this.#owner.fail(violation);
  }

  /** Gives its memory back. */
  close(): void {
    this.#inflater.close();
    this.#drop();
  }

  #drop(): void {
    this.#waiting = [];
    this.#underWay = this.#outcome = undefined;
    this.#body = this.#violation = undefined;
  }

  #run(): void {
    for (let next = this.#waiting.pop(); next !== undefined; next = this.#waiting.pop()) {
      if (next.type === "deflated") return this.#inflate(next);
      this.#owner.take(next);
    }
    const violation = this.#violation;
    this.#violation = undefined;
    if (violation !== undefined) this.#owner.fail(violation);
    this.#owner.idle();
  }

  #inflate(fragment: Deflated): void {
    this.#underWay = fragment;
    const mostBytes = this.#maxMessageBytes - (this.#body?.length ?? 0);
    this.#inflater.inflate(fragment.payload, fragment.isFinal, mostBytes, (outcome) => {
      this.#outcome = outcome;
      this.goOn();
    });
  }

  #takeFragment({ isText, isFinal }: Deflated, inflated: Uint8Array): Violation | undefined {
    const message = this.#body ??= new MessageBody(isText);
    const bytes = message.length + inflated.length;
    if (!message.add(inflated, isFinal ? bytes : 0, false)) return BROKEN.notUtf8;
    if (!isFinal) return undefined;
    this.#body = undefined;
    const body = message.take();
    if (body === undefined) return BROKEN.notUtf8;
    this.#owner.take({ type: isText ? MESSAGE_TYPE.text : MESSAGE_TYPE.binary, body, bytes });
    return undefined;
  }
}

function violationOf(code: number): Violation {
  return code === CLOSE_CODES.messageTooBig.code ? BROKEN.tooBig : BROKEN.corrupt;
}

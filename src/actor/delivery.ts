/**
 * Messages and calls to whoever is behind a target, here or on another node.
 *
 * @module
 */

import { assertDelay } from "../time/mod.ts";
import { Cell } from "./cell.ts";
import type { Envelope, SendResult } from "./envelope.ts";
import {
  type CallError,
  CallHandlerError,
  CallTerminatedError,
  CallUnreachableError,
  REFUSALS,
} from "./errors.ts";
import type { Address, Ref, Target } from "./identities.ts";
import { assertOptionsOf, NODE_DEFAULTS } from "./node_options.ts";
import type { Answer, Recipient, RemoteNode } from "./peer.ts";
import { type CallHost, type CallOutcome, createRequest, PendingCall } from "./pending_call.ts";
import { assertPlainData } from "./plain_data.ts";
import { RemoteCall } from "./remote_call.ts";
import type { Router } from "./router.ts";
import type { CallOptions } from "./types.ts";

/** A call that waits for an answer from another node. */
interface CrossingCall {
  readonly ref: Ref;
  /** Where it went: one that waits for its way is told later. */
  readonly to: { readonly node: string };
}

/** What a call is answered through. */
type Answering = Pick<RemoteNode, "answer">;

/** What the deliveries of a node need of it. */
export interface DeliveryHost extends Pick<CallHost, "deadlines"> {
  readonly router: Router;
  createRef(): Ref;
  nowMs(): number;
  /** A call was settled, after so many milliseconds. */
  called(durationMs: number, outcome: CallOutcome): void;
}

/** Sends and calls of the actors of one node. */
export class Delivery implements CallHost {
  readonly #host: DeliveryHost;
  readonly #router: Router;
  readonly #crossing = new Map<PendingCall, CrossingCall>();
  readonly #byRef = new Map<Ref, PendingCall>();
  /** Calls of this node that went a long way round to an actor of it. */
  readonly #back: Answering = { answer: (ref, answer) => void this.answer(ref, answer) };

  constructor(host: DeliveryHost) {
    this.#host = host;
    this.#router = host.router;
  }

  get deadlines(): CallHost["deadlines"] {
    return this.#host.deadlines;
  }

  /** Gives an envelope to whoever is behind a target. */
  send(to: Target, envelope: Envelope, beyondBound = false): SendResult {
    const found = this.#router.find(to);
    if (typeof found === "string") return found;
    found.validate?.(envelope.message);
    return found.offer(envelope, beyondBound);
  }

  /** Gives it to several; returns how many accepted it. */
  sendAll(targets: Iterable<Target>, envelope: Envelope): number {
    const recipients: Recipient[] = [];
    const round = {};
    // All are asked before the first one gets it: what one of them refuses reaches nobody.
    for (const to of targets) {
      const found = this.#router.find(to);
      if (typeof found === "string") continue;
      found.validate?.(envelope.message, round);
      recipients.push(found);
    }
    let accepted = 0;
    for (const each of recipients) if (each.offer(envelope) === "accepted") accepted++;
    return accepted;
  }

  /** Makes a request of `caller`, or of the node; what is thrown becomes a rejection. */
  call(
    from: Address,
    caller: Cell | undefined,
    to: Target,
    request: unknown,
    options?: CallOptions,
  ): Promise<unknown> {
    // No async function: there may be hundreds of thousands of calls a second.
    try {
      return this.#request(from, caller, to, request, options);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** As `capacity` of whoever is behind a target. */
  capacity(to: Target): Promise<void> | undefined {
    const found = this.#router.lookUp(to);
    return typeof found === "string" ? undefined : found.capacity();
  }

  settled(call: PendingCall, outcome: CallOutcome): void {
    const crossing = this.#crossing.get(call);
    if (crossing !== undefined) {
      this.#crossing.delete(call);
      this.#byRef.delete(crossing.ref);
    }
    this.#host.called(this.#host.nowMs() - call.startedMs, outcome);
  }

  /** Takes in a message from another node; one with `replyTo` is a call that is answered there. */
  receive(remote: Answering, to: Cell, envelope: Envelope, beyondBound: boolean): SendResult {
    const { from, message, replyTo } = envelope;
    if (replyTo === undefined) {
      to.validate(message);
      return to.offer(envelope, beyondBound);
    }
    const call = new RemoteCall(remote, replyTo, to.address);
    try {
      to.validate(message);
    } catch (error) {
      call.answer(error);
      throw error;
    }
    const result = to.offer(createRequest(from, message, call), beyondBound);
    if (result === "accepted") call.start(to.calls);
    return result;
  }

  /** Gives an envelope of this node to an actor of it, as if it came from another one. */
  deliver(to: Cell, envelope: Envelope, beyondBound: boolean): SendResult {
    return this.receive(this.#back, to, envelope, beyondBound);
  }

  /** Asks another node about a target; `send` is given what the answer is to be addressed to. */
  ask(node: string, target: Target, send: (replyTo: Ref) => SendResult): Promise<unknown> {
    const { callTimeoutMs } = NODE_DEFAULTS;
    const call = new PendingCall(this, target, callTimeoutMs, this.#host.nowMs());
    const result = send(this.#awaitAnswer(call, { node }));
    if (result === "accepted") call.start(undefined, undefined);
    else call.fail(new REFUSALS[result](target));
    return call.promise;
  }

  /** Settles a call whose answer came from another node; false if nobody waits any more. */
  answer(ref: Ref, answer: Answer): boolean {
    const call = this.#byRef.get(ref);
    if (call === undefined) return false;
    if (answer.kind === "value") call.answer(answer.value);
    else call.fail(errorOf(call.target, answer));
    return true;
  }

  /** Fails the calls that wait for a node. */
  failCalls(node: string): void {
    for (const [call, { to }] of [...this.#crossing]) {
      if (to.node === node) call.fail(new CallUnreachableError(call.target));
    }
  }

  #request(
    from: Address,
    caller: Cell | undefined,
    to: Target,
    request: unknown,
    options: CallOptions | undefined,
  ): Promise<unknown> {
    if (options !== undefined) assertOptionsOf("call", options);
    const timeoutMs = options?.timeoutMs ?? NODE_DEFAULTS.callTimeoutMs;
    assertPlainData(request);
    assertDelay("wait for a reply", timeoutMs);
    const call = new PendingCall(this, to, timeoutMs, this.#host.nowMs());
    if (caller?.state === "ended") {
      call.fail(new CallTerminatedError(to, `the caller ${caller.address} has ended`));
      return call.promise;
    }
    const found = this.#router.find(to);
    const result = typeof found === "string" ? found : this.#ask(found, from, request, call);
    if (result !== "accepted") call.fail(new REFUSALS[result](to));
    else call.start(found instanceof Cell ? found.calls : undefined, caller?.calls);
    return call.promise;
  }

  #ask(to: Recipient, from: Address, request: unknown, call: PendingCall): SendResult {
    to.validate?.(request);
    if (to instanceof Cell) return to.offer(createRequest(from, request, call));
    const replyTo = this.#awaitAnswer(call, to);
    return to.offer({ kind: "message", from, message: request, replyTo });
  }

  #awaitAnswer(call: PendingCall, to: { readonly node: string }): Ref {
    const ref = this.#host.createRef();
    this.#crossing.set(call, { ref, to });
    this.#byRef.set(ref, call);
    return ref;
  }
}

function errorOf(target: Target, answer: Exclude<Answer, { kind: "value" }>): CallError {
  if (answer.kind === "refused") return new REFUSALS[answer.why](target);
  return new CallHandlerError(target, answer.text);
}

/**
 * What a link to another node does on this one.
 *
 * @module
 */

import { getLogger, type Telemetry } from "../telemetry/mod.ts";
import type { Delivery } from "./delivery.ts";
import type { DownMessage, Envelope, ExitReason, SendResult } from "./envelope.ts";
import type { Address, Ref, Target } from "./identities.ts";
import type { Absence, Answer, Attachment, Peer, RemoteNode } from "./peer.ts";
import type { Router } from "./router.ts";
import type { PeerInterest } from "./subjects/peer_interest.ts";
import type { SubjectSpaces } from "./subjects/spaces.ts";
import type { SubjectMessage } from "./subjects/types.ts";
import type { Ties } from "./ties.ts";

const log = getLogger(["troupe", "actor"]);

/** What an attachment works on. */
export interface AttachmentHost {
  readonly router: Router;
  readonly delivery: Delivery;
  readonly ties: Ties;
  readonly subjects: SubjectSpaces;
  readonly telemetry: Telemetry;
}

/**
 * Adds the stand-ins of another node.
 *
 * @throws {TypeError} If it is this node, or one of its name is attached.
 */
export function attach(host: AttachmentHost, remote: RemoteNode): Attachment {
  host.router.attach(remote);
  return new LocalEnd(host, remote);
}

class LocalEnd implements Attachment {
  readonly #host: AttachmentHost;
  readonly #remote: RemoteNode;
  readonly #interest: PeerInterest;

  constructor(host: AttachmentHost, remote: RemoteNode) {
    this.#host = host;
    this.#remote = remote;
    this.#interest = host.subjects.attach(remote);
  }

  find(target: Target): Peer | Absence {
    return this.#host.router.findLocal(target);
  }

  deliver(to: Target, envelope: Envelope, beyondBound = false): SendResult {
    if (envelope.kind === "down") {
      this.#host.ties.fire(to as Address, envelope.from, envelope.message as DownMessage);
      return "accepted";
    }
    const found = this.#host.router.resolve(typeof to === "string" ? to : to.name);
    if (typeof found === "string") return found;
    const { delivery } = this.#host;
    try {
      return delivery.receive(this.#remote, found, envelope, beyondBound);
    } catch (error) {
      const { name } = this.#remote;
      this.#host.telemetry.refusedFrom(name);
      log.warn("A message from {from} on {node} to {to} was refused: {error}", {
        from: envelope.from,
        node: name,
        to: found.address,
        error,
      });
      return "accepted";
    }
  }

  breakLink(linker: Address, target: Address, reason: ExitReason): void {
    this.#host.ties.breakLink(linker, target, reason);
  }

  ask(target: Target, send: (replyTo: Ref) => SendResult): Promise<unknown> {
    return this.#host.delivery.ask(this.#remote.name, target, send);
  }

  answer(ref: Ref, answer: Answer): boolean {
    const { subjects, delivery } = this.#host;
    return subjects.answer(this.#interest, ref, answer) || delivery.answer(ref, answer);
  }

  repeat(): void {
    this.#host.ties.repeat(this.#remote);
    this.#interest.repeat();
  }

  undo(): void {
    this.#host.ties.undo(this.#remote);
  }

  hear(message: SubjectMessage): void {
    if (message.kind !== "publication") this.#interest.hear(message);
    else this.#host.subjects.deliver(this.#interest, message);
  }

  flush(): void {
    this.#interest.flush();
  }

  detach(): void {
    const { router, delivery, ties, subjects } = this.#host;
    router.detach(this.#remote);
    subjects.detach(this.#interest);
    ties.forgetNode(this.#remote);
    delivery.failCalls(this.#remote.name);
  }
}

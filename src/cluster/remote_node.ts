/**
 * Another node as this one reaches it, over whatever carries the messages.
 *
 * @module
 */

import type {
  Absence,
  Address,
  Answer,
  Attachment,
  DownMessage,
  ExitReason,
  InspectRecord,
  Node,
  Peer,
  Recipient,
  Ref,
  RemoteNode,
  SendResult,
  SubjectMessage,
  Target,
} from "../actor/mod.ts";
import type {
  DownLinkMessage,
  ExitLinkMessage,
  InspectLinkMessage,
  LinkLinkMessage,
  LinkMessage,
  UserLinkMessage,
  WatchLinkMessage,
} from "./link_message.ts";
import { NameStandIn, StandIn, type StandInHost } from "./stand_ins.ts";

/** One start of a node. */
export interface NodeIdentity {
  /** `name@host`. */
  readonly name: string;
  readonly incarnation: string;
}

/** What carries messages to another node, in order. */
export interface Carrier {
  /** Takes a message: `"full"` without credit, `"unreachable"` if it cannot be sent. */
  send(message: LinkMessage): "accepted" | "full" | "unreachable";
  /** Something to wait for while there is no credit. */
  capacity(): Promise<void> | undefined;
}

/** This node's end of a link. */
export interface LinkEnd {
  /** Takes in what the other node sent. */
  receive(message: LinkMessage): void;
  /** The other node is lost, or the link is given up. */
  lost(): void;
  /** Some of what it said did not arrive: says again what is watched there and linked to. */
  resync(): void;
}

/**
 * Makes the actors of another node reachable from this one.
 *
 * @throws {TypeError} If it is this node, or one of its name is attached.
 */
export function attachRemote(node: Node, remote: NodeIdentity, carrier: Carrier): LinkEnd {
  return new Remote(node, remote, carrier);
}

class Remote implements RemoteNode, StandInHost, LinkEnd {
  readonly name: string;
  readonly incarnation: string;
  readonly #carrier: Carrier;
  readonly #attachment: Attachment;

  constructor(node: Node, { name, incarnation }: NodeIdentity, carrier: Carrier) {
    this.name = name;
    this.incarnation = incarnation;
    this.#carrier = carrier;
    this.#attachment = node.attach(this);
  }

  // RemoteNode and StandInHost: what this node tells the other one

  peer(address: Address): Peer {
    return new StandIn(this, address);
  }

  named(name: string): Recipient {
    return new NameStandIn(this, name);
  }

  answer(to: Ref, answer: Answer): void {
    const result = this.send({ kind: "reply", to, answer });
    // Too large, or nothing that can be carried: whoever waits for it is told so.
    if (result !== "unreachable" || answer.kind === "refused") return;
    this.send({ kind: "reply", to, answer: { kind: "refused", why: "unreachable" } });
  }

  tell(message: SubjectMessage): SendResult {
    return message.kind === "publication" ? this.send(message) : this.#carrier.send(message);
  }

  send(message: LinkMessage): SendResult {
    // Whoever is told that somebody has joined may publish for him at once.
    this.#attachment.flush();
    return this.#carrier.send(message);
  }

  capacity(): Promise<void> | undefined {
    return this.#carrier.capacity();
  }

  async inspect(to: string, target: Target): Promise<InspectRecord> {
    const answer = this.#attachment.ask(
      target,
      (replyTo) => this.send({ kind: "inspect", to, replyTo }),
    );
    return await answer as InspectRecord;
  }

  // LinkEnd: what the other node tells this one

  receive(message: LinkMessage): void {
    switch (message.kind) {
      case "message":
        return this.#deliver(message);
      case "reply":
        return void this.#attachment.answer(message.to, message.answer);
      case "down":
        return this.#tellDown(message);
      case "exit":
        return this.#signalExit(message);
      case "watch":
      case "unwatch":
        return this.#watch(message);
      case "link":
      case "unlink":
        return this.#link(message);
      case "inspect":
        return void this.#describe(message);
      case "resync":
        return this.repeat();
      case "forget":
        return this.#attachment.undo();
      case "nothing":
        return;
      default:
        return this.#attachment.hear(message);
    }
  }

  lost(): void {
    this.#attachment.detach();
  }

  resync(): void {
    this.repeat();
  }

  repeat(): void {
    this.send({ kind: "forget" });
    this.#attachment.repeat();
  }

  #deliver({ to, from, message, replyTo, beyondBound }: UserLinkMessage): void {
    const envelope = { kind: "message", from, message } as const;
    const result = this.#attachment.deliver(
      to,
      replyTo === undefined ? envelope : { ...envelope, replyTo },
      beyondBound,
    );
    if (replyTo === undefined || result === "accepted") return;
    this.answer(replyTo, { kind: "refused", why: result });
  }

  #tellDown({ to, from, ref, reason, ...more }: DownLinkMessage): void {
    const { detail } = more;
    const down: DownMessage = {
      kind: "down",
      ref,
      target: from,
      reason,
      ...detail === undefined ? {} : { detail },
    };
    this.#attachment.deliver(to, { kind: "down", from, message: down });
  }

  #signalExit({ to, from, reason, isEnd }: ExitLinkMessage): void {
    if (isEnd === true) return this.#attachment.breakLink(to, from, reason);
    const found = this.#attachment.find(to);
    if (typeof found !== "string") found.signalExit(from, reason);
  }

  #watch({ kind, to, watcher, ref, will, isDone }: WatchLinkMessage): void {
    const found = this.#attachment.find(to);
    if (typeof found !== "string") {
      if (kind === "watch") found.watch(watcher, ref, will);
      else found.unwatch(watcher, ref, isDone, will);
    } else if (kind === "watch") {
      this.send({ kind: "down", to: watcher, from: to, ref, reason: whyAbsent(found) });
    }
  }

  #link({ kind, to, linker }: LinkLinkMessage): void {
    const found = this.#attachment.find(to);
    if (typeof found !== "string") found[kind](linker);
    else if (kind === "link") {
      const reason = whyAbsent(found);
      this.send({ kind: "exit", to: linker, from: to, reason, isEnd: true });
    }
  }

  async #describe({ to, replyTo }: InspectLinkMessage): Promise<void> {
    const found = this.#attachment.find(to);
    if (typeof found === "string") return this.answer(replyTo, { kind: "refused", why: found });
    try {
      this.answer(replyTo, { kind: "value", value: await found.describe() });
    } catch (error) {
      this.answer(replyTo, { kind: "error", text: String(error) });
    }
  }
}

/** What is not on the node that was asked cannot be reached through it either. */
function whyAbsent(absence: Absence): ExitReason {
  return absence === "unreachable" ? "noconnection" : absence;
}

/**
 * Subjects and keys at the broker. All begin with the name of the cluster, so that the rights
 * of a node there are `troupe.NAME.>`, `$KV.troupe_NAME.>`, `$JS.API.>` and `_INBOX.>`.
 *
 * @module
 */

import type { NodeIdentity } from "../remote_node.ts";

/** Writes a name so that it can be a part of a subject or a key: `a@b.c` is `a=40b=2Ec`. */
export function toToken(name: string): string {
  return name.replace(
    /[^A-Za-z0-9_-]/g,
    (char) => `=${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`,
  );
}

/** The name that {@linkcode toToken} was given. */
export function fromToken(token: string): string {
  return token.replace(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
}

/** Subjects of one cluster. */
export class Subjects {
  readonly #prefix: string;
  /** Bucket of leases and claims. */
  readonly bucket: string;

  constructor(cluster: string) {
    this.#prefix = `troupe.${cluster}`;
    this.bucket = `troupe_${cluster}`;
  }

  /** Who there is. */
  get hello(): string {
    return `${this.#prefix}.hello`;
  }

  /** Batches for one start of a node, from one. */
  link(to: NodeIdentity, from: NodeIdentity): string {
    return `${this.#linkTo(to)}.${toToken(from.name)}.${from.incarnation}`;
  }

  /** Batches for one start of a node, from all. */
  links(to: NodeIdentity): string {
    return `${this.#linkTo(to)}.*.*`;
  }

  /** Batches for several nodes of one machine, from one. */
  machine(to: string, from: NodeIdentity): string {
    return `${this.#prefix}.machine.${to}.${toToken(from.name)}.${from.incarnation}`;
  }

  /** Batches for several nodes of one machine, from all. */
  machines(to: string): string {
    return `${this.#prefix}.machine.${to}.*.*`;
  }

  /** Answered by whoever is there. */
  probe({ name, incarnation }: NodeIdentity): string {
    return `${this.#prefix}.probe.${toToken(name)}.${incarnation}`;
  }

  /** Answered by the node of that name with its hello. */
  name(name: string): string {
    return `${this.#prefix}.name.${toToken(name)}`;
  }

  /** Who sent a batch, from its subject. */
  senderOf(link: string): NodeIdentity {
    const [incarnation = "", name = ""] = link.split(".").reverse();
    return { name: fromToken(name), incarnation };
  }

  #linkTo({ name, incarnation }: NodeIdentity): string {
    return `${this.#prefix}.link.${toToken(name)}.${incarnation}`;
  }
}

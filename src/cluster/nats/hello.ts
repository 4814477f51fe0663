/**
 * How nodes hear of each other: each says that it is there.
 *
 * @module
 */

import { parseIdentity } from "../../actor/mod.ts";
import type { NodeIdentity } from "../remote_node.ts";

/** What a node says of itself to all. */
export interface Hello extends NodeIdentity {
  /** When it began, in milliseconds since 1970: of two starts, the later one counts. */
  readonly sinceMs: number;
  /** `"ask"`: others should say so, too. `"bye"`: it goes. */
  readonly kind: "ask" | "here" | "bye";
  /** Whom the nodes of its machine hear through, if they have a connection in common. */
  readonly machine?: string | undefined;
}

const MAX_BYTES = 2_048;
/** A part of a subject. */
const MACHINE = /^[A-Za-z0-9-]{1,64}$/;
const KINDS: readonly unknown[] = ["ask", "here", "bye"];

/** As bytes. */
export function writeHello(hello: Hello): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(hello));
}

/** From bytes; `undefined` if they are none. */
export function readHello(bytes: Uint8Array): Hello | undefined {
  if (bytes.length > MAX_BYTES) return undefined;
  try {
    const { name, incarnation, sinceMs, kind, machine } = JSON.parse(
      new TextDecoder().decode(bytes),
    );
    const isSound = parseIdentity(`<${name}/${incarnation}/0>`)?.node === name &&
      Number.isSafeInteger(sinceMs) && KINDS.includes(kind) &&
      (machine === undefined || typeof machine === "string" && MACHINE.test(machine));
    return isSound ? { name, incarnation, sinceMs, kind, machine } : undefined;
  } catch {
    return undefined;
  }
}

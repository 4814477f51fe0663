/**
 * What nodes say to each other in the simulation.
 *
 * @module
 */

import type { Address, Ref } from "../../../src/actor/mod.ts";

/** Something that `after` messages were sent before, and the others after. */
interface Placed {
  readonly after: number;
  /** It is said a second time, since the first one was lost: it has lost its place. */
  readonly isAgain?: boolean;
}

/** One envelope. */
export type Said =
  | { readonly kind: "message"; readonly id: number }
  | { readonly kind: "watch"; readonly ref: Ref; readonly target: string }
  | { readonly kind: "link"; readonly linker: Address; readonly target: string }
  | { readonly kind: "down"; readonly ref: Ref } & Placed
  /** An exit signal: that of the end of what `linker` is linked to, or one that somebody sent. */
  | { readonly kind: "exit"; readonly linker?: Address; readonly id?: number } & Placed
  | { readonly kind: "forget" }
  | { readonly kind: "resync"; readonly first: number; readonly lost: number };

/** One batch on its way. */
export interface Packet {
  readonly from: number;
  readonly incarnation: number;
  /** The start of the receiver that is meant, as far as the sender knows. */
  readonly to: number;
  readonly linkEpoch: number;
  readonly seq: number;
  readonly ack: number;
  readonly envelopes: readonly Said[];
}

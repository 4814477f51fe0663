/**
 * Batches of envelopes as bytes: MessagePack, `[linkEpoch, seq, ack, envelopes]`.
 *
 * Everything that structured clone takes arrives as it was, but for -0, which
 * arrives as 0, and the class of an instance, which is lost. An own property
 * `__proto__` arrives under another name: it never becomes a prototype.
 *
 * @module
 */

import { Packr } from "msgpackr/index-no-eval";
import type { Ref } from "../actor/mod.ts";
import type { LinkMessage, Publication, UserLinkMessage } from "./link_message.ts";
import { WIRE_LIMITS } from "./limits.ts";
import { isLinkMessage, isOfUnknownKind } from "./link_message_check.ts";
import { isFollowing, restore, shorten } from "./wire_runs.ts";
import { scan } from "./wire_scan.ts";

/** What goes over a link at once. */
export interface Batch {
  /** Counts how often this link was given up. */
  readonly linkEpoch: number;
  /** Number of the first envelope of it in this epoch, from 1; of an empty one: of the next. */
  readonly seq: number;
  /** Number of the last envelope that was taken in from the other side. */
  readonly ack: number;
  readonly envelopes: readonly LinkMessage[];
}

/** A batch, or why the bytes are not one. */
export type Decoded =
  | {
    readonly ok: true;
    /** `nothing` stands for each message that was passed over. */
    readonly batch: Batch;
    /** Messages of kinds that are not known here: the other node is of a later version. */
    readonly passedOver: number;
  }
  | Refusal;

/** What was wrong with bytes or with a message. */
export interface Refusal {
  readonly ok: false;
  /** Ends the sentence "Cannot read the batch:". */
  readonly why: string;
}

/** A message, once for all nodes that it goes to, or a batch as bytes. */
export type Encoded = { readonly ok: true; readonly bytes: Uint8Array } | Refusal;

// No state may outlive a batch: without `structures` records are defined in each value anew.
const packr = new Packr({ structuredClone: true, moreTypes: true });

/** Encodes one message; what cannot be carried is a refusal. */
export function encodeMessage(message: LinkMessage): Encoded {
  return encodeOne(message);
}

function encodeOne(message: unknown): Encoded {
  try {
    const packed = packr.pack(message);
    // In the array of envelopes in the array that is the batch.
    scan(packed, 2);
    return { ok: true, bytes: new Uint8Array(packed) };
  } catch (cause) {
    return { ok: false, why: showCause(cause) };
  }
}

/** The one that was encoded last: it goes to all of its links before the next one comes. */
let last: { readonly publication: Publication; readonly encoded: Encoded } | undefined;

/**
 * Encodes a publication, once for all links that the same object goes to: as
 * `[space, subject, message, replyTo?]`, since a record would define its fields in each one anew.
 */
export function encodeShared(publication: Publication): Encoded {
  if (last?.publication === publication) return last.encoded;
  const { space, subject, message, replyTo } = publication;
  const parts = [space, subject, message];
  const encoded = encodeOne(replyTo === undefined ? parts : [...parts, replyTo]);
  last = { publication, encoded };
  return encoded;
}

/**
 * Encodes several messages for `joinBatch`, as `encodeBatch` does: none of them is deep, as the
 * caller has found when it measured them.
 */
export function encodeRun(messages: readonly LinkMessage[]): Encoded {
  try {
    const packed = packr.pack(shorten(messages));
    const [token] = packed;
    const headBytes = token === 0xdd ? 5 : token === 0xdc ? 3 : 1;
    return { ok: true, bytes: new Uint8Array(packed.subarray(headBytes)) };
  } catch (cause) {
    return { ok: false, why: showCause(cause) };
  }
}

/**
 * Encodes a whole batch at once: what all of its messages have in common is
 * written once, which is several times as fast as message by message. Without
 * a bound on its size: the caller knows how much it puts in, and that none of it is deep if it
 * was measured.
 */
export function encodeBatch(
  { linkEpoch, seq, ack, envelopes }: Batch,
  isMeasured: boolean = false,
): Encoded {
  try {
    const packed = packr.pack([linkEpoch, seq, ack, shorten(envelopes)]);
    if (!isMeasured) scan(packed);
    return { ok: true, bytes: new Uint8Array(packed) };
  } catch (cause) {
    return { ok: false, why: showCause(cause) };
  }
}

/**
 * Puts encoded messages into one batch, without encoding them again. `count` is how many they
 * are, where some of the bytes are of several.
 */
export function joinBatch(
  { linkEpoch, seq, ack }: Omit<Batch, "envelopes">,
  messages: readonly Uint8Array[],
  count: number = messages.length,
): Uint8Array<ArrayBuffer> {
  const bytes = messages.reduce<number>((sum, { length }) => sum + length, WIRE_LIMITS.headBytes);
  const out = new Uint8Array(bytes);
  const view = new DataView(out.buffer);
  out[0] = 0x94;
  // Doubles hold every counter of the link exactly.
  [linkEpoch, seq, ack].forEach((counter, i) => {
    out[1 + i * 9] = 0xcb;
    view.setFloat64(2 + i * 9, counter);
  });
  out[28] = 0xdd;
  view.setUint32(29, count);
  let position: number = WIRE_LIMITS.headBytes;
  for (const message of messages) {
    out.set(message, position);
    position += message.length;
  }
  return out;
}

/**
 * Reads a batch. Never throws: whatever is wrong with the bytes is a refusal,
 * and lengths are believed only as far as there are bytes.
 */
export function decodeBatch(bytes: Uint8Array): Decoded {
  const maxBytes = WIRE_LIMITS.envelopeBytes + WIRE_LIMITS.headBytes;
  if (bytes.length > maxBytes) {
    return { ok: false, why: `it has ${bytes.length} bytes, at most ${maxBytes} are read` };
  }
  try {
    scan(bytes);
    return toBatch(packr.unpack(bytes));
  } catch (cause) {
    return { ok: false, why: showCause(cause) };
  }
}

function toBatch(value: unknown): Decoded {
  if (!Array.isArray(value) || value.length !== 4 || !Array.isArray(value[3])) {
    return { ok: false, why: "expected [linkEpoch, seq, ack, envelopes]" };
  }
  const [linkEpoch, seq, ack, envelopes] = value;
  const isSound = [linkEpoch, seq, ack].every((each) => Number.isSafeInteger(each) && each >= 0);
  if (!isSound) return { ok: false, why: "linkEpoch, seq and ack are not all counters" };
  let passedOver = 0;
  let before: UserLinkMessage | undefined;
  for (let index = 0; index < envelopes.length; index++) {
    const each = envelopes[index];
    if (isLinkMessage(each)) {
      if (each.kind === "message") before = each;
      continue;
    }
    if (before !== undefined && isFollowing(each)) {
      envelopes[index] = restore(each, before);
      continue;
    }
    const publication = toPublication(each);
    if (publication === undefined && !isOfUnknownKind(each)) {
      return { ok: false, why: `envelope ${index} does not say what it is` };
    }
    if (publication === undefined) passedOver++;
    envelopes[index] = publication ?? { kind: "nothing" };
  }
  return { ok: true, batch: { linkEpoch, seq, ack, envelopes }, passedOver };
}

function toPublication(value: unknown): Publication | undefined {
  if (!Array.isArray(value) || value.length < 3 || value.length > 4) return undefined;
  const [space, subject, message, replyTo] = value;
  if (typeof space !== "string" || typeof subject !== "string") return undefined;
  const publication = { kind: "publication", space, subject, message } as const;
  if (replyTo === undefined) return publication;
  return typeof replyTo === "string" ? { ...publication, replyTo: replyTo as Ref } : undefined;
}

function showCause(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

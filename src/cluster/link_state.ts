/**
 * One link in one epoch: order, credit, and what was lost.
 *
 * Both directions number their envelopes from 2. Number 1 is the opening of the
 * link: an `ack` of at least 1 says that the other side has heard this one.
 *
 * @module
 */

import { CREDIT, WIRE_LIMITS } from "./limits.ts";

/** Envelopes that were sent together and are not yet confirmed. */
interface Unconfirmed {
  readonly last: number;
  readonly bytes: number;
}

/** State of a link in one epoch. */
export interface LinkState {
  readonly linkEpoch: number;
  /** Envelopes that wait for the end of the turn. */
  readonly queued: number;
  readonly queuedBytes: number;
  /** Number of the last envelope that was sent. */
  readonly sent: number;
  readonly unconfirmed: readonly Unconfirmed[];
  readonly unconfirmedBytes: number;
  /** Number of the last envelope that the other side has taken in; 0: it has not heard this one. */
  readonly confirmed: number;
  /** Number of the last envelope that was taken in; 0: nothing was heard. */
  readonly heard: number;
  /** What the last batch said in `ack`. */
  readonly acknowledged: number;
  /** Bytes taken in since then. */
  readonly owedBytes: number;
}

/** What happens to a link. */
export type LinkEvent =
  /** An envelope is to be sent: one effect says what came of it. */
  | {
    readonly type: "offer";
    readonly bytes: number;
    readonly isSystem: boolean;
    /** Most bytes of a batch that the carrier takes. Default 1 MiB. */
    readonly carrierBytes?: number;
  }
  /** A batch of the queue, or an empty one: a heartbeat. One effect gives its head. */
  | { readonly type: "transmit"; readonly envelopes: number; readonly bytes: number }
  | {
    readonly type: "arrived";
    readonly linkEpoch: number;
    readonly seq: number;
    readonly ack: number;
    readonly envelopes: number;
    readonly bytes: number;
  }
  /** Given up: what is not confirmed counts as lost. */
  | { readonly type: "end" };

/** What is to be done. */
export type LinkEffect =
  | { readonly type: "accepted" | "full" }
  | { readonly type: "tooLarge"; readonly bytes: number; readonly maxBytes: number }
  | {
    readonly type: "head";
    readonly linkEpoch: number;
    readonly seq: number;
    readonly ack: number;
  }
  /** Deliver the envelopes of the batch without the first `skip`: those were here. */
  | { readonly type: "deliver"; readonly skip: number }
  /** A hole in the numbers, once per hole: adds to `troupe_link_lost`. */
  | { readonly type: "gap"; readonly lost: number }
  /** Of the end: as many at most did not arrive. */
  | { readonly type: "unconfirmed"; readonly lost: number }
  /** The other side needs its credit back before the next heartbeat. */
  | { readonly type: "ackDue" }
  /** Credit came back: whoever waits may send. */
  | { readonly type: "credit" }
  /** It belongs to another epoch: counted, dropped. */
  | { readonly type: "stale" };

/** Next state and what is to be done. */
export type LinkStep = readonly [LinkState, readonly LinkEffect[]];

/** A link that begins. */
export function openLink(linkEpoch: number): LinkState {
  return {
    linkEpoch,
    queued: 0,
    queuedBytes: 0,
    sent: 1,
    unconfirmed: [],
    unconfirmedBytes: 0,
    confirmed: 0,
    heard: 0,
    acknowledged: 0,
    owedBytes: 0,
  };
}

/** Whether a message of a user may be sent now. */
export function hasCredit(state: LinkState): boolean {
  const { queued, queuedBytes, sent, confirmed, unconfirmedBytes } = state;
  return queued + sent - Math.max(confirmed, 1) < CREDIT.envelopes &&
    queuedBytes + unconfirmedBytes < CREDIT.bytes;
}

/** Decides about one link. Needs no clock. */
export function stepLink(state: LinkState, event: LinkEvent): LinkStep {
  switch (event.type) {
    case "offer":
      return offer(state, event);
    case "transmit":
      return transmit(state, event.envelopes, event.bytes);
    case "arrived":
      return event.linkEpoch === state.linkEpoch
        ? arrived(state, event)
        : [state, [{ type: "stale" }]];
    case "end": {
      const lost = state.queued + state.sent - Math.max(state.confirmed, 1);
      const effects: LinkEffect[] = lost > 0 ? [{ type: "unconfirmed", lost }] : [];
      return [openLink(state.linkEpoch), effects];
    }
  }
}

/**
 * How many of the first sizes go into one batch: at least one, at most 256 KiB, and no more than
 * the carrier takes if each is larger than it was measured.
 */
export function fillBatch(
  sizes: readonly number[],
  carrierBytes: number = WIRE_LIMITS.envelopeBytes,
): number {
  const most = Math.min(WIRE_LIMITS.batchBytes, measuredLimit(carrierBytes));
  let bytes: number = WIRE_LIMITS.headBytes;
  const end = sizes.findIndex((size) => (bytes += size) > most);
  return end === -1 ? sizes.length : Math.max(end, 1);
}

/** What was measured as no more than this is surely taken by a carrier. */
export function measuredLimit(carrierBytes: number): number {
  return Math.floor(carrierBytes / WIRE_LIMITS.measureFactor);
}

function offer(
  state: LinkState,
  { bytes, isSystem, carrierBytes = WIRE_LIMITS.envelopeBytes }: Extract<
    LinkEvent,
    { type: "offer" }
  >,
): LinkStep {
  const maxBytes = Math.min(carrierBytes, WIRE_LIMITS.envelopeBytes) - WIRE_LIMITS.headBytes;
  if (bytes > maxBytes) return [state, [{ type: "tooLarge", bytes, maxBytes }]];
  const used = state.queued + state.sent - Math.max(state.confirmed, 1);
  const isTaken = isSystem ? used < CREDIT.envelopes + CREDIT.systemReserve : hasCredit(state);
  if (!isTaken) return [state, [{ type: "full" }]];
  const { queued, queuedBytes } = state;
  return [{ ...state, queued: queued + 1, queuedBytes: queuedBytes + bytes }, [{
    type: "accepted",
  }]];
}

function transmit(state: LinkState, envelopes: number, bytes: number): LinkStep {
  const seq = state.sent + 1;
  const head = { type: "head", linkEpoch: state.linkEpoch, seq, ack: state.heard } as const;
  if (envelopes === 0) {
    // Most heartbeats of a quiet link say what the last one did.
    const isSaid = state.acknowledged === state.heard && state.owedBytes === 0;
    return [isSaid ? state : { ...state, acknowledged: state.heard, owedBytes: 0 }, [head]];
  }
  const sent = state.sent + envelopes;
  return [{
    ...state,
    acknowledged: state.heard,
    owedBytes: 0,
    queued: state.queued - envelopes,
    queuedBytes: state.queuedBytes - bytes,
    sent,
    unconfirmed: [...state.unconfirmed, { last: sent, bytes }],
    unconfirmedBytes: state.unconfirmedBytes + bytes,
  }, [head]];
}

function arrived(
  state: LinkState,
  { seq, ack, envelopes, bytes }: Extract<LinkEvent, { type: "arrived" }>,
): LinkStep {
  const effects: LinkEffect[] = [];
  const confirmed = confirm(state, ack);
  if (confirmed !== state && !hasCredit(state)) effects.push({ type: "credit" });
  const expected = Math.max(state.heard, 1) + 1;
  if (seq > expected) effects.push({ type: "gap", lost: seq - expected });
  const skip = Math.max(0, expected - seq);
  if (envelopes > skip) effects.push({ type: "deliver", skip });
  const heard = Math.max(expected - 1, seq + envelopes - 1);
  const owedBytes = state.owedBytes + bytes;
  const isAckDue = heard - Math.max(state.acknowledged, 1) >= CREDIT.envelopes / 4 ||
    owedBytes >= CREDIT.bytes / 4;
  if (isAckDue) effects.push({ type: "ackDue" });
  const isSame = heard === confirmed.heard && owedBytes === confirmed.owedBytes;
  return [isSame ? confirmed : { ...confirmed, heard, owedBytes }, effects];
}

/** The same state if nothing new is confirmed. */
function confirm(state: LinkState, ack: number): LinkState {
  // What was never sent cannot be confirmed.
  if (ack <= state.confirmed || ack > state.sent) return state;
  // They are in order.
  let unconfirmedBytes = state.unconfirmedBytes;
  let count = 0;
  for (const { last, bytes } of state.unconfirmed) {
    if (last > ack) break;
    unconfirmedBytes -= bytes;
    count++;
  }
  const unconfirmed = count === 0 ? state.unconfirmed : state.unconfirmed.slice(count);
  return { ...state, confirmed: ack, unconfirmed, unconfirmedBytes };
}

/** Whether an arriving `ack` shows that the other side hears this one, and is not behind. */
export function confirms(state: LinkState, ack: number): boolean {
  return ack >= 1 && (ack > state.confirmed || ack === state.sent);
}

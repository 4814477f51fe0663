/**
 * Options of webhooks.
 *
 * @module
 */

/** What a receiver can be told. */
export const WEBHOOK_EVENTS = ["connect", "disconnect", "occupied", "vacated"] as const;

/** What a receiver can be told. */
export type WebhookEvent = (typeof WEBHOOK_EVENTS)[number];

/** What becomes of a handshake that the receiver did not answer. */
export type WebhookFailurePolicy = "refuse" | "allow";

/** Options of webhooks. */
export interface WebhookOptions {
  readonly url: string;
  /** Key of the signatures, in base64, with or without `whsec_`. */
  readonly secret: string;
  readonly events: readonly WebhookEvent[];
  /** Time for one answer, in milliseconds. */
  readonly timeoutMs: number;
  readonly onFailure: WebhookFailurePolicy;
  /** How often an event is sent at most, and the first delay between two, in milliseconds. */
  readonly attempts: number;
  readonly retryDelayMs: number;
  /** Whether the receiver may have an address of this machine or of a private network. */
  readonly allowPrivate: boolean;
}

/** Defaults of {@linkcode WebhookOptions}. */
export const WEBHOOK_DEFAULTS: Readonly<
  Pick<WebhookOptions, "timeoutMs" | "onFailure" | "attempts" | "retryDelayMs" | "allowPrivate">
> = Object.freeze({
  timeoutMs: 1_000,
  onFailure: "refuse",
  attempts: 8,
  retryDelayMs: 500,
  allowPrivate: false,
});

/** Bounds that are not configured. */
export const WEBHOOK_LIMITS = Object.freeze({
  /** Events that wait; one more is dropped. */
  queue: 10_000,
  /** Events that are under way at a time. */
  lanes: 8,
  answerBytes: 65_536,
  mostDelayMs: 30_000,
  /** Failures in a row after which handshakes do not wait for the receiver, and for how long. */
  breakAfter: 5,
  breakMs: 5_000,
});

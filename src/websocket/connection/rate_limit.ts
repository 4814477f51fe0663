/**
 * A token bucket, as values.
 *
 * @module
 */

import type { RateLimit } from "../options.ts";

/** A bucket as it was when it was last looked at. */
export interface Bucket {
  readonly tokens: number;
  readonly atMs: number;
}

/** A full bucket. */
export function fillBucket({ burst }: RateLimit, nowMs: number): Bucket {
  return { tokens: burst, atMs: nowMs };
}

/**
 * Takes a token for one message.
 *
 * @returns The bucket afterwards, which may be in debt, and how long it takes to
 * pay the debt back, in milliseconds: 0 if there was a token.
 */
export function takeToken(
  bucket: Bucket,
  { messagesPerSecond, burst }: RateLimit,
  nowMs: number,
): { readonly bucket: Bucket; readonly waitMs: number } {
  const refilled = bucket.tokens + (nowMs - bucket.atMs) / 1000 * messagesPerSecond;
  const tokens = Math.min(burst, refilled) - 1;
  const waitMs = tokens >= 0 ? 0 : -tokens / messagesPerSecond * 1000;
  return { bucket: { tokens, atMs: nowMs }, waitMs };
}

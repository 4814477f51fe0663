/**
 * Events on their way to the receiver: bounded, in order for each subject, again after a failure.
 *
 * @module
 */

import { getLogger } from "../telemetry/mod.ts";
import { type Clock, inTime, type Timer } from "../time/mod.ts";
import { WEBHOOK_LIMITS, type WebhookOptions } from "./options.ts";
import type { Post } from "./post.ts";

const log = getLogger(["troupe", "webhooks"]);

/** One event. */
interface Queued {
  readonly id: string;
  readonly event: string;
  readonly payload: string;
}

/** Hears of what became of each event: `"sent"`, `"dropped"` (no room) or `"given_up"`. */
export type Outcome = (event: string, outcome: "sent" | "dropped" | "given_up") => void;

/** Sends events at least once, those of one subject in their order. */
export class WebhookOutbox implements Disposable {
  readonly #post: Post;
  readonly #options: Pick<WebhookOptions, "attempts" | "retryDelayMs">;
  readonly #clock: Clock;
  readonly #tell: Outcome;
  readonly #lanes: Queued[][] = Array.from({ length: WEBHOOK_LIMITS.lanes }, () => []);
  readonly #busy = new Set<number>();
  readonly #waits = new Map<Timer, () => void>();
  #queued = 0;
  #isOver = false;
  #onEmpty: (() => void) | undefined;

  constructor(
    post: Post,
    options: Pick<WebhookOptions, "attempts" | "retryDelayMs">,
    clock: Clock,
    tell: Outcome,
  ) {
    this.#post = post;
    this.#options = options;
    this.#clock = clock;
    this.#tell = tell;
  }

  /** Events that wait or are under way. */
  get size(): number {
    return this.#queued;
  }

  /** Takes an event; `subject` is what it keeps its order with. */
  push(event: string, subject: string, id: string, payload: string): void {
    if (this.#isOver || this.#queued >= WEBHOOK_LIMITS.queue) return this.#tell(event, "dropped");
    const index = laneOf(subject);
    this.#queued++;
    this.#lanes[index]!.push({ id, event, payload });
    if (!this.#busy.has(index)) void this.#run(index);
  }

  /** Waits until nothing waits, at most so long. */
  async flush(timeoutMs: number): Promise<void> {
    if (this.#queued === 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#onEmpty = resolve;
    await inTime(promise, timeoutMs, this.#clock);
  }

  /** What waits is dropped, and nothing is sent again. */
  [Symbol.dispose](): void {
    this.#isOver = true;
    for (const [timer, resolve] of this.#waits) {
      this.#clock.clearTimeout(timer);
      resolve();
    }
    this.#waits.clear();
  }

  async #run(index: number): Promise<void> {
    this.#busy.add(index);
    const lane = this.#lanes[index]!;
    while (lane.length > 0) {
      const batch = lane.splice(0);
      for (const each of batch) {
        if (this.#isOver) this.#tell(each.event, "dropped");
        else await this.#send(each);
        if (--this.#queued === 0) this.#onEmpty?.();
      }
    }
    this.#busy.delete(index);
  }

  async #send({ id, event, payload }: Queued): Promise<void> {
    const { attempts, retryDelayMs } = this.#options;
    for (let attempt = 1; !this.#isOver; attempt++) {
      try {
        await this.#post(id, payload);
        return this.#tell(event, "sent");
      } catch (error) {
        const isLast = attempt >= attempts;
        log.warn("Webhook {event} {id} was not taken, attempt {attempt}: {error}", {
          event,
          id,
          attempt,
          error,
        });
        if (isLast) return this.#tell(event, "given_up");
        const delayMs = Math.min(retryDelayMs * 2 ** (attempt - 1), WEBHOOK_LIMITS.mostDelayMs);
        await this.#wait(delayMs);
      }
    }
    this.#tell(event, "dropped");
  }

  async #wait(delayMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = this.#clock.setTimeout(resolve, delayMs);
    this.#waits.set(timer, resolve);
    await promise;
    this.#waits.delete(timer);
  }
}

/** The same subject always gets the same lane. */
function laneOf(subject: string): number {
  let hash = 0;
  for (let index = 0; index < subject.length; index++) {
    hash = (hash * 31 + subject.charCodeAt(index)) | 0;
  }
  return Math.abs(hash) % WEBHOOK_LIMITS.lanes;
}

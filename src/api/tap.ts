/**
 * What passes between actors, as server-sent events, bounded.
 *
 * @module
 */

import type { Address, Envelope } from "../actor/mod.ts";
import { redactData } from "../text/mod.ts";
import { answerQuestion } from "./answers.ts";
import type { ApiHost } from "./host.ts";
import { toJson } from "./messages.ts";
import { ApiError } from "./error.ts";

/** Bounds of one tap, and of all of them. */
export const TAP_LIMITS = Object.freeze({
  perSecond: 200,
  bytesPerSecond: 262_144,
  /** Characters that are shown of a message. */
  preview: 1_024,
  taps: 16,
  /** Members of a room that are followed. */
  members: 1_000,
});

/** How often the connections of a room, a user or an endpoint are looked up, in milliseconds. */
const LOOK_MS = 1_000;

/** Which messages are meant: those from or to it. */
export interface TapFilter {
  readonly actor?: string | undefined;
  readonly room?: string | undefined;
  readonly user?: string | undefined;
  readonly endpoint?: string | undefined;
}

/** Counts of one second. */
export interface Second {
  readonly count: number;
  readonly bytes: number;
  readonly skipped: number;
}

/** Nothing yet. */
export const NEW_SECOND: Second = Object.freeze({ count: 0, bytes: 0, skipped: 0 });

/** Decides about one more event of so many bytes. */
export function stepTap(
  { count, bytes, skipped }: Second,
  size: number,
): { readonly second: Second; readonly isShown: boolean } {
  const { perSecond, bytesPerSecond } = TAP_LIMITS;
  if (count >= perSecond || bytes + size > bytesPerSecond) {
    return { second: { count, bytes, skipped: skipped + 1 }, isShown: false };
  }
  return { second: { count: count + 1, bytes: bytes + size, skipped }, isShown: true };
}

/** Open taps of a server. */
export class Taps implements Disposable {
  readonly #host: ApiHost;
  readonly #open = new Set<() => void>();

  constructor(host: ApiHost) {
    this.#host = host;
  }

  /** Ends all of them. */
  [Symbol.dispose](): void {
    for (const end of [...this.#open]) end();
  }

  /**
   * Streams what passes until the reader leaves. What a reader does not keep up with is left out,
   * as is what passes the bounds.
   */
  stream(filter: TapFilter): ReadableStream<Uint8Array> {
    if (this.#open.size >= TAP_LIMITS.taps) {
      throw new ApiError(429, `There are ${TAP_LIMITS.taps} taps, which is as many as may be`);
    }
    const host = this.#host;
    let end = () => {};
    return new ReadableStream<Uint8Array>({
      start: (controller) => {
        const stop = runTap(host, filter, controller);
        end = () => {
          if (!this.#open.delete(end)) return;
          stop();
          try {
            controller.close();
          } catch {
            // The reader has left, and closed it so.
          }
        };
        this.#open.add(end);
      },
      cancel: () => end(),
    }, new ByteLengthQueuingStrategy({ highWaterMark: TAP_LIMITS.bytesPerSecond }));
  }
}

function runTap(
  host: ApiHost,
  filter: TapFilter,
  controller: ReadableStreamDefaultController<Uint8Array>,
): () => void {
  const encoder = new TextEncoder();
  const followed = new Set<string>();
  let second = NEW_SECOND;
  const write = (text: string) => controller.enqueue(encoder.encode(text));
  const isMeant = (to: Address, from: Address) => {
    if (filter.actor === undefined) return followed.has(to) || followed.has(from);
    const actor = host.node.whereis(filter.actor) ?? filter.actor;
    return to === actor || from === actor;
  };
  const untap = host.node.observer.tap((to, envelope) => {
    const { from, message } = envelope;
    noteUser(filter, followed, from, message);
    if (!isMeant(to, from)) return;
    const event = `data: ${JSON.stringify(describe(to, envelope))}\n\n`;
    const isSlow = (controller.desiredSize ?? 0) <= 0;
    const step = stepTap(second, isSlow ? Infinity : event.length);
    second = step.second;
    if (step.isShown) write(event);
  });
  const look = () => {
    const { skipped } = second;
    second = NEW_SECOND;
    // A line that says nothing keeps proxies from cutting a quiet stream.
    write(skipped === 0 ? ": still here\n\n" : `event: sampled\ndata: {"skipped":${skipped}}\n\n`);
    void follow(host, filter, followed);
  };
  write(": tapping\n\n");
  void follow(host, filter, followed);
  const timer = setInterval(look, LOOK_MS);
  return () => {
    clearInterval(timer);
    untap();
  };
}

/** Somebody who logs in is followed from the first message on. */
function noteUser(
  { user }: TapFilter,
  followed: Set<string>,
  from: Address,
  message: unknown,
): void {
  if (user === undefined) return;
  const { kind, user: own } = (message ?? {}) as { kind?: unknown; user?: unknown };
  if (kind === "connect" && own === user) followed.add(from);
}

/** Looks up whose messages are meant. */
async function follow(host: ApiHost, filter: TapFilter, followed: Set<string>): Promise<void> {
  const { room, user, endpoint } = filter;
  const found = room === undefined
    ? user === undefined && endpoint === undefined ? [] : connectionsOf(host, filter)
    : await membersOf(host, room);
  followed.clear();
  for (const each of found) followed.add(each);
}

function connectionsOf({ endpoints }: ApiHost, { user, endpoint }: TapFilter): string[] {
  return endpoints.filter(({ path }) => endpoint === undefined || path === endpoint)
    .flatMap(({ list }) =>
      Array.from(list()).filter((each) => user === undefined || each.user === user)
        .map(({ id }) => id as string)
    );
}

async function membersOf(host: ApiHost, room: string): Promise<string[]> {
  const question = { kind: "members", room, limit: TAP_LIMITS.members } as const;
  const members = await answerQuestion(host, question) as { readonly alias: string }[];
  return members.map(({ alias }) => alias);
}

function describe(to: Address, { kind, from, message }: Envelope): unknown {
  const shown = redactData(toJson(message));
  const text = JSON.stringify(shown);
  const isWhole = text.length <= TAP_LIMITS.preview;
  return {
    at: new Date().toISOString(),
    kind,
    from,
    to,
    ...isWhole ? { message: shown } : { preview: text.slice(0, TAP_LIMITS.preview) },
  };
}

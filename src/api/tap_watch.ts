/**
 * Watches what passes on a node from and to the actors that are meant.
 *
 * @module
 */

import type { Address, Envelope } from "../actor/mod.ts";
import { redactData } from "../text/mod.ts";
import { answerQuestion } from "./answers.ts";
import type { ApiHost } from "./host.ts";
import { toJson } from "./messages.ts";
import { TAP_LIMITS } from "./tap_bounds.ts";

/** How often the connections of a room, a user or an endpoint are looked up, in milliseconds. */
export const LOOK_MS = 1_000;

/** Which messages are meant: those from or to it. */
export interface TapFilter {
  readonly actor?: string | undefined;
  readonly room?: string | undefined;
  readonly user?: string | undefined;
  readonly endpoint?: string | undefined;
}

/** Watches what passes on this node; returns what ends that. */
export function watch(host: ApiHost, filter: TapFilter, show: (event: string) => void): () => void {
  const followed = new Set<string>();
  const isMeant = (to: Address, from: Address) => {
    if (filter.actor === undefined) return followed.has(to) || followed.has(from);
    const actor = host.node.whereis(filter.actor) ?? filter.actor;
    return to === actor || from === actor;
  };
  const untap = host.node.observer.tap((to, envelope) => {
    const { from, message } = envelope;
    noteUser(filter, followed, from, message);
    if (isMeant(to, from)) show(`data: ${JSON.stringify(describe(to, envelope))}\n\n`);
  });
  void follow(host, filter, followed);
  const timer = setInterval(() => void follow(host, filter, followed), LOOK_MS);
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
    .flatMap(({ list }) => Array.from(list({ user }), ({ id }) => id as string));
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

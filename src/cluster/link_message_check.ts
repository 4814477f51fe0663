/**
 * Whether what came over a link is one of its messages.
 *
 * @module
 */

import type { LinkMessage } from "./link_message.ts";

type Fields = Readonly<
  Record<string, "text" | "maybeText" | "any" | "maybeTrue" | "maybeCounter" | "answer" | "texts">
>;

const WATCH: Fields = {
  to: "text",
  watcher: "text",
  ref: "text",
  will: "any",
  isDone: "maybeTrue",
};
const LINK: Fields = { to: "text", linker: "text" };
const SHAPES: Readonly<Record<LinkMessage["kind"], Fields>> = Object.freeze({
  message: {},
  reply: { to: "text", answer: "answer" },
  down: { to: "text", from: "text", ref: "text", reason: "text", detail: "maybeText" },
  exit: { to: "text", from: "text", reason: "text", isEnd: "maybeTrue" },
  watch: WATCH,
  unwatch: WATCH,
  link: LINK,
  unlink: LINK,
  inspect: { to: "text", replyTo: "text" },
  resync: { first: "maybeCounter", lost: "maybeCounter" },
  forget: {},
  nothing: {},
  publication: { space: "text", subject: "text", message: "any", replyTo: "maybeText" },
  interestBegins: {},
  interestEnds: {},
  interest: { space: "text", add: "texts", drop: "texts" },
  interestGone: { space: "text" },
});

/** There may be a million messages a second: nothing is made for each. */
const FIELDS = Object.fromEntries(
  Object.entries(SHAPES).map(([kind, fields]) => [kind, Object.entries(fields)]),
) as Record<LinkMessage["kind"], [name: string, kind: Fields[string]][]>;

const REFUSALS = ["unknown", "terminated", "full", "unreachable"];

/** Whether a value is a message of a kind that later versions may have: it is passed over. */
export function isOfUnknownKind(value: unknown): boolean {
  return isRecord(value) && typeof value.kind === "string" && !Object.hasOwn(SHAPES, value.kind);
}

/** Whether a value has the shape of a message of a link. */
export function isLinkMessage(value: unknown): value is LinkMessage {
  if (!isRecord(value) || typeof value.kind !== "string") return false;
  if (value.kind === "message") return isUserMessage(value);
  // Own ones only: a kind named like a property of all objects is none of these.
  if (!Object.hasOwn(SHAPES, value.kind)) return false;
  for (const [name, kind] of FIELDS[value.kind as LinkMessage["kind"]]) {
    if (!isField(value[name], kind)) return false;
  }
  return true;
}

/** By far the most are these. */
function isUserMessage({ to, from, replyTo, beyondBound }: Record<string, unknown>): boolean {
  return typeof to === "string" && typeof from === "string" && isField(replyTo, "maybeText") &&
    isField(beyondBound, "maybeTrue");
}

function isField(value: unknown, kind: Fields[string]): boolean {
  switch (kind) {
    case "any":
      return true;
    case "text":
      return typeof value === "string";
    case "maybeText":
      return value === undefined || typeof value === "string";
    case "maybeTrue":
      return value === undefined || typeof value === "boolean";
    case "maybeCounter":
      return value === undefined || Number.isSafeInteger(value) && (value as number) >= 0;
    case "answer":
      return isAnswer(value);
    case "texts":
      return Array.isArray(value) && value.every((each) => typeof each === "string");
  }
}

function isAnswer(value: unknown): boolean {
  if (!isRecord(value)) return false;
  if (value.kind === "value") return true;
  if (value.kind === "error") return typeof value.text === "string";
  return value.kind === "refused" && REFUSALS.includes(value.why as string);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

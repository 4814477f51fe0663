/**
 * What a supervisor is asked, as it comes out of the mailbox.
 *
 * @module
 */

import type { SupervisorRequest } from "./options.ts";

/** A request for one more child. */
export type StartChildRequest = Extract<SupervisorRequest, { kind: "startChild" }>;

/** The request in a message, or what is wrong with it. */
export function readRequest(message: unknown): SupervisorRequest | TypeError {
  const { kind, id, env } = (message ?? {}) as Record<string, unknown>;
  switch (kind) {
    case "children":
      return { kind };
    case "startChild":
      if (env === undefined || isRecord(env)) return message as StartChildRequest;
      return new TypeError(
        `Cannot start a child on request: got an env that is ${showType(env)}, expected an object`,
      );
    case "stopChild":
      if (typeof id === "string") return { kind, id };
      return new TypeError(
        `Cannot stop a child: got an id that is ${showType(id)}, expected a text`,
      );
    default:
      return new TypeError(
        `Cannot answer: got a request of ${showKind(kind)}, ` +
          `expected kind "startChild", "stopChild" or "children"`,
      );
  }
}

function isRecord(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function showType(value: unknown): string {
  return value === null ? "null" : Array.isArray(value) ? "a list" : `of type ${typeof value}`;
}

function showKind(kind: unknown): string {
  return typeof kind === "string" ? `kind ${JSON.stringify(kind)}` : `no kind that is a string`;
}

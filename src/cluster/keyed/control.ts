/**
 * What the nodes of a cluster tell each other about shards: requests to a process of each. They
 * come over the link after all that was sent before them, and so do their answers.
 *
 * @module
 */

import { CallFullError, type Node, type Pid } from "../../actor/mod.ts";
import type { StatePart } from "./states.ts";

/** Name of the process that takes them. */
export const CONTROL = "troupe:keyed";

/** Between two attempts while a link has no credit, in milliseconds. */
const RETRY_MS = 20;

/** Shards of one name, each with the fence or revision of its owner. */
export interface Shards {
  readonly group: string;
  readonly shards: readonly number[];
  readonly revisions: readonly number[];
}

/** What one node asks of another. */
export type ControlRequest =
  /** Their owner takes no more: whoever sends to them is to wait. Answered when it does. */
  | { readonly kind: "moving" } & Shards
  /** Does it take messages for them? Answered with those that it does. */
  | { readonly kind: "ready" } & Shards
  /** A part of what a process has left. */
  | { readonly kind: "state" } & StatePart;

/** Who acts on them. */
export interface ControlHost {
  moving(shards: Shards): void;
  ready(shards: Shards): Promise<readonly number[]>;
  state(part: StatePart): void;
}

/** Starts the process. */
export function spawnControl(node: Node, host: ControlHost): Pid {
  return node.spawn(async (self) => {
    for await (const { message, reply } of self) {
      const request = message as ControlRequest;
      if (reply === undefined || !isRequest(request)) continue;
      if (request.kind === "moving") {
        host.moving(request);
        reply(true);
      } else if (request.kind === "ready") {
        // Others are not kept waiting.
        void host.ready(request).then((ready) => reply([...ready]));
      } else {
        host.state(request);
        reply(true);
      }
    }
  }, { name: CONTROL });
}

/** Makes a request to a node, once there is room for it; rejects as a call does. */
export async function askNode(
  node: Node,
  peer: string,
  request: ControlRequest,
  timeoutMs: number,
): Promise<unknown> {
  const untilMs = performance.now() + timeoutMs;
  for (;;) {
    try {
      const leftMs = Math.max(1, Math.ceil(untilMs - performance.now()));
      return await node.call({ name: CONTROL, node: peer }, request, { timeoutMs: leftMs });
    } catch (error) {
      if (!(error instanceof CallFullError) || performance.now() > untilMs) throw error;
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}

function isRequest(value: unknown): value is ControlRequest {
  const { kind, group, shards, revisions, shard, fence, key, part, bytes } =
    (value ?? {}) as Record<string, unknown>;
  if (typeof group !== "string") return false;
  if (kind === "state") {
    return [shard, fence, part].every(Number.isSafeInteger) && typeof key === "string" &&
      bytes instanceof Uint8Array;
  }
  const isKnown = kind === "moving" || kind === "ready";
  return isKnown && isNumbers(shards) && isNumbers(revisions) &&
    shards.length === revisions.length;
}

function isNumbers(value: unknown): value is number[] {
  return Array.isArray(value) && value.every(Number.isSafeInteger);
}

/**
 * Tells a receiver of connections and rooms, and asks it who may connect.
 *
 * @module
 */

import { circuitBreaker, ConsecutiveBreaker, handleAll } from "cockatiel";
import * as z from "zod";
import { isDown, type Node, type ProcessFunction } from "../actor/mod.ts";
import { getLogger } from "../telemetry/mod.ts";
import { redactUrl } from "../text/mod.ts";
import { type Clock, SYSTEM_CLOCK } from "../time/mod.ts";
import {
  type Accept,
  type AcceptAnswer,
  isConnect,
  isDisconnect,
  refuse,
} from "../websocket/mod.ts";
import { OccupiedRooms } from "./occupied_rooms.ts";
import { WEBHOOK_LIMITS, type WebhookEvent, type WebhookOptions } from "./options.ts";
import { type Outcome, WebhookOutbox } from "./outbox.ts";
import { createPost, type Post } from "./post.ts";

const log = getLogger(["troupe", "webhooks"]);

/** Name of the process that is told of rooms. */
export const WEBHOOKS_PROCESS = "troupe.webhooks";

/** What a receiver may answer to `connect`. */
const answerSchema = z.union([
  z.strictObject({
    refuse: z.strictObject({
      status: z.int().min(400).max(599),
      text: z.string().max(1_024).default("refused"),
    }),
  }),
  z.strictObject({
    attributes: z.record(z.string(), z.unknown()).optional(),
    target: z.string().min(1).optional(),
  }),
]);

/** Webhooks of a server; disposing drops what waits. */
export interface Webhooks extends Disposable {
  /** Asks the receiver about handshakes of an endpoint; absent if it is not to be asked. */
  accept(endpoint: string): Accept | undefined;
  /** The process that is told of rooms. */
  readonly run: ProcessFunction;
  /** Tells of connections that end on a node, until the returned function is called. */
  watch(node: Node): () => void;
  /** Waits until the receiver has all of them, at most so long. */
  flush(timeoutMs: number): Promise<void>;
}

/** What webhooks are made of besides their options. */
export interface WebhookParts {
  /** Hears of what became of each. */
  readonly tell: (event: string, outcome: string) => void;
  readonly clock?: Clock;
  readonly post?: Post;
}

/**
 * Makes webhooks.
 *
 * @throws {TypeError} If the URL or the secret cannot be used.
 */
export function createWebhooks(options: WebhookOptions, parts: WebhookParts): Webhooks {
  return new ConfiguredWebhooks(options, parts);
}

/** What is told of a connection that ends. */
interface Known {
  readonly path: string;
  readonly remoteAddr: string;
  readonly user: string | null;
}

class ConfiguredWebhooks implements Webhooks {
  readonly #options: WebhookOptions;
  readonly #post: Post;
  readonly #outbox: WebhookOutbox;
  readonly #tell: (event: string, outcome: string) => void;
  readonly #breaker = circuitBreaker(handleAll, {
    halfOpenAfter: WEBHOOK_LIMITS.breakMs,
    breaker: new ConsecutiveBreaker(WEBHOOK_LIMITS.breakAfter),
  });

  constructor(options: WebhookOptions, { tell, clock = SYSTEM_CLOCK, post }: WebhookParts) {
    this.#options = options;
    this.#tell = tell;
    this.#post = post ?? createPost(options);
    const outcome: Outcome = tell;
    this.#outbox = new WebhookOutbox(this.#post, options, clock, outcome);
  }

  flush(timeoutMs: number): Promise<void> {
    return this.#outbox.flush(timeoutMs);
  }

  accept(endpoint: string): Accept | undefined {
    if (!this.#has("connect")) return undefined;
    return async ({ request, remoteAddr, params }) => {
      const { pathname } = new URL(request.url);
      const data = {
        endpoint,
        path: pathname,
        url: redactUrl(request.url),
        params,
        remoteAddr,
        origin: request.headers.get("origin"),
        userAgent: request.headers.get("user-agent"),
      };
      const { id, payload } = envelope("connect", data);
      try {
        const { text } = await this.#breaker.execute(() => this.#post(id, payload));
        return this.#judge(text);
      } catch (error) {
        return this.#failed(error);
      }
    };
  }

  readonly run: ProcessFunction = async (self) => {
    const rooms = new OccupiedRooms();
    const tell = (kind: "occupied" | "vacated", room: string) => {
      if (this.#has(kind)) this.#push(kind, `room ${room}`, { room, node: self.node });
    };
    for await (const envelope of self) {
      const { message, from } = envelope;
      if (isDown(envelope)) {
        for (const room of rooms.end(envelope.message.target)) tell("vacated", room);
        continue;
      }
      const { kind, room } = (message ?? {}) as { kind?: unknown; room?: unknown };
      if ((kind !== "occupied" && kind !== "vacated") || typeof room !== "string") continue;
      // Who ends says nothing of its rooms.
      if (!rooms.knows(from)) self.monitor(from);
      if (rooms.note(kind, room, from)) tell(kind, room);
    }
  };

  watch(node: Node): () => void {
    if (!this.#has("disconnect")) return () => {};
    const known = new Map<string, Known>();
    return node.observer.tap((_, { from, message }) => {
      if (isConnect(message)) {
        const { url, remoteAddr, user = null } = message;
        known.set(from, { path: URL.parse(url)?.pathname ?? "", remoteAddr, user });
      } else if (isDisconnect(message) && message.id === from) {
        const { id, code, reason } = message;
        const data = { connection: id, node: node.name, ...known.get(id), code, reason };
        known.delete(id);
        this.#push("disconnect", id, data);
      }
    });
  }

  [Symbol.dispose](): void {
    this.#outbox[Symbol.dispose]();
  }

  #has(event: WebhookEvent): boolean {
    return this.#options.events.includes(event);
  }

  #push(event: WebhookEvent, subject: string, data: unknown): void {
    const { id, payload } = envelope(event, data);
    this.#outbox.push(event, subject, id, payload);
  }

  /** @throws {Error} If the answer is none. */
  #judge(text: string): AcceptAnswer {
    const answer = answerSchema.safeParse(text.trim() === "" ? {} : JSON.parse(text));
    if (!answer.success) throw new Error("the answer is not one of those expected");
    if ("refuse" in answer.data) {
      this.#tell("connect", "refused");
      const { status, text } = answer.data.refuse;
      return refuse(status, text);
    }
    this.#tell("connect", "accepted");
    const { attributes, target } = answer.data;
    return { ...attributes && { attributes }, ...target !== undefined && { target } };
  }

  #failed(error: unknown): AcceptAnswer {
    const { onFailure } = this.#options;
    this.#tell("connect", `failed_${onFailure}`);
    log.warn("The receiver of webhooks did not answer about a handshake ({onFailure}): {error}", {
      onFailure,
      error,
    });
    if (onFailure === "allow") return undefined;
    return refuse(503, "Cannot upgrade: nobody can say whether this is welcome", {
      "retry-after": "5",
    });
  }
}

/** An event as it is sent; the id stays the same when it is sent again. */
function envelope(type: WebhookEvent, data: unknown): { id: string; payload: string } {
  const id = `msg_${crypto.randomUUID()}`;
  return { id, payload: JSON.stringify({ type, timestamp: new Date().toISOString(), data }) };
}

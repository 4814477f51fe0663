/**
 * The API without HTTP: asks this node and the others, and puts the answers together.
 *
 * @module
 */

import { CallError, isDown, isExit, type ProcessFunction } from "../actor/mod.ts";
import { getLogger } from "../telemetry/mod.ts";
import type { Clock } from "../time/mod.ts";
import { answerQuestion } from "./answers.ts";
import { API_PROCESS, type ApiHost } from "./host.ts";
import { LogLevels } from "./log_levels.ts";
import { createTapper, type TapOrder, Taps } from "./tap.ts";
import type { Question } from "./questions.ts";

const log = getLogger(["troupe", "api"]);

/** Time that another node has to answer, in milliseconds. */
const NODE_TIMEOUT_MS = 5_000;

/** What the nodes answered, and who did not. */
export interface Gathered<T> {
  readonly answers: readonly T[];
  /** Nodes that did not answer. */
  readonly missing: readonly string[];
}

/** What routes work on. */
export class Api implements Disposable {
  readonly levels: LogLevels;
  readonly taps: Taps;

  constructor(readonly host: ApiHost, clock: Clock) {
    this.levels = new LogLevels(host.logs, clock);
    this.taps = new Taps(host);
  }

  [Symbol.dispose](): void {
    this.taps[Symbol.dispose]();
    this.levels[Symbol.dispose]();
  }

  /** Names of all nodes, this one first. */
  get nodes(): readonly string[] {
    return [this.host.node.name, ...this.host.peers?.() ?? []];
  }

  /** Asks every node, or one, the same question. */
  async ask<T>(question: Question, nodes: readonly string[] = this.nodes): Promise<Gathered<T>> {
    const settled = await Promise.allSettled(nodes.map((node) => this.#askNode(node, question)));
    const missing = nodes.filter((_, index) => settled[index]!.status === "rejected");
    for (const [index, each] of settled.entries()) {
      if (each.status === "fulfilled") continue;
      const { reason } = each;
      // An error of this node's own is one of the program; others may have gone.
      if (nodes[index] === this.host.node.name && !(reason instanceof CallError)) throw reason;
      log.warn("Node {node} did not answer: {error}", { node: nodes[index], error: reason });
    }
    const answers = settled.flatMap((each) => each.status === "fulfilled" ? [each.value as T] : []);
    return { answers, missing };
  }

  /** Answers a question about this node. */
  async answer(question: Question): Promise<unknown> {
    if (question.kind !== "logLevel") return await answerQuestion(this.host, question);
    const { logger, level, forMs } = question;
    return this.levels.set(logger, level, forMs) ?? null;
  }

  #askNode(node: string, question: Question): Promise<unknown> {
    if (node === this.host.node.name) return this.answer(question);
    const target = { name: API_PROCESS, node };
    return this.host.node.call(target, question, { timeoutMs: NODE_TIMEOUT_MS });
  }
}

/** The process that answers what the API of another node asks about this one. */
export function createApiProcess(api: Api): ProcessFunction {
  const { host } = api;
  return async (self) => {
    for await (const envelope of self) {
      if (isDown(envelope) || isExit(envelope)) continue;
      const { message, reply, from } = envelope;
      const order = message as Question | TapOrder;
      if (order.kind === "tap") {
        host.node.spawn(createTapper(host, order));
        continue;
      }
      // Answered in its own time: a question that takes long keeps no other one waiting.
      api.answer(order).then(
        (answer) => reply?.(answer),
        (error) => {
          log.warn("A question of {from} was not answered: {error}", { from, error });
          reply?.(error);
        },
      );
    }
  };
}

/**
 * Questions to the processes that have a space of subjects open on other nodes.
 *
 * @module
 */

import { CallTerminatedError, CallUnknownError, IncompleteAnswerError } from "../errors.ts";

/** What several nodes answered. */
export interface NodeAnswers<T> {
  readonly answers: readonly T[];
  /** Why a node did not answer, by its name. */
  readonly missing: ReadonlyMap<string, unknown>;
}

/**
 * Asks each of several nodes. Where the process has ended by now there is nothing to be asked:
 * such a node is not missing.
 */
export async function askNodes<T>(
  nodes: readonly string[],
  ask: (node: string) => Promise<T>,
): Promise<NodeAnswers<T>> {
  const settled = await Promise.allSettled(nodes.map(ask));
  const answers: T[] = [];
  const missing = new Map<string, unknown>();
  for (const [index, each] of settled.entries()) {
    if (each.status === "fulfilled") answers.push(each.value);
    else if (!isGone(each.reason)) missing.set(nodes[index]!, each.reason);
  }
  return { answers, missing };
}

/**
 * Gives an answer that needs all nodes.
 *
 * @throws {IncompleteAnswerError} If some did not answer.
 */
export function assertComplete<T>(answer: T, { missing }: NodeAnswers<unknown>): T {
  if (missing.size === 0) return answer;
  const [cause] = missing.values();
  throw new IncompleteAnswerError([...missing.keys()], answer, { cause });
}

function isGone(error: unknown): boolean {
  return error instanceof CallUnknownError || error instanceof CallTerminatedError;
}

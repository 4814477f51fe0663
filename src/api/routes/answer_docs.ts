/**
 * Answers that several routes have, and what calls and sends lead to.
 *
 * @module
 */

import * as z from "zod";
import { CallError, type CallErrorCode, type SendResult } from "../../actor/mod.ts";
import { type Answer, type AnswerDoc, ApiError } from "../route.ts";

/** Statuses of the results of a send. */
export const SEND_STATUS: Readonly<Record<SendResult, number>> = Object.freeze({
  accepted: 202,
  unknown: 404,
  terminated: 410,
  full: 429,
  unreachable: 503,
});

/** What a result means. */
const RESULT_TEXTS: Readonly<Record<SendResult, string>> = Object.freeze({
  accepted: "It was accepted.",
  unknown: "There is nobody of that address or name.",
  terminated: "It has ended.",
  full: "Its mailbox is full.",
  unreachable: "Its node cannot be reached.",
});

const CALL_STATUS: Readonly<Record<CallErrorCode, number>> = Object.freeze({
  unknown: 404,
  terminated: 410,
  full: 429,
  unreachable: 503,
  timeout: 504,
  handler_error: 502,
});

const sendResult = z.object({ result: z.literal("accepted") }).meta({ id: "Accepted" });

/** Documents the answers of a send. */
export const SEND_ANSWERS: Readonly<Record<number, AnswerDoc>> = Object.freeze({
  202: { description: RESULT_TEXTS.accepted, schema: sendResult },
  404: { description: RESULT_TEXTS.unknown },
  410: { description: RESULT_TEXTS.terminated },
  429: { description: RESULT_TEXTS.full },
  503: { description: RESULT_TEXTS.unreachable },
});

/** Answers with the result of a send. */
export function answerSend(result: SendResult): Answer {
  if (result === "accepted") return { status: SEND_STATUS.accepted, body: { result } };
  throw new ApiError(SEND_STATUS[result], RESULT_TEXTS[result], { result });
}

/** An error of a call or of a check as one that is answered; others are thrown again. */
export function toApiError(error: unknown): ApiError {
  if (error instanceof CallError) {
    const { code, message, cause } = error;
    const detail = code === "handler_error" && cause instanceof Error ? cause.message : message;
    return new ApiError(CALL_STATUS[code], detail, { result: code });
  }
  // The actor, or the check of plain data, refuses the message.
  if (error instanceof TypeError || error instanceof RangeError) {
    return new ApiError(422, error.message, { errors: [{ path: "", message: error.message }] });
  }
  throw error;
}

/** Who did not answer, where somebody should have. */
export const missingNodes = z.array(z.string()).meta({
  description: "Nodes that did not answer in time.",
});

/** What came of a publication. */
export const published = z.object({
  nodes: z.int().meta({ description: "Nodes that took it: those with somebody to take it." }),
  connections: z.int().meta({ description: "Connections that accepted it." }),
  missing: missingNodes,
}).meta({ id: "Published" });

/**
 * What the application says of a handshake, asked under guard.
 *
 * @module
 */

import { getLogger } from "../../telemetry/mod.ts";
import { type Clock, inTime, LATE } from "../../time/mod.ts";
import type { Accept, AcceptAnswer, AcceptRequest, OriginCheck } from "../options.ts";
import { readAnswer, refuse, type Welcome } from "./accept.ts";
import type { Handshake, Refusal } from "./handshake.ts";

const log = getLogger(["troupe", "websocket"]);

/** Something that the application decides. */
export interface Hook {
  /** As errors name it. */
  readonly subject: string;
  /** Its refusals in the metrics. */
  readonly cause: string;
  readonly accept: Accept;
}

/** What is asked of an application that has these; nothing if it has none. */
export function hooksOf(
  { checkOrigin, accept }: {
    readonly checkOrigin: OriginCheck | undefined;
    readonly accept: Accept | undefined;
  },
): readonly Hook[] {
  const hooks: Hook[] = [];
  if (checkOrigin !== undefined) {
    const check = toAccept(checkOrigin);
    hooks.push({ subject: "the origin check", cause: "origin", accept: check });
  }
  if (accept !== undefined) hooks.push({ subject: "accept", cause: "accept", accept });
  return hooks;
}

/** The seed's way to decide, as one of today. */
function toAccept(check: OriginCheck): Accept {
  return ({ request }) => {
    const answer: unknown = check(request);
    return isPromise(answer) ? answer.then(judge) : judge(answer);

    function judge(isWelcome: unknown): AcceptAnswer {
      if (isWelcome === true) return undefined;
      const origin = JSON.stringify(request.headers.get("origin"));
      return refuse(403, `Cannot upgrade: the origin ${origin} is not allowed`);
    }
  };
}

/** How long an application may take, and where that is told. */
export interface AskOptions {
  readonly endpoint: string;
  readonly timeoutMs: number;
  readonly clock: Clock;
}

/**
 * Asks hook after hook until one refuses; what they give is put together, the later one
 * wins. What one throws, or gives that is no answer, is logged and refused with 500; what
 * is not there `timeoutMs` milliseconds later with 408, and the signal is aborted. A
 * promise only if one gives one.
 */
export function askApplication(
  hooks: readonly Hook[],
  handshake: Handshake,
  { remoteAddr, params }: Pick<AcceptRequest, "remoteAddr" | "params">,
  options: AskOptions,
): Welcome | Refusal | Promise<Welcome | Refusal> {
  const { timeoutMs, clock } = options;
  const abort = new AbortController();
  const asked = toAcceptRequest(handshake, remoteAddr, params, abort.signal);
  const untilMs = clock.now() + timeoutMs;
  const askFrom = (
    index: number,
    given: Welcome,
  ): Welcome | Refusal | Promise<Welcome | Refusal> => {
    const hook = hooks[index];
    if (hook === undefined) return given;
    const goOn = (answer: Welcome | Refusal) =>
      "status" in answer ? answer : askFrom(index + 1, together(given, answer));
    const answer = askHook(hook, asked, options, Math.max(0, untilMs - clock.now()));
    if (!(answer instanceof Promise)) return goOn(answer);
    return answer.then((later) => {
      if (later === LATE) {
        abort.abort(new DOMException("The handshake took too long", "TimeoutError"));
      }
      return goOn(later === LATE ? tookTooLong(hook, timeoutMs) : later);
    });
  };
  return askFrom(0, {});
}

function askHook(
  { subject, cause, accept }: Hook,
  asked: AcceptRequest,
  { endpoint, clock }: AskOptions,
  leftMs: number,
): Welcome | Refusal | Promise<Welcome | Refusal | typeof LATE> {
  const read = (answer: AcceptAnswer): Welcome | Refusal => {
    const given = readAnswer(answer);
    if (!("status" in given)) return given;
    logRefusal(given, endpoint, asked.remoteAddr);
    return { ...given, cause };
  };
  const fail = (error: unknown): Refusal => {
    log.error("A handshake to {endpoint} could not be judged: {subject} failed: {error}", {
      endpoint,
      subject,
      error,
    });
    return { status: 500, reason: `Cannot upgrade: ${subject} failed` };
  };
  try {
    const answer = accept(asked);
    if (!isPromise(answer)) return read(answer);
    return inTime(Promise.resolve(answer), leftMs, clock)
      .then((later) => later === LATE ? later : read(later)).catch(fail);
  } catch (error) {
    return fail(error);
  }
}

function logRefusal({ status, reason }: Refusal, endpoint: string, remoteAddr: string): void {
  log.info("A handshake of {remoteAddr} to {endpoint} was refused with {status}: {reason}", {
    remoteAddr,
    endpoint,
    status,
    reason,
  });
}

function tookTooLong({ subject }: Hook, timeoutMs: number): Refusal {
  return { status: 408, reason: `Cannot upgrade: ${subject} took over ${timeoutMs} ms` };
}

/** What two say of one handshake; where they differ, the later one is right. */
function together(one: Welcome, other: Welcome): Welcome {
  const { attributes, headers } = one;
  return {
    ...one,
    ...other,
    ...attributes && { attributes: { ...attributes, ...other.attributes } },
    ...headers && { headers: [...headers, ...other.headers ?? []] },
  };
}

/** Makes what costs something when it is asked for. */
function toAcceptRequest(
  handshake: Handshake,
  remoteAddr: string,
  params: AcceptRequest["params"],
  signal: AbortSignal,
): AcceptRequest {
  let request: Request | undefined;
  return {
    get request() {
      return request ??= handshake.toRequest();
    },
    remoteAddr,
    params,
    signal,
  };
}

/** One hook that asks two, for who has something to say beside the application. */
export function joinAccepts(first: Accept, second: Accept | undefined): Accept {
  if (second === undefined) return first;
  return (asked) => {
    const goOn = (answer: AcceptAnswer): AcceptAnswer | PromiseLike<AcceptAnswer> => {
      const given = readAnswer(answer);
      if ("status" in given) return answer;
      const next = second(asked);
      return isPromise(next) ? next.then((later) => join(given, later)) : join(given, next);
    };
    const answer = first(asked);
    return isPromise(answer) ? answer.then(goOn) : goOn(answer);
  };
}

function join(given: Welcome, answer: AcceptAnswer): AcceptAnswer {
  const next = readAnswer(answer);
  return "status" in next ? answer : together(given, next);
}

function isPromise<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === "function";
}

/**
 * What the application gives along with a `connect`, asked for under guard.
 *
 * @module
 */

import { assertPlainData } from "../../actor/mod.ts";
import { getLogger } from "../../telemetry/mod.ts";
import { showValue } from "../../text/mod.ts";
import { type Clock, inTime, LATE } from "../../time/mod.ts";
import type { Attributes, ConnectAttributes } from "../options.ts";
import type { Handshake, Refusal } from "./handshake.ts";

const log = getLogger(["troupe", "websocket"]);

/** What was given; the field is left out if it was nothing. */
export interface Described {
  readonly attributes?: Attributes;
}

/**
 * Asks the application about a handshake that passed every check. What it throws,
 * or gives that is no plain object, is logged and answered with 500; what is not
 * there `timeoutMs` milliseconds later with 408. A promise only if it gives one.
 */
export function describeHandshake(
  handshake: Handshake,
  describe: ConnectAttributes,
  timeoutMs: number,
  clock: Clock,
): Described | Refusal | Promise<Described | Refusal> {
  try {
    const given = describe(handshake.toRequest);
    return isPromise(given) ? describeLate(given, timeoutMs, clock) : described(given);
  } catch (error) {
    return failed(error);
  }
}

async function describeLate(
  pending: PromiseLike<Attributes | undefined>,
  timeoutMs: number,
  clock: Clock,
): Promise<Described | Refusal> {
  try {
    const given = await inTime(Promise.resolve(pending), timeoutMs, clock);
    if (given !== LATE) return described(given);
    return { status: 408, reason: "Cannot upgrade: its attributes were not there in time" };
  } catch (error) {
    return failed(error);
  }
}

function described(attributes: Attributes | undefined): Described {
  if (attributes === undefined) return {};
  if (typeof attributes !== "object" || attributes === null || Array.isArray(attributes)) {
    throw new TypeError(
      `Cannot give attributes: got ${showValue(attributes)}, expected an object or undefined`,
    );
  }
  assertPlainData(attributes, "give attributes");
  return { attributes };
}

function failed(error: unknown): Refusal {
  log.error("The attributes of a handshake could not be made: {error}", { error });
  return { status: 500, reason: "Cannot upgrade: its attributes could not be made" };
}

function isPromise<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === "function";
}

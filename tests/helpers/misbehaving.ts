/**
 * Processes that do what no process should.
 *
 * @module
 */

import type { Process, ProcessFunction, Target } from "../../src/actor/mod.ts";

/** Throws before its first `await`. */
export const throwsAtOnce: ProcessFunction = () => {
  throw new Error("thrown at once");
};

/** Throws what it is sent, while it handles it. */
export async function throwsOnMessage(self: Process): Promise<void> {
  for await (const { message } of self) throw new Error(String(message));
}

/** Waits for a promise that is rejected, while it handles its first message. */
export async function rejectsOnMessage(self: Process): Promise<void> {
  for await (const { message } of self) await rejectLater(message);
}

async function rejectLater(message: unknown): Promise<never> {
  await Promise.resolve();
  throw new Error(String(message));
}

/** Goes on when it is asked to stop: never reads, never returns. */
export const ignoresStop: ProcessFunction = () => new Promise(() => {});

/** Stops as asked, but throws on its way out. */
export async function throwsWhileStopping(self: Process): Promise<void> {
  for await (const _ of self);
  throw new Error("thrown while stopping");
}

/** Reads every request and answers none. */
export async function neverReplies(self: Process): Promise<void> {
  for await (const _ of self);
}

/** Sends `count` messages in one go, numbered from 0. */
export function floods(to: Target, count: number): ProcessFunction {
  // deno-lint-ignore require-await -- it is a process
  return async (self) => {
    for (let i = 0; i < count; i++) self.send(to, i);
  };
}

/** Things a process may throw to which no text can be had. */
export function hostileThrows(): unknown[] {
  const proxy = Proxy.revocable({}, {});
  proxy.revoke();
  const getter = Object.defineProperty(new Error(), "message", {
    get: () => {
      throw new Error("from the getter");
    },
  });
  return [undefined, null, Symbol("s"), Object.create(null), proxy.proxy, getter, () => {}];
}

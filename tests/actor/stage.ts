/**
 * What the tests of this room set up again and again.
 *
 * @module
 */

import {
  type Alias,
  createNode,
  type DownMessage,
  type MetaBehavior,
  type MetaOptions,
  type Node,
  type Pid,
  type Process,
  type ProcessFunction,
  type SpawnOptions,
} from "../../src/actor/mod.ts";
import { ManualClock, settle } from "../../src/testing/manual_clock.ts";

/** A node whose time stands still. */
export function createStage(name?: string): { node: Node; clock: ManualClock } {
  const clock = new ManualClock();
  return { node: createNode({ name, clock }), clock };
}

/** A process that keeps what it gets, and the messages it has got. */
export function createRecorder(): { run: ProcessFunction; messages: unknown[] } {
  const messages: unknown[] = [];
  const run = async (self: Process) => {
    for await (const { message } of self) messages.push(message);
  };
  return { run, messages };
}

/** A process that waits behind its first message until the gate is opened. */
export function createGated(): {
  run: ProcessFunction;
  messages: unknown[];
  open: () => void;
} {
  const messages: unknown[] = [];
  const gate = Promise.withResolvers<void>();
  const run = async (self: Process) => {
    for await (const { message } of self) {
      messages.push(message);
      await gate.promise;
    }
    messages.push("end of loop");
  };
  return { run, messages, open: gate.resolve };
}

/** Replies what it is asked, until it is stopped. */
export async function echo(self: Process): Promise<void> {
  for await (const { message, reply } of self) reply?.(message);
}

/** Does nothing until it is asked to stop. */
export async function idle(self: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of self);
}

/** Spawns a process and tells how it ended. */
export function watch(
  node: Node,
  run: ProcessFunction,
  options?: SpawnOptions,
): { pid: Promise<Pid>; down: Promise<DownMessage> } {
  const pid = Promise.withResolvers<Pid>();
  const down = new Promise<DownMessage>((resolve) => {
    node.spawn(async (self) => {
      const child = self.spawn(run, options);
      self.monitor(child);
      pid.resolve(child);
      for await (const { message } of self) return resolve(message as DownMessage);
    });
  });
  return { pid: pid.promise, down };
}

/** Runs a function as a process and gives back what it returned or threw. */
export function inProcess<T>(
  node: Node,
  run: (self: Process) => T | Promise<T>,
  options?: SpawnOptions,
): Promise<T> {
  const result = Promise.withResolvers<T>();
  node.spawn(async (self) => {
    try {
      result.resolve(await run(self));
    } catch (error) {
      result.reject(error);
    }
  }, options);
  return result.promise;
}

/** The next message of a process. */
export async function receive(self: Process): Promise<unknown> {
  const { value, done } = await self[Symbol.asyncIterator]().next();
  return done ? "end of mailbox" : value.message;
}

/** A process that is at work on message 1 and has 2 and 3 in its mailbox. */
export async function spawnBusy(node: Node) {
  const gated = createGated();
  const { pid, down } = watch(node, gated.run);
  const target = await pid;
  for (const message of [1, 2, 3]) node.send(target, message);
  await settle();
  return { ...gated, pid: target, down };
}

/** A meta-process on a parent of its own, and what its behaviour noted. */
export async function spawnMeta(
  node: Node,
  behavior: Partial<MetaBehavior>,
  options?: MetaOptions,
) {
  const noted: string[] = [];
  const { parent, alias } = await new Promise<{ parent: Pid; alias: Alias }>((resolve) => {
    node.spawn(async (self) => {
      const alias = self.spawnMeta({
        run: idle,
        terminate: (reason) => noted.push(`terminate ${reason}`),
        ...behavior,
      }, options);
      resolve({ parent: self.pid, alias });
      self.monitor(alias);
      for await (const { message } of self) {
        const { kind, reason } = message as { kind: string; reason: string };
        noted.push(`${kind} ${reason}`);
      }
    });
  });
  await settle();
  return { parent, alias, noted };
}

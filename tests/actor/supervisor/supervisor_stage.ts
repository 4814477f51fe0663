/**
 * Supervised children that a test orders about.
 *
 * @module
 */

import {
  type ChildInfo,
  type ChildSpec,
  createSupervisor,
  type Node,
  type Process,
  type ProcessFunction,
  type RestartPolicy,
  type SupervisorOptions,
} from "../../../src/actor/mod.ts";
import { settle } from "../../../src/testing/manual_clock.ts";

/** Notes its start and its end; throws or returns when it is told to. */
export function obedient(log: string[], id: string): ProcessFunction {
  return async (self: Process) => {
    log.push(`+${id}`);
    try {
      for await (const { message } of self) {
        if (message === "throw") throw new Error(`${id} was told to throw`);
        if (message === "return") return;
      }
    } finally {
      log.push(`-${id}`);
    }
  };
}

/** One obedient child for each id, registered under it. */
export function obedients(log: string[], ids: string[], restart?: RestartPolicy): ChildSpec[] {
  return ids.map((id) => ({ id, run: obedient(log, id), restart, options: { name: id } }));
}

/** A supervisor named `sup` whose children have started; the log is empty again. */
export async function supervise(node: Node, log: string[], options: SupervisorOptions) {
  const pid = node.spawn(createSupervisor(options), { name: "sup" });
  await settle();
  log.length = 0;
  return pid;
}

/** Orders a child to do something and takes what was noted because of it. */
export async function order(node: Node, log: string[], id: string, what: string) {
  node.send(id, what);
  await settle();
  return log.splice(0);
}

/** Phases of the children, by id. */
export async function phases(node: Node, supervisor = "sup"): Promise<string[]> {
  const children = await node.call(supervisor, { kind: "children" }) as ChildInfo[];
  return children.map(({ id, phase }) => `${id} ${phase}`);
}

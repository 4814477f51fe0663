/**
 * Stops a server in an orderly way, within a deadline.
 *
 * @module
 */

import type { Node } from "../actor/mod.ts";
import type { Cluster } from "../cluster/mod.ts";
import type { Listener } from "../http/mod.ts";
import { getLogger } from "../telemetry/mod.ts";
import { inTime, LATE } from "../time/mod.ts";
import type { Handler } from "../websocket/mod.ts";
import { planDrain } from "./drain_plan.ts";

const log = getLogger(["troupe", "server"]);

/** How long a drain may take. */
export interface DrainOptions {
  /** From saying "not ready" to refusing connections. Default: of the configuration. */
  readonly delayMs?: number;
  /** For closing everything after that. Default: of the configuration. */
  readonly timeoutMs?: number;
}

/** What a drain stops. */
export interface DrainParts {
  readonly node: Node;
  readonly handlers: readonly Handler[];
  readonly listener: Pick<Listener, "shutdown">;
  readonly cluster: Cluster | undefined;
}

async function step(what: string, timeoutMs: number, promise: Promise<unknown>): Promise<void> {
  try {
    if (await inTime(promise, timeoutMs) !== LATE) return;
    log.warn("Draining: {what} took longer than {timeoutMs} ms and was left", { what, timeoutMs });
  } catch (error) {
    log.error("Draining: {what} failed: {error}", { what, error });
  }
}

/**
 * Waits for the delay, refuses new connections and closes those that are open
 * with 1001 in batches, then leaves the cluster, stops the node, then the listener.
 *
 * Each step has its share of the time, processes also what connections have left of
 * theirs, and is left behind when that is over, so
 * the whole ends before `delayMs + timeoutMs` even if something hangs. The
 * listener comes last, because closing it cuts the connections off.
 */
export async function drainServer(
  parts: DrainParts,
  { delayMs, timeoutMs }: Required<DrainOptions>,
): Promise<void> {
  const { node, handlers, listener, cluster } = parts;
  const connections = handlers.reduce((sum, handler) => sum + handler.connections, 0);
  log.info("Draining {connections} connections", { connections, delayMs, timeoutMs });
  if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs));
  const plan = planDrain(timeoutMs);
  const startedMs = performance.now();
  const closing = handlers.map((handler) => handler.drain({ spreadMs: plan.spreadMs }));
  await step("closing connections", plan.closeMs, Promise.all(closing));
  // What closing left of its time, those may need who end programs.
  const sparedMs = Math.max(0, plan.closeMs - (performance.now() - startedMs));
  const stopUntilMs = performance.now() + plan.stopMs + sparedMs;
  if (cluster !== undefined) {
    const leaveMs = (stopUntilMs - performance.now()) / 2;
    await step("leaving the cluster", Math.max(0, Math.floor(leaveMs)), cluster.leave());
  }
  const stopMs = Math.max(0, Math.floor(stopUntilMs - performance.now()));
  await step("stopping processes", stopMs, node.stop({ timeoutMs: stopMs }));
  await step("closing the listener", plan.listenerMs, listener.shutdown(plan.graceMs));
  log.info("Stopped");
}

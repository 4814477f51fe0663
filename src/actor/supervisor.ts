/**
 * Supervisors: processes that start others and start them again.
 *
 * @module
 */

import { NodeStoppedError, RestartIntensityError } from "./errors.ts";
import type { Pid, Ref } from "./identities.ts";
import {
  stepSupervision,
  type SupervisionEffect,
  type SupervisionEvent,
  type SupervisionState,
} from "./supervision.ts";
import {
  type ChildInfo,
  type ResolvedChild,
  type ResolvedSupervisor,
  resolveSupervisor,
  type SupervisorOptions,
  type SupervisorRequest,
} from "./supervisor_options.ts";
import type { DownMessage, Envelope, ExitReason, Process, ProcessFunction } from "./types.ts";

/** What a supervisor sends itself when it is time to restart. */
interface WakeMessage {
  readonly kind: "wake";
  readonly dueMs: number;
}

/**
 * Creates the function of a supervisor; spawn it like any process.
 *
 * It starts its children in order, restarts them as strategy and policy say,
 * waits longer before each further restart of a period, and after more than
 * `intensity` restarts in `periodMs` stops all children and ends with `panic`,
 * which is how its own supervisor learns of it. However it ends, its children
 * end with it. Asked to stop, it stops them one after the other, in the reverse
 * of their order: spawn it with a `stopTimeoutMs` that covers theirs.
 *
 * @throws {TypeError} If ids repeat, a strategy, policy or function is none, or
 * a simple supervisor has not one template.
 * @throws {RangeError} If a limit is out of its range.
 *
 * @example
 * ```ts
 * import { createNode, createSupervisor } from "@troupe/troupe";
 *
 * await using node = createNode();
 * node.spawn(createSupervisor({
 *   children: [{
 *     id: "echo",
 *     options: { name: "echo" },
 *     run: async (self) => {
 *       for await (const { message, reply } of self) reply?.(message);
 *     },
 *   }],
 * }));
 * ```
 */
export function createSupervisor(options: SupervisorOptions): ProcessFunction {
  const resolved = resolveSupervisor(options);
  return async (self) => await new Supervisor(self, resolved).run();
}

class Supervisor {
  readonly #self: Process;
  readonly #specs: Map<string, ResolvedChild>;
  readonly #template: ResolvedChild | undefined;
  /** In the order of the first start; without a Pid while it does not run. */
  readonly #pids = new Map<string, Pid | undefined>();
  readonly #monitors = new Map<Ref, string>();
  #state: SupervisionState;
  #started = 0;
  #restartDueMs: number | undefined;

  constructor(self: Process, { strategy, limits, children }: ResolvedSupervisor) {
    this.#self = self;
    this.#template = strategy === "simple-one-for-one" ? children[0] : undefined;
    const specs = this.#template === undefined ? children : [];
    this.#specs = new Map(specs.map((spec) => [spec.id, spec]));
    this.#state = {
      strategy,
      limits,
      children: specs.map(({ id, restart }) => ({ id, restart, phase: "running" })),
      restartsMs: [],
    };
  }

  async run(): Promise<void> {
    try {
      for (const id of this.#specs.keys()) this.#startUnlessStopping(id);
      for await (const envelope of this.#self) {
        if (this.#self.signal.aborted) break;
        this.#handle(envelope);
      }
    } finally {
      await this.#stopAll();
    }
  }

  #handle({ message, reply }: Envelope): void {
    const known = message as DownMessage | WakeMessage | SupervisorRequest | undefined;
    if (known?.kind === "down") this.#childDown(known);
    else if (known?.kind !== "wake") this.#answer(known, reply);
    this.#restartIfDue(known?.kind === "wake" ? known.dueMs : undefined);
  }

  #childDown({ ref, reason }: DownMessage): void {
    const id = this.#monitors.get(ref);
    if (id === undefined) return;
    this.#monitors.delete(ref);
    this.#childEnded(id, reason);
  }

  #childEnded(id: string, reason: ExitReason): void {
    this.#pids.set(id, undefined);
    this.#step({ kind: "ended", id, reason, nowMs: this.#self.nowMs() });
    if (this.#state.children.some((child) => child.id === id)) return;
    this.#pids.delete(id);
    this.#specs.delete(id);
  }

  #step(event: SupervisionEvent): void {
    const [state, effects] = stepSupervision(this.#state, event);
    this.#state = state;
    const unstarted: string[] = [];
    for (const effect of effects) {
      if (effect.kind !== "start") this.#perform(effect);
      else if (!this.#restart(effect.id)) unstarted.push(effect.id);
    }
    // Not before those started with them run, and so can be stopped again.
    for (const id of unstarted) this.#childEnded(id, "panic");
  }

  #perform(effect: Exclude<SupervisionEffect, { kind: "start" }>): void {
    switch (effect.kind) {
      case "stop": {
        const pid = this.#pids.get(effect.id);
        if (pid !== undefined) void this.#self.exit(pid);
        return;
      }
      case "restartAfter":
        return this.#restartAfter(effect.delayMs);
      case "giveUp": {
        const { intensity, periodMs } = this.#state.limits;
        throw new RestartIntensityError(effect.id, intensity, periodMs);
      }
    }
  }

  #restartAfter(delayMs: number): void {
    const nowMs = this.#self.nowMs();
    const dueMs = Math.max(nowMs + delayMs, this.#restartDueMs ?? 0);
    this.#restartDueMs = dueMs;
    if (dueMs <= nowMs) return this.#restartIfDue();
    const wake: WakeMessage = { kind: "wake", dueMs };
    this.#self.sendAfter(this.#self.pid, wake, dueMs - nowMs);
  }

  /** With each message, since a full mailbox refuses the one that should wake it. */
  #restartIfDue(wokenForMs?: number): void {
    const dueMs = this.#restartDueMs;
    if (dueMs === undefined || (wokenForMs !== dueMs && this.#self.nowMs() < dueMs)) return;
    this.#restartDueMs = undefined;
    this.#step({ kind: "restart" });
  }

  /** False if the start fails, as when its name has been taken: one more end of the child. */
  #restart(id: string): boolean {
    this.#self.telemetry.restarted(this.#template?.id ?? id);
    try {
      this.#startUnlessStopping(id);
      return true;
    } catch (error) {
      this.#self.log.error("Child {id} could not be started again: {error}", { id, error });
      return false;
    }
  }

  #startUnlessStopping(id: string): void {
    if (this.#self.signal.aborted) return;
    try {
      this.#start(id);
    } catch (error) {
      // Nobody restarts on a node that stops; its other children may go on.
      if (!(error instanceof NodeStoppedError)) throw error;
    }
  }

  #start(id: string): Pid {
    const { run, options } = this.#specs.get(id)!;
    const pid = this.#self.spawn(run, { ...options, linkParent: true });
    this.#pids.set(id, pid);
    this.#monitors.set(this.#self.monitor(pid), id);
    return pid;
  }

  #answer(request: SupervisorRequest | undefined, reply: Envelope["reply"]): void {
    switch (request?.kind) {
      case "startChild":
        reply?.(this.#startDynamic(request));
        return;
      case "stopChild":
        return this.#stopForGood(request.id, reply);
      case "children":
        reply?.(this.#listChildren());
        return;
      default:
        reply?.(
          new TypeError(
            `Cannot answer: got a request of ${showKind(request)}, ` +
              `expected kind "startChild", "stopChild" or "children"`,
          ),
        );
    }
  }

  #listChildren(): ChildInfo[] {
    return this.#state.children.map(({ id, phase }) => {
      return { id, pid: this.#pids.get(id) ?? "", phase };
    });
  }

  #startDynamic({ name, env }: Extract<SupervisorRequest, { kind: "startChild" }>): unknown {
    const template = this.#template;
    if (template === undefined) {
      return new TypeError(
        `Cannot start a child on request: the strategy is ${this.#state.strategy}, expected simple-one-for-one`,
      );
    }
    const id = `${template.id}_${++this.#started}`;
    const options = {
      ...template.options,
      name: name ?? template.options?.name,
      env: { ...template.options?.env, ...env },
    };
    this.#specs.set(id, { ...template, id, options });
    try {
      const pid = this.#start(id);
      this.#step({ kind: "added", id, restart: template.restart });
      return pid;
    } catch (error) {
      this.#specs.delete(id);
      return error;
    }
  }

  /** Others are looked after while the child takes its time. */
  #stopForGood(id: string, reply: Envelope["reply"]): void {
    if (!this.#specs.delete(id)) return void reply?.(false);
    const pid = this.#pids.get(id);
    if (pid === undefined) {
      this.#pids.delete(id);
      reply?.(true);
    } else void this.#self.exit(pid).then(() => reply?.(true));
    this.#step({ kind: "removed", id });
  }

  async #stopAll(): Promise<void> {
    for (const pid of [...this.#pids.values()].reverse()) {
      if (pid !== undefined) await this.#self.exit(pid);
    }
  }
}

function showKind(request: unknown): string {
  const kind = (request as { kind?: unknown } | undefined)?.kind;
  return typeof kind === "string" ? `kind ${JSON.stringify(kind)}` : `no kind that is a string`;
}

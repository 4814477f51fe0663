/**
 * Supervisors: processes that start others and start them again.
 *
 * @module
 */

import type { DownMessage, Envelope, ExitReason } from "../envelope.ts";
import { NodeStoppedError, RestartIntensityError } from "../errors.ts";
import type { Pid, Ref } from "../identities.ts";
import { isDown } from "../system_messages.ts";
import type { Process, ProcessFunction } from "../types.ts";
import { Children } from "./children.ts";
import {
  type ChildInfo,
  type ResolvedChild,
  type ResolvedSupervisor,
  resolveSupervisor,
  type SupervisorOptions,
} from "./options.ts";
import { readRequest, type StartChildRequest } from "./request.ts";
import type { SupervisionEffect, SupervisionEvent } from "./supervision.ts";

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
 * of their order, or all at once if `stopTogether` says so: spawn it with a
 * `stopTimeoutMs` that covers theirs. What it was sent and cannot do is logged,
 * and counted as `refused` by `inspect`.
 *
 * @throws {TypeError} If ids repeat, a strategy or policy is not one of those
 * there are, a function is missing, or
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
  readonly #options: ResolvedSupervisor;
  readonly #children: Children;
  #started = 0;
  #refused = 0;
  #restartDueMs: number | undefined;

  constructor(self: Process, options: ResolvedSupervisor) {
    this.#self = self;
    this.#options = options;
    const { strategy, children } = options;
    this.#template = strategy === "simple-one-for-one" ? children[0] : undefined;
    const specs = this.#template === undefined ? children : [];
    this.#specs = new Map(specs.map((spec) => [spec.id, spec]));
    this.#children = new Children(options);
    self.onInspect(() => ({ children: this.#children.size, refused: this.#refused }));
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

  #handle(envelope: Envelope): void {
    if (isDown(envelope)) return this.#childDown(envelope.message);
    const { message, from } = envelope;
    const { kind, dueMs } = (message ?? {}) as Partial<WakeMessage>;
    if (kind === "wake" && from === this.#self.pid) this.#restartIfDue(dueMs!);
    else this.#answer(envelope);
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
    if (this.#children.has(id)) return;
    this.#pids.delete(id);
    this.#specs.delete(id);
  }

  #step(event: SupervisionEvent): void {
    const unstarted: string[] = [];
    for (const effect of this.#children.step(event)) {
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
        const { intensity, periodMs } = this.#options.limits;
        throw new RestartIntensityError(effect.id, intensity, periodMs);
      }
    }
  }

  #restartAfter(delayMs: number): void {
    const nowMs = this.#self.nowMs();
    const dueMs = Math.max(nowMs + delayMs, this.#restartDueMs ?? 0);
    this.#restartDueMs = dueMs;
    if (dueMs <= nowMs) return this.#restartIfDue(dueMs);
    const wake: WakeMessage = { kind: "wake", dueMs };
    this.#self.sendAfter(this.#self.pid, wake, dueMs - nowMs);
  }

  /** A later failure may have put it off since. */
  #restartIfDue(wokenForMs: number): void {
    if (wokenForMs !== this.#restartDueMs) return;
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

  #answer(envelope: Envelope): void {
    const request = readRequest(envelope.message);
    if (request instanceof Error) return this.#refuse(request, envelope);
    switch (request.kind) {
      case "startChild": {
        const started = this.#startDynamic(request);
        if (typeof started === "string") envelope.reply?.(started);
        else this.#refuse(started, envelope);
        return;
      }
      case "stopChild":
        return this.#stopForGood(request.id, envelope);
      case "children":
        return void envelope.reply?.(this.#listChildren());
    }
  }

  /** Somebody hears of it in any case: who called, or who reads the log. */
  #refuse(error: unknown, { from, reply }: Envelope): void {
    this.#refused++;
    if (reply === undefined) {
      this.#self.log.warn("A message from {from} was refused: {error}", { from, error });
    } else reply(error);
  }

  #listChildren(): ChildInfo[] {
    return Array.from(this.#children.all(), ({ id, phase }) => {
      return { id, pid: this.#pids.get(id) ?? "", phase };
    });
  }

  /** The Pid of a new child, or what keeps it from being started. */
  #startDynamic({ name, env }: StartChildRequest): Pid | Error {
    const template = this.#template;
    if (template === undefined) {
      const { strategy } = this.#options;
      const text = `the strategy is ${strategy}, expected simple-one-for-one`;
      return new TypeError(`Cannot start a child on request: ${text}`);
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
      return error as Error;
    }
  }

  /** Others are looked after while the child takes its time. */
  #stopForGood(id: string, envelope: Envelope): void {
    const { reply } = envelope;
    if (!this.#specs.delete(id)) {
      if (reply === undefined) {
        const text = `Cannot stop a child: got the id ${JSON.stringify(id)}, which none has`;
        this.#refuse(new TypeError(text), envelope);
      } else reply(false);
      return;
    }
    const pid = this.#pids.get(id);
    if (pid === undefined) {
      this.#pids.delete(id);
      reply?.(true);
    } else void this.#self.exit(pid).then(() => reply?.(true));
    this.#step({ kind: "removed", id });
  }

  async #stopAll(): Promise<void> {
    const pids = [...this.#pids.values()].reverse().filter((pid) => pid !== undefined);
    if (this.#options.stopTogether) {
      await Promise.all(pids.map((pid) => this.#self.exit(pid)));
    } else {
      for (const pid of pids) await this.#self.exit(pid);
    }
  }
}

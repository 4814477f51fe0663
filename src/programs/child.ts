/**
 * One operating-system process with its group, from start to end.
 *
 * @module
 */

import process from "node:process";
import { type Clock, SYSTEM_CLOCK, type Timer } from "../time/mod.ts";
import { escapeControls } from "../text/mod.ts";
import { ProgramStartError } from "./errors.ts";
import { type LifeEffect, type LifeEvent, type LifeState, STARTED, stepLife } from "./life.ts";

/** How often a group is looked at whose program has ended, in milliseconds. */
const LOOK_MS = 20;

/** How to start a program. */
export interface ChildOptions {
  /** The executable and its arguments; no shell reads them. */
  readonly command: readonly string[];
  /** Absolute path. */
  readonly cwd?: string | undefined;
  /** All that it gets as its environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Default: the clock of the machine. */
  readonly clock?: Clock | undefined;
}

/** How a program has ended. */
export type ChildEnd = Pick<Deno.CommandStatus, "code" | "signal">;

/** Groups that are there; they end with this process, however it exits. */
const groups = new Set<number>();

function killAll(): void {
  for (const pid of groups) signalGroup(pid, "SIGKILL");
}

/** Whether systems of this kind have process groups. */
const HAS_GROUPS = Deno.build.os !== "windows";

/** Signals a whole group, 0 only asks; false if there is nobody in it. */
function signalGroup(pid: number, signal: "SIGTERM" | "SIGKILL" | 0): boolean {
  try {
    process.kill(HAS_GROUPS ? -pid : pid, signal);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
    // Of somebody else by now, as what runs with the rights of another user.
    return true;
  }
}

function spawn({ command, cwd, env }: ChildOptions): Deno.ChildProcess {
  const [program = "", ...args] = command;
  try {
    return new Deno.Command(program, {
      args,
      cwd,
      env: { ...env },
      clearEnv: true,
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
      detached: HAS_GROUPS,
    }).spawn();
  } catch (cause) {
    throw new ProgramStartError(program, escapeControls((cause as Error).message), { cause });
  }
}

/** A running program. */
export class Child {
  /** Resolves when it has ended, and all of its group, or those were killed. */
  readonly ended: Promise<ChildEnd>;
  readonly #process: Deno.ChildProcess;
  readonly #clock: Clock;
  #state: LifeState = STARTED;
  #end: ChildEnd = { code: 1, signal: null };
  #timer: Timer | undefined;
  #look: Timer | undefined;
  #resolve!: (end: ChildEnd) => void;

  /** @throws {ProgramStartError} If the system does not start it. */
  constructor(options: ChildOptions) {
    this.#clock = options.clock ?? SYSTEM_CLOCK;
    this.#process = spawn(options);
    this.ended = new Promise((resolve) => this.#resolve = resolve);
    if (groups.size === 0) globalThis.addEventListener("unload", killAll);
    groups.add(this.pid);
    this.#process.status.then(({ code, signal }) => {
      this.#end = { code, signal };
      this.#exited();
    });
  }

  /** Number that the system knows it by. */
  get pid(): number {
    return this.#process.pid;
  }

  /** Where its messages go. */
  get stdin(): WritableStream<Uint8Array> {
    return this.#process.stdin;
  }

  /** What it writes. */
  get stdout(): ReadableStream<Uint8Array> {
    return this.#process.stdout;
  }

  /** What it has to say about itself. */
  get stderr(): ReadableStream<Uint8Array> {
    return this.#process.stderr;
  }

  /** How far it is. */
  get phase(): LifeState["phase"] {
    return this.#state.phase;
  }

  /** Gives it time to end; whoever calls closes its standard input. */
  stop(): void {
    this.#step("stop");
  }

  /** Asks it to end at once. */
  terminate(): void {
    this.#step("terminate");
  }

  /** Ends it at once. */
  kill(): void {
    this.#step("kill");
  }

  #exited(): void {
    if (this.#isGroupEmpty()) {
      this.#state = { ...this.#state, hasExited: true };
      return this.#step("empty");
    }
    this.#step("exited");
    this.#lookLater();
  }

  #isGroupEmpty(): boolean {
    return !HAS_GROUPS || !signalGroup(this.pid, 0);
  }

  #lookLater(): void {
    this.#look = this.#clock.setTimeout(() => {
      if (this.#isGroupEmpty()) this.#step("empty");
      else this.#lookLater();
    }, LOOK_MS);
  }

  #step(event: LifeEvent): void {
    const [next, effects] = stepLife(this.#state, event);
    this.#state = next;
    for (const effect of effects) this.#perform(effect);
  }

  #perform(effect: LifeEffect): void {
    if (effect.kind === "signal") return void signalGroup(this.pid, effect.signal);
    if (this.#timer !== undefined) this.#clock.clearTimeout(this.#timer);
    this.#timer = undefined;
    if (effect.kind === "timer") {
      this.#timer = this.#clock.setTimeout(() => this.#step("timeout"), effect.delayMs);
      return;
    }
    if (this.#look !== undefined) this.#clock.clearTimeout(this.#look);
    groups.delete(this.pid);
    if (groups.size === 0) globalThis.removeEventListener("unload", killAll);
    this.#resolve(this.#end);
  }
}

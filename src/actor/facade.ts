/**
 * What a process and a meta-process see of themselves.
 *
 * @module
 */

import { getLogger, type Logger, type Telemetry } from "../telemetry/mod.ts";
import type { Cell } from "./cell.ts";
import { assertDelay } from "./clock.ts";
import type { Alias, Pid, Ref, Target } from "./identities.ts";
import { assertPlainData } from "./plain_data.ts";
import { Relations } from "./relations.ts";
import type {
  CallOptions,
  Envelope,
  ExitReason,
  InspectRecord,
  MetaBehavior,
  MetaOptions,
  MetaProcess,
  Process,
  ProcessFunction,
  SendResult,
  SpawnOptions,
} from "./types.ts";

/** What the facade needs of its node. */
export interface FacadeHost {
  readonly name: string;
  readonly telemetry: Telemetry;
  deliver(to: Target, envelope: Envelope, beyondBound?: boolean): SendResult;
  deliverAll(targets: Iterable<Target>, envelope: Envelope): number;
  request(
    caller: Cell | undefined,
    to: Target,
    request: unknown,
    options?: CallOptions,
  ): Promise<unknown>;
  locate(target: Target): Cell | undefined;
  whyAbsent(target: Target): "unknown" | "terminated" | "unreachable";
  start(run: ProcessFunction, options: SpawnOptions, parent: Cell): Pid;
  startMeta(behavior: MetaBehavior, options: MetaOptions, parent: Cell): Alias;
  signalExit(from: Cell, target: Pid | Alias, reason: ExitReason): Promise<void>;
  whereis(name: string): Pid | undefined;
  createRef(): Ref;
  describe(target: Target): InspectRecord;
}

/** Makes a request; what is thrown becomes a rejection, without an async function for each call. */
export function requestOf(
  host: FacadeHost,
  caller: Cell | undefined,
  to: Target,
  request: unknown,
  options: CallOptions | undefined,
): Promise<unknown> {
  try {
    return host.request(caller, to, request, options);
  } catch (error) {
    return Promise.reject(error);
  }
}

/** Implements what either kind sees; the types show each only its own. */
export class Facade implements Process, MetaProcess {
  readonly #host: FacadeHost;
  readonly #cell: Cell;
  readonly #env: Readonly<Record<string, unknown>>;
  #log: Logger | undefined;

  constructor(host: FacadeHost, cell: Cell, env: Readonly<Record<string, unknown>>) {
    this.#host = host;
    this.#cell = cell;
    this.#env = env;
  }

  get pid(): Pid {
    return this.#cell.address;
  }

  get id(): Alias {
    return this.#cell.options.address as Alias;
  }

  get parent(): Pid {
    return this.#cell.options.parent!.address;
  }

  get name(): string | undefined {
    return this.#cell.name;
  }

  get node(): string {
    return this.#host.name;
  }

  get env(): Readonly<Record<string, unknown>> {
    return this.#env;
  }

  get log(): Logger {
    const { kind, address } = this.#cell.options;
    return this.#log ??= getLogger(["troupe", kind]).with({ id: address, name: this.name ?? "" });
  }

  get telemetry(): Telemetry {
    return this.#host.telemetry;
  }

  get signal(): AbortSignal {
    return this.#cell.signal;
  }

  send(to: Target, message: unknown): SendResult {
    assertPlainData(message);
    return this.deliver(to, message);
  }

  sendAll(targets: Iterable<Target>, message: unknown): number {
    assertPlainData(message);
    if (this.#cell.state === "ended") return 0;
    return this.#host.deliverAll(targets, { from: this.#cell.address, message });
  }

  deliver(to: Target, message: unknown, beyondBound?: boolean): SendResult {
    // What outlives its own end has no voice any more.
    if (this.#cell.state === "ended") return "terminated";
    return this.#host.deliver(to, { from: this.#cell.address, message }, beyondBound);
  }

  room(to: Target): Promise<void> | undefined {
    return this.#host.locate(to)?.mailbox.room();
  }

  call(to: Target, request: unknown, options?: CallOptions): Promise<unknown> {
    return requestOf(this.#host, this.#cell, to, request, options);
  }

  sendAfter(to: Target, message: unknown, delayMs: number): () => boolean {
    assertPlainData(message);
    assertDelay("send a message later", delayMs);
    const cell = this.#cell;
    if (cell.state === "ended") return () => false;
    const timers = cell.timers ??= new Set();
    const timer = cell.host.clock.setTimeout(() => {
      timers.delete(timer);
      this.#sendLate(to, message);
    }, delayMs);
    timers.add(timer);
    return () => {
      cell.host.clock.clearTimeout(timer);
      return timers.delete(timer);
    };
  }

  spawn(run: ProcessFunction, options: SpawnOptions = {}): Pid {
    return this.#host.start(run, options, this.#cell);
  }

  spawnMeta(behavior: MetaBehavior, options: MetaOptions = {}): Alias {
    const { kind, parent } = this.#cell.options;
    return this.#host.startMeta(behavior, options, kind === "meta" ? parent! : this.#cell);
  }

  monitor(target: Pid | Alias | string): Ref {
    const ref = this.#host.createRef();
    const watched = this.#host.locate(target);
    if (this.#cell.state === "ended") return ref;
    if (watched !== undefined) {
      Relations.monitor(watched, { watcher: this.#cell, ref, target });
      return ref;
    }
    const reason = this.#host.whyAbsent(target);
    const message = { kind: "down", ref, target, reason };
    this.#cell.mailbox.offerSystem({ from: this.#cell.address, message });
    return ref;
  }

  demonitor(ref: Ref): boolean {
    return Relations.demonitor(this.#cell, ref);
  }

  link(target: Pid | Alias): void {
    const linked = this.#host.locate(target);
    if (this.#cell.state === "ended") return;
    if (linked !== undefined) return Relations.link(this.#cell, linked);
    this.#cell.signalExit(target as Pid, this.#host.whyAbsent(target), false);
  }

  unlink(target: Pid | Alias): void {
    const linked = this.#host.locate(target);
    if (linked !== undefined) Relations.unlink(this.#cell, linked);
  }

  exit(target: Pid | Alias, reason: ExitReason = "shutdown"): Promise<void> {
    return this.#host.signalExit(this.#cell, target, reason);
  }

  whereis(name: string): Pid | undefined {
    return this.#host.whereis(name);
  }

  nowMs(): number {
    return this.#cell.host.clock.now();
  }

  // deno-lint-ignore require-await -- an async function turns a throw into a rejection
  async inspect(target?: Target): Promise<InspectRecord> {
    return this.#host.describe(target ?? this.#cell.address);
  }

  onInspect(describe: () => InspectRecord): void {
    this.#cell.describeMore = describe;
  }

  [Symbol.asyncIterator](): AsyncIterator<Envelope> {
    return this.#cell.mailbox;
  }

  #sendLate(to: Target, message: unknown): void {
    try {
      assertPlainData(message);
      // One to oneself passes the bound: there are no more of those than timers were set.
      this.deliver(to, message, this.#host.locate(to) === this.#cell);
    } catch (error) {
      this.log.error("A delayed message to {to} was refused: {error}", { to, error });
    }
  }
}

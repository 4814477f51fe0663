/**
 * What a process and a meta-process see of themselves.
 *
 * @module
 */

import { getLogger, type Logger, type Telemetry } from "../telemetry/mod.ts";
import { assertDelay, type Clock } from "../time/mod.ts";
import type { Census } from "./census.ts";
import type { Cell } from "./cell.ts";
import type { Delivery } from "./delivery.ts";
import type { Envelope, ExitReason, InspectRecord, SendResult } from "./envelope.ts";
import type { Address, Alias, Pid, Ref, Target } from "./identities.ts";
import { assertPlainData } from "./plain_data.ts";
import type { KeyedGroup } from "./keyed/group.ts";
import type { Refusal } from "./peer.ts";
import type { PlacedName } from "./placement.ts";
import type { Router } from "./router.ts";
import type { SubjectSpaces } from "./subjects/spaces.ts";
import type { Subjects, SubjectSource } from "./subjects/types.ts";
import type { Ties } from "./ties.ts";
import type {
  AnyProcessFunction,
  CallOptions,
  MetaBehavior,
  MetaOptions,
  MetaProcess,
  PlainRecord,
  Process,
  ProcessFunction,
  SpawnArguments,
  SpawnOptions,
} from "./types.ts";

/** What {@linkcode Self} needs of its node. */
export interface SelfHost {
  readonly name: string;
  readonly telemetry: Telemetry;
  readonly router: Router;
  readonly delivery: Delivery;
  readonly ties: Ties;
  readonly census: Census;
  readonly subjects: SubjectSpaces;
  start(run: AnyProcessFunction, options: SpawnOptions<unknown>, parent: Cell): Pid;
  startMeta(behavior: MetaBehavior, options: MetaOptions, parent: Cell): Alias;
  describe(target: Target): Promise<InspectRecord>;
}

/**
 * The keyed processes that a process has started.
 *
 * @throws {TypeError} If it has none: its function was wrapped in another one.
 */
export function groupOf(self: Process, name: string): KeyedGroup {
  return Self.groupOf(self, name);
}

/** Implements what either kind sees; the types show each only its own. */
export class Self implements Process, MetaProcess {
  readonly #host: SelfHost;
  readonly #cell: Cell;
  readonly #env: Readonly<Record<string, unknown>>;
  /** What a process that moved here has left. */
  readonly handover: unknown;
  #log: Logger | undefined;

  constructor(
    host: SelfHost,
    cell: Cell,
    env: Readonly<Record<string, unknown>>,
    handover?: unknown,
  ) {
    this.#host = host;
    this.#cell = cell;
    this.#env = env;
    this.handover = handover;
  }

  static groupOf(self: Process, name: string): KeyedGroup {
    const group = self instanceof Self ? self.#host.router.group(name) : undefined;
    if (group !== undefined && group.parent === (self as Self).#cell) return group;
    throw new TypeError(
      "Cannot start keyed processes: expected what keyed() gives to be spawned as it is",
    );
  }

  get pid(): Pid {
    return this.#cell.address;
  }

  get key(): string | undefined {
    return this.#cell.options.key;
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
    return this.sendUnchecked(to, message);
  }

  sendAll(targets: Iterable<Target>, message: unknown): number {
    assertPlainData(message);
    if (this.#cell.state === "ended") return 0;
    return this.#host.delivery.sendAll(targets, {
      kind: "message",
      from: this.#cell.address,
      message,
    });
  }

  sendUnchecked(to: Target, message: unknown, beyondBound?: boolean): SendResult {
    // What outlives its own end has no voice any more.
    if (this.#cell.state === "ended") return "terminated";
    const envelope = { kind: "message", from: this.#cell.address, message } as const;
    return this.#host.delivery.send(to, envelope, beyondBound);
  }

  capacity(to: Target): Promise<void> | undefined {
    return this.#host.delivery.capacity(to);
  }

  call(to: Target, request: unknown, options?: CallOptions): Promise<unknown> {
    return this.#host.delivery.call(this.#cell.address, this.#cell, to, request, options);
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

  spawn<N = unknown, F = PlainRecord>(
    run: ProcessFunction<N, F>,
    ...[options = {}]: SpawnArguments<F>
  ): Pid<N> {
    return this.#host.start(run, options, this.#cell);
  }

  spawnMeta(behavior: MetaBehavior, options: MetaOptions = {}): Alias {
    const { kind, parent } = this.#cell.options;
    return this.#host.startMeta(behavior, options, kind === "meta" ? parent! : this.#cell);
  }

  monitor(target: Address | string, { will }: { readonly will?: unknown } = {}): Ref {
    if (will !== undefined) assertPlainData(will);
    return this.#host.ties.monitor(this.#cell, target, will);
  }

  demonitor(ref: Ref, { will }: { readonly will?: unknown } = {}): boolean {
    if (will !== undefined) assertPlainData(will);
    return this.#host.ties.demonitor(this.#cell.address, ref, will !== undefined, will);
  }

  link(target: Address): void {
    this.#host.ties.link(this.#cell, target);
  }

  unlink(target: Address): void {
    this.#host.ties.unlink(this.#cell.address, target);
  }

  end(...failure: [] | [error: unknown]): void {
    this.#cell.endLater(...failure);
  }

  exit(target: Address, reason: ExitReason = "shutdown"): Promise<void> {
    return this.#host.ties.exit(this.#cell.address, target, reason);
  }

  whereis(name: string): Pid | undefined {
    return this.#host.router.whereis(name);
  }

  resolve(name: string): Pid | Refusal {
    const { router } = this.#host;
    const seat = router.seat(name);
    if (seat !== undefined) return typeof seat === "string" ? seat : seat.address as Pid;
    const found = router.resolve(name);
    if (typeof found !== "string") return found.address;
    return found === "unknown" ? router.whereis(name) ?? found : found;
  }

  placed(address: Address): PlacedName | undefined {
    return this.#host.router.placed(address);
  }

  get clock(): Clock {
    return this.#cell.host.clock;
  }

  nowMs(): number {
    return this.#cell.host.clock.now();
  }

  inspect(target?: Target): Promise<InspectRecord> {
    return this.#host.describe(target ?? this.#cell.address);
  }

  onHandover(give: () => unknown): void {
    this.#cell.handOver = give;
  }

  onInspect(describe: () => InspectRecord): void {
    this.#cell.describeMore = describe;
  }

  provide(service: string): void {
    this.#host.census.provide(service, this.#cell);
  }

  openSubjects(space: string, source: SubjectSource): Subjects {
    return this.#host.subjects.open(space, source, this.#cell);
  }

  [Symbol.asyncIterator](): AsyncIterator<Envelope> {
    return this.#cell.mailbox;
  }

  #sendLate(to: Target, message: unknown): void {
    try {
      assertPlainData(message);
      // One to oneself passes the bound: there are no more of those than timers were set.
      this.sendUnchecked(to, message, this.#host.router.find(to) === this.#cell);
    } catch (error) {
      this.log.error("A delayed message to {to} was refused: {error}", { to, error });
    }
  }
}

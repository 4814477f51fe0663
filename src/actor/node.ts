/**
 * A node: the processes of one JavaScript thread, their names and addresses.
 *
 * @module
 */

import { type MailboxDepth, sharedTelemetry, type Telemetry } from "../telemetry/mod.ts";
import { Cell, type CellHost } from "./cell.ts";
import { assertDelay, SYSTEM_CLOCK } from "./clock.ts";
import { Deadlines } from "./deadlines.ts";
import { CallTerminatedError, NodeStoppedError, REFUSALS } from "./errors.ts";
import { Facade, type FacadeHost, requestOf } from "./facade.ts";
import type { Alias, Pid, Ref, Target } from "./identities.ts";
import { NODE_DEFAULTS, resolveActorLimits } from "./node_options.ts";
import { type CallHost, type CallOutcome, createRequest, PendingCall } from "./pending_call.ts";
import { assertPlainData } from "./plain_data.ts";
import { Registry } from "./registry.ts";
import { Relations } from "./relations.ts";
import { stopAll } from "./stop.ts";
import type {
  CallOptions,
  Clock,
  Envelope,
  ExitReason,
  InspectRecord,
  MetaBehavior,
  MetaOptions,
  Node,
  NodeOptions,
  ProcessFunction,
  SendResult,
  SpawnOptions,
  StopOptions,
} from "./types.ts";

/**
 * Creates a node.
 *
 * @throws {TypeError} If the name is not of the form `name@host`.
 *
 * @example
 * ```ts
 * import { createNode } from "@troupe/troupe";
 *
 * await using node = createNode({ name: "demo@localhost" });
 * const echo = node.spawn(async (self) => {
 *   for await (const { message, reply } of self) reply?.(message);
 * });
 * console.log(await node.call(echo, "hello")); // "hello"
 * ```
 */
export function createNode(options: NodeOptions = {}): Node {
  const { name = NODE_DEFAULTS.name, clock = SYSTEM_CLOCK } = options;
  return new LocalNode(name, clock, options.telemetry ?? sharedTelemetry());
}

/** Of all meta-processes: there is one for each connection. */
const NO_ENV = Object.freeze({});

class LocalNode implements Node, CellHost, FacadeHost, CallHost {
  readonly deadlines: Deadlines;
  readonly stopped: Promise<void>;
  readonly #registry: Registry;
  readonly #address: Pid;
  readonly #startedMs: number;
  #stopping = false;
  readonly #unwatchMailboxes: () => void;
  #resolveStopped!: () => void;

  constructor(
    readonly name: string,
    readonly clock: Clock,
    readonly telemetry: Telemetry,
  ) {
    this.#registry = new Registry(name);
    this.#address = this.#registry.nodeIdentity();
    this.#startedMs = clock.now();
    this.deadlines = new Deadlines(clock);
    this.stopped = new Promise((resolve) => this.#resolveStopped = resolve);
    this.#unwatchMailboxes = telemetry.watchMailboxes(() => this.#mailboxDepths());
  }

  get incarnation(): string {
    return this.#registry.incarnation;
  }

  // Node: what the owner of the node uses

  spawn(run: ProcessFunction, options: SpawnOptions = {}): Pid {
    return this.start(run, options, undefined);
  }

  register(name: string, pid: Pid): void {
    this.#registry.register(name, pid);
  }

  unregister(name: string): boolean {
    return this.#registry.unregister(name);
  }

  whereis(name: string): Pid | undefined {
    return this.#registry.whereis(name);
  }

  send(to: Target, message: unknown): SendResult {
    assertPlainData(message);
    return this.deliver(to, { from: this.#address, message });
  }

  call(to: Target, request: unknown, options?: CallOptions): Promise<unknown> {
    return requestOf(this, undefined, to, request, options);
  }

  exit(target: Pid | Alias, reason: ExitReason = "shutdown"): Promise<void> {
    return this.signalExit(undefined, target, reason);
  }

  // deno-lint-ignore require-await -- an async function turns a throw into a rejection
  async inspect(target?: Target): Promise<InspectRecord> {
    if (target !== undefined) return this.describe(target);
    return {
      kind: "node",
      id: this.name,
      incarnation: this.incarnation,
      state: this.#stopping ? "stopping" : "running",
      actors: this.#registry.cells.size,
      names: this.#registry.nameCount,
      uptimeMs: Math.round(this.clock.now() - this.#startedMs),
    };
  }

  processes(): (Pid | Alias)[] {
    return this.#registry.addresses();
  }

  async stop(options: StopOptions = {}): Promise<void> {
    const timeoutMs = options.timeoutMs ?? NODE_DEFAULTS.nodeStopTimeoutMs;
    assertDelay("stop a node", timeoutMs);
    if (this.#stopping) return this.stopped;
    this.#stopping = true;
    await stopAll(this.#registry.cells, this.clock, timeoutMs);
    this.#unwatchMailboxes();
    this.#resolveStopped();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  // What cells and facades need

  deliver(to: Target, envelope: Envelope, beyondBound = false): SendResult {
    const cell = this.locate(to);
    return cell === undefined ? this.whyAbsent(to) : this.#deliver(cell, envelope, beyondBound);
  }

  deliverAll(targets: Iterable<Target>, envelope: Envelope): number {
    const cells: Cell[] = [];
    // All are asked before the first one gets it: what one of them refuses reaches nobody.
    for (const to of targets) {
      const cell = this.locate(to);
      cell?.options.behavior?.validate?.(envelope.message);
      if (cell !== undefined) cells.push(cell);
    }
    let accepted = 0;
    for (const cell of cells) if (this.#offer(cell, envelope, false) === "accepted") accepted++;
    return accepted;
  }

  request(
    caller: Cell | undefined,
    to: Target,
    request: unknown,
    { timeoutMs = NODE_DEFAULTS.callTimeoutMs }: CallOptions = {},
  ): Promise<unknown> {
    assertPlainData(request);
    assertDelay("wait for a reply", timeoutMs);
    const call = new PendingCall(this, to, timeoutMs, this.clock.now());
    if (caller?.state === "ended") {
      call.fail(new CallTerminatedError(to, `the caller ${caller.address} has ended`));
      return call.promise;
    }
    const target = this.locate(to);
    const envelope = createRequest(caller?.address ?? this.#address, request, call);
    const result = target === undefined ? this.whyAbsent(to) : this.#deliver(target, envelope);
    if (result === "accepted") call.start(target!.calls, caller?.calls);
    else call.fail(new REFUSALS[result](to));
    return call.promise;
  }

  settled({ startedMs }: PendingCall, outcome: CallOutcome): void {
    this.telemetry.called(this.clock.now() - startedMs, outcome);
  }

  locate(target: Target): Cell | undefined {
    return this.#registry.locate(target);
  }

  whyAbsent(target: Target): "unknown" | "terminated" | "unreachable" {
    return this.#registry.whyAbsent(target);
  }

  start(run: ProcessFunction, options: SpawnOptions, parent: Cell | undefined): Pid {
    this.#assertRunning("spawn a process", parent);
    if (typeof run !== "function") {
      throw new TypeError(`Cannot spawn a process: expected a function, got ${typeof run}`);
    }
    assertPlainData(options.env, "spawn a process with this env");
    const { name } = options;
    if (name !== undefined) this.#registry.assertFree(name);
    const cell = this.#addCell("process", options, parent, undefined);
    if (name !== undefined) this.register(name, cell.address);
    if (options.linkChild && parent !== undefined) Relations.link(parent, cell);
    if (options.linkParent && parent !== undefined) Relations.link(cell, parent);
    const facade = new Facade(this, cell, options.env ?? {});
    queueMicrotask(() => cell.start(() => run(facade)));
    return cell.address;
  }

  startMeta(behavior: MetaBehavior, options: MetaOptions, parent: Cell): Alias {
    this.#assertRunning("spawn a meta-process", parent);
    const stopTimeoutMs = options.stopTimeoutMs ?? behavior.stopTimeoutMs;
    const cell = this.#addCell("meta", { ...options, stopTimeoutMs }, parent, behavior);
    const facade = new Facade(this, cell, NO_ENV);
    queueMicrotask(() => cell.start(() => behavior.run(facade)));
    return cell.options.address as Alias;
  }

  signalExit(from: Cell | undefined, target: Pid | Alias, reason: ExitReason): Promise<void> {
    const cell = this.locate(target);
    if (cell === undefined) return Promise.resolve();
    const ended = new Promise<void>((resolve) => cell.whenEnded(resolve));
    const isFromParent = from === cell.options.parent;
    cell.signalExit(from?.address ?? this.#address, reason, isFromParent);
    return ended;
  }

  createRef(): Ref {
    return this.#registry.createIdentity("ref") as Ref;
  }

  describe(target: Target): InspectRecord {
    const cell = this.locate(target);
    if (cell !== undefined) return { node: this.name, ...cell.describe() };
    throw new REFUSALS[this.whyAbsent(target)](target);
  }

  forget(cell: Cell): void {
    this.#registry.remove(cell);
  }

  #deliver(cell: Cell, envelope: Envelope, beyondBound = false): SendResult {
    cell.options.behavior?.validate?.(envelope.message);
    return this.#offer(cell, envelope, beyondBound);
  }

  #offer(cell: Cell, envelope: Envelope, beyondBound: boolean): SendResult {
    const result = cell.mailbox.offer(envelope, beyondBound);
    if (result === "full") this.telemetry.overflowed(cell.options.kind, cell.name ?? "");
    return result;
  }

  *#mailboxDepths(): Iterable<MailboxDepth> {
    for (
      const { mailbox: { depth }, name = "", options: { kind } } of this.#registry.cells.values()
    ) {
      yield { kind, process: name, depth };
    }
  }

  #addCell(
    kind: "process" | "meta",
    options: SpawnOptions,
    parent: Cell | undefined,
    behavior: MetaBehavior | undefined,
  ): Cell {
    const limits = resolveActorLimits(options);
    const address = this.#registry.createIdentity(kind === "meta" ? "alias" : "pid");
    const cell = new Cell(this, { address, kind, parent, behavior, ...limits });
    this.#registry.add(cell);
    return cell;
  }

  #assertRunning(action: string, parent: Cell | undefined): void {
    if (this.#stopping) throw new NodeStoppedError(action, this.name);
    if (parent?.state === "ended") {
      throw new TypeError(`Cannot ${action}: its parent ${parent.address} has ended`);
    }
  }
}

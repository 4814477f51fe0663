/**
 * A node: the processes of one JavaScript thread, their names and addresses.
 *
 * @module
 */

import { type MailboxDepth, sharedTelemetry, type Telemetry } from "../telemetry/mod.ts";
import { assertDelay, type Clock, SYSTEM_CLOCK } from "../time/mod.ts";
import { attach } from "./attachment.ts";
import { Census } from "./census.ts";
import { Cell, type CellHost } from "./cell.ts";
import { Deadlines } from "./deadlines.ts";
import { Delivery } from "./delivery.ts";
import type { ExitReason, InspectRecord, SendResult } from "./envelope.ts";
import { NameTakenError, NodeStoppedError, REFUSALS } from "./errors.ts";
import { Self, type SelfHost } from "./self.ts";
import type { Address, Alias, Pid, Ref, Target } from "./identities.ts";
import { keepMeta } from "./keeper.ts";
import { definitionOf, type KeyedDefinition } from "./keyed/definition.ts";
import { KeyedGroup, type KeyedHost, type KeyedStart } from "./keyed/group.ts";
import { assertOptionsOf, NODE_DEFAULTS, resolveActorLimits } from "./node_options.ts";
import type { NodeObserver } from "./observer.ts";
import type { Attachment, RemoteNode } from "./peer.ts";
import type { CallOutcome } from "./pending_call.ts";
import { allowPlacing } from "./place.ts";
import { assertPlainData } from "./plain_data.ts";
import { Registry } from "./registry.ts";
import { Router } from "./router.ts";
import { stopAll } from "./stop.ts";
import { SubjectSpaces } from "./subjects/spaces.ts";
import { Ties } from "./ties.ts";
import type {
  AnyProcessFunction,
  CallOptions,
  MetaBehavior,
  MetaOptions,
  Node,
  NodeOptions,
  PlainRecord,
  ProcessFunction,
  SpawnArguments,
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
  assertOptionsOf("create a node", options);
  const { name = NODE_DEFAULTS.name, clock = SYSTEM_CLOCK } = options;
  return new LocalNode(name, clock, options.telemetry ?? sharedTelemetry());
}

/** Of all meta-processes: there is one for each connection. */
const NO_ENV = Object.freeze({});

class LocalNode implements Node, CellHost, SelfHost, KeyedHost {
  readonly deadlines: Deadlines;
  readonly router: Router;
  readonly ties: Ties;
  readonly delivery: Delivery;
  readonly census: Census;
  readonly subjects: SubjectSpaces;
  /** Address of the node itself. */
  readonly address: Pid;
  readonly stopped: Promise<void>;
  readonly #registry: Registry;
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
    this.address = this.#registry.nodeIdentity();
    this.router = new Router(this.#registry);
    this.ties = new Ties(this.router, this.address, () => this.createRef());
    this.deadlines = new Deadlines(clock);
    this.subjects = new SubjectSpaces(this);
    this.delivery = new Delivery(this);
    const { cells } = this.#registry;
    const relations = (address: Address, limit: number) => this.ties.lists(address, limit);
    this.census = new Census({ cells, clock, relations });
    this.#startedMs = clock.now();
    this.stopped = new Promise((resolve) => this.#resolveStopped = resolve);
    allowPlacing(this, this);
    this.#unwatchMailboxes = telemetry.watchMailboxes(() => this.#mailboxDepths());
  }

  get incarnation(): string {
    return this.#registry.incarnation;
  }

  // Node: what the owner of the node uses

  spawn<N = unknown, F = PlainRecord>(
    run: ProcessFunction<N, F>,
    ...[options = {}]: SpawnArguments<F>
  ): Pid<N> {
    return this.start(run, options, undefined);
  }

  spawnMeta(behavior: MetaBehavior, options: MetaOptions = {}): Alias {
    const parent = this.#registry.cells.get(this.spawn(keepMeta))!;
    try {
      const alias = this.startMeta(behavior, options, parent);
      this.ties.monitor(parent, alias);
      return alias;
    } catch (error) {
      this.exit(parent.address as Pid, "kill");
      throw error;
    }
  }

  register(name: string, pid: Pid): void {
    this.#registry.register(name, pid);
    this.census.changed?.(this.#registry.cells.get(pid)!);
  }

  unregister(name: string): boolean {
    return this.#registry.unregister(name);
  }

  whereis(name: string): Pid | undefined {
    return this.router.whereis(name);
  }

  send(to: Target, message: unknown): SendResult {
    assertPlainData(message);
    return this.delivery.send(to, { kind: "message", from: this.address, message });
  }

  call(to: Target, request: unknown, options?: CallOptions): Promise<unknown> {
    return this.delivery.call(this.address, undefined, to, request, options);
  }

  exit(target: Address, reason: ExitReason = "shutdown"): Promise<void> {
    return this.ties.exit(this.address, target, reason);
  }

  async inspect(target?: Target): Promise<InspectRecord> {
    if (target !== undefined) return await this.describe(target);
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

  actors(): Address[] {
    return this.#registry.addresses();
  }

  get observer(): NodeObserver {
    return this.census;
  }

  attach(remote: RemoteNode): Attachment {
    return attach(this, remote);
  }

  setGlobal(name: string, pid: Pid | undefined): void {
    this.router.setGlobal(name, pid);
  }

  async stop(options: StopOptions = {}): Promise<void> {
    assertOptionsOf("stop a node", options);
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

  // What cells, facades and deliveries need

  start(
    run: AnyProcessFunction,
    options: SpawnOptions<unknown>,
    parent: Cell | undefined,
  ): Pid {
    this.#assertRunning("spawn a process", parent);
    if (typeof run !== "function") {
      throw new TypeError(`Cannot spawn a process: expected a function, got ${typeof run}`);
    }
    assertOptionsOf("spawn a process", options);
    assertPlainData(options.env, "spawn a process with this env");
    const { name } = options;
    if (name !== undefined) this.#registry.assertFree(name);
    const definition = definitionOf(run);
    if (definition !== undefined && this.router.group(definition.name) !== undefined) {
      throw new NameTakenError(definition.name, `the keyed processes ${definition.name}/KEY`);
    }
    const cell = this.#addCell("process", options, parent, undefined);
    if (name !== undefined) this.register(name, cell.address);
    if (options.linkChild && parent !== undefined) this.ties.link(parent, cell.address);
    if (options.linkParent && parent !== undefined) this.ties.link(cell, parent.address);
    if (definition !== undefined) this.#openGroup(definition, cell);
    const self = new Self(this, cell, options.env as PlainRecord ?? {});
    queueMicrotask(() => cell.start(() => run(self)));
    return cell.address;
  }

  startMeta(behavior: MetaBehavior, options: MetaOptions, parent: Cell): Alias {
    this.#assertRunning("spawn a meta-process", parent);
    assertOptionsOf("spawn a meta-process", options);
    const stopTimeoutMs = options.stopTimeoutMs ?? behavior.stopTimeoutMs;
    const cell = this.#addCell("meta", { ...options, stopTimeoutMs }, parent, behavior);
    const self = new Self(this, cell, NO_ENV);
    queueMicrotask(() => cell.start(() => behavior.run(self)));
    return cell.options.address as Alias;
  }

  async describe(target: Target): Promise<InspectRecord> {
    const found = typeof target === "string"
      ? this.router.findWatched(target)
      : this.router.lookUp(target);
    if (typeof found === "string") throw new REFUSALS[found](target);
    return await found.describe();
  }

  startKeyed(start: KeyedStart, parent: Cell): Cell {
    const { run, options, name, key, after, handover } = start;
    this.#assertRunning("spawn a process", parent);
    const cell = this.#addCell("process", options, parent, undefined, key);
    this.#registry.addKeyed(name, cell);
    this.ties.link(cell, parent.address);
    const self = new Self(this, cell, options.env as PlainRecord ?? NO_ENV, handover);
    const begin = () => queueMicrotask(() => cell.start(() => run(self)));
    if (after === undefined) begin();
    else after.whenEnded(begin);
    return cell;
  }

  releaseName(cell: Cell): void {
    this.#registry.releaseName(cell);
  }

  hasConnection(address: Address): boolean {
    return this.ties.hasConnection(address);
  }

  restarted(name: string): void {
    this.telemetry.restarted(name);
  }

  createAlias(): Alias {
    return this.#registry.createIdentity("alias") as Alias;
  }

  createRef(): Ref {
    return this.#registry.createIdentity("ref") as Ref;
  }

  nowMs(): number {
    return this.clock.now();
  }

  called(durationMs: number, outcome: CallOutcome): void {
    this.telemetry.called(durationMs, outcome);
  }

  forget(cell: Cell): void {
    this.#registry.remove(cell);
  }

  overflowed({ options: { kind }, group }: Cell): void {
    this.telemetry.overflowed(kind, group);
  }

  *#mailboxDepths(): Iterable<MailboxDepth> {
    for (
      const { mailbox: { depth }, group, options: { kind } } of this.#registry.cells.values()
    ) {
      yield { kind, process: group, depth };
    }
  }

  #openGroup(definition: KeyedDefinition, cell: Cell): void {
    const { name } = definition;
    this.router.addGroup(name, new KeyedGroup(this, cell, definition));
    cell.whenEnded(() => this.router.deleteGroup(name));
  }

  #addCell(
    kind: "process" | "meta",
    options: SpawnOptions<unknown>,
    parent: Cell | undefined,
    behavior: MetaBehavior | undefined,
    key?: string,
  ): Cell {
    const limits = resolveActorLimits(options);
    const address = this.#registry.createIdentity(kind === "meta" ? "alias" : "pid");
    const cell = new Cell(this, {
      address,
      kind,
      parent,
      behavior,
      ...limits,
      ...key === undefined ? {} : { key },
    });
    this.#registry.add(cell);
    this.census.changed?.(cell);
    return cell;
  }

  #assertRunning(action: string, parent: Cell | undefined): void {
    if (this.#stopping) throw new NodeStoppedError(action, this.name);
    if (parent?.state === "ended") {
      throw new TypeError(`Cannot ${action}: its parent ${parent.address} has ended`);
    }
  }
}

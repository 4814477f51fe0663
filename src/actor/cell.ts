/**
 * One actor at run time: its mailbox, relations and life cycle.
 *
 * @module
 */

import { getLogger } from "../telemetry/mod.ts";
import { type Clock, PatientTimer, type Timer } from "../time/mod.ts";
import type { Envelope, ExitReason, InspectRecord, SendResult } from "./envelope.ts";
import { showError } from "./errors.ts";
import type { Address, Pid, Ref } from "./identities.ts";
import { Mailbox, type Receiver } from "./mailbox.ts";
import { OpenCalls, type Thrown } from "./open_calls.ts";
import type { Tap } from "./observer.ts";
import type { Peer } from "./peer.ts";
import type { RelationCounts } from "./relations.ts";
import type { MetaBehavior } from "./types.ts";

/** What a cell is made of. */
export interface CellOptions {
  /** Its Pid or Alias. */
  readonly address: string;
  readonly kind: "process" | "meta";
  /** Who spawned it. An ended process forgets it: no chain of ended ones is kept. */
  parent: Cell | undefined;
  readonly mailboxSize: number;
  readonly stopTimeoutMs: number;
  readonly trapExit: boolean;
  /** Of a keyed process. */
  readonly key?: string;
  /** Present in a meta-process until it was told to terminate. */
  behavior: MetaBehavior | undefined;
}

/** What a cell needs of the relations of its node. */
export interface CellTies {
  /** Notes that `watcher` watches an actor of this node; a second time changes nothing. */
  watch(ref: Ref, watcher: Address, target: Address, will?: unknown): void;
  demonitor(watcher: Address, ref: Ref, isDone?: boolean, will?: unknown): boolean;
  /** Notes that `linker` is linked to an actor of this node. */
  noteLink(linker: Address, target: Address): void;
  unlink(linker: Address, target: Address): void;
  /** An actor has ended: tells those that watched it or were linked to it. */
  end(address: Address, reason: ExitReason, detail?: string): void;
  counts(address: Address): RelationCounts;
}

/** What a cell needs of its node. */
export interface CellHost {
  readonly name: string;
  readonly clock: Clock;
  /** Address of the node itself, for what has no parent. */
  readonly address: Pid;
  readonly ties: CellTies;
  /** Takes the cell and its name out of the registry. */
  forget(cell: Cell): void;
  /** A mailbox refused a message. */
  overflowed(cell: Cell): void;
  /** What is told of messages, while somebody listens. */
  readonly census: {
    readonly tapped: Tap | undefined;
    readonly changed?: ((cell: Cell) => void) | undefined;
  };
}

const log = getLogger(["troupe", "actor"]);

/** The state of one process or meta-process. */
export class Cell implements Receiver, Peer {
  readonly mailbox: Mailbox;
  name: string | undefined;
  state: "running" | "stopping" | "ended" = "running";
  /** Timers of `sendAfter` that have not fired. */
  timers: Set<Timer> | undefined;
  describeMore: (() => InspectRecord) | undefined;
  /** Of a keyed process: what it leaves for the one that goes on in its place elsewhere. */
  handOver: (() => unknown) | undefined;
  /** Of a keyed process: messages that others have sent to it. */
  heard = 0;
  readonly #startedMs: number;
  #stopReason: ExitReason | undefined;
  #endReason: ExitReason | undefined;
  #abort: AbortController | undefined;
  #deadline: PatientTimer | undefined;
  #whenEnded: (() => void)[] | undefined;
  #metas: Set<Cell> | undefined;
  #calls: OpenCalls | undefined;

  constructor(readonly host: CellHost, readonly options: CellOptions) {
    this.mailbox = new Mailbox(options.mailboxSize);
    // Whole milliseconds take no memory of their own.
    this.#startedMs = Math.trunc(host.clock.now());
    if (options.kind === "meta") (options.parent!.#metas ??= new Set()).add(this);
  }

  /** The address in the type of a sender. */
  get address(): Pid {
    return this.options.address as Pid;
  }

  /** Aborted when the actor is asked to stop. */
  get signal(): AbortSignal {
    if (this.#abort === undefined) {
      this.#abort = new AbortController();
      if (this.state !== "running") this.#abort.abort(this.#stopReason);
    }
    return this.#abort.signal;
  }

  /** Why it has ended. */
  get endReason(): ExitReason | undefined {
    return this.state === "ended" ? this.#endReason : undefined;
  }

  /** Whether it has messages to read or answers to give. */
  get isBusy(): boolean {
    return this.mailbox.depth > 0 || (this.#calls?.owed.size ?? 0) > 0;
  }

  /** The name that it is counted by: of keyed processes, that of all of them. */
  get group(): string {
    const { key } = this.options;
    const name = this.name ?? "";
    return key === undefined ? name : name.slice(0, -key.length - 1);
  }

  /** Runs the function of the actor. */
  start(run: () => Promise<void> | undefined): void {
    if (this.state === "ended") return;
    // No async function and no Promise.try: their frames would stay as long as the actor.
    let running: Promise<void> | undefined;
    try {
      running = run();
    } catch (error) {
      return this.#endThrowing(error);
    }
    const isHanded = this.options.behavior?.receive !== undefined;
    if (isHanded) this.mailbox.handTo(this);
    // It says itself when it ends.
    if (isHanded && running === undefined) return;
    if (!(running instanceof Promise)) running = Promise.resolve(running);
    running.then(() => this.#endReturning(), (error) => this.#endThrowing(error));
  }

  /** It has ended by itself, for no reason or with an error. */
  endLater(...failure: [] | [error: unknown]): void {
    queueMicrotask(() => {
      if (failure.length === 0) this.#endReturning();
      else this.#endThrowing(failure[0]);
    });
  }

  #endReturning(): void {
    this.end(this.#stopReason ?? "normal");
  }

  receive(envelope: Envelope): void {
    try {
      this.options.behavior?.receive?.(envelope);
    } catch (error) {
      this.#endThrowing(error);
    }
  }

  drained(): void {
    if (this.state !== "stopping") return;
    try {
      this.options.behavior?.stop?.(this.#stopReason!);
    } catch (error) {
      this.#endThrowing(error);
    }
  }

  // Peer: what others do with it

  get node(): string {
    return this.host.name;
  }

  validate(message: unknown, round?: object): void {
    this.options.behavior?.validate?.(message, round);
  }

  offer(envelope: Envelope, beyondBound = false): SendResult {
    if (envelope.kind !== "message") {
      this.mailbox.offerSystem(envelope);
      return "accepted";
    }
    if (this.options.key !== undefined && envelope.from !== this.address) this.heard++;
    const { census } = this.host;
    census.tapped?.(this.address, envelope);
    census.changed?.(this);
    const result = this.mailbox.offer(envelope, beyondBound);
    if (result === "full") this.host.overflowed(this);
    return result;
  }

  capacity(): Promise<void> | undefined {
    return this.mailbox.capacity();
  }

  watch(watcher: Address, ref: Ref, will?: unknown): void {
    this.host.ties.watch(ref, watcher, this.address, will);
  }

  unwatch(watcher: Address, ref: Ref, isDone?: boolean, will?: unknown): void {
    this.host.ties.demonitor(watcher, ref, isDone, will);
  }

  link(linker: Address): void {
    this.host.ties.noteLink(linker, this.address);
  }

  unlink(linker: Address): void {
    this.host.ties.unlink(linker, this.address);
  }

  signalExit(from: Address, reason: ExitReason): void {
    if (this.state === "ended") return;
    if (reason === "kill") return this.kill();
    if (this.options.trapExit) {
      this.offer({ kind: "exit", from, message: { kind: "exit", from, reason } });
      if (from !== (this.options.parent?.address ?? this.host.address)) return;
    }
    if (reason !== "normal") this.stop(reason);
  }

  /** The flat record that `inspect` answers. */
  // deno-lint-ignore require-await -- what the behavior throws becomes a rejection
  async describe(): Promise<InspectRecord> {
    const { kind, address, parent } = this.options;
    return {
      node: this.node,
      kind,
      id: address,
      name: this.name ?? "",
      parent: parent?.address ?? "",
      state: this.state,
      uptimeMs: Math.round(this.host.clock.now() - this.#startedMs),
      mailboxDepth: this.mailbox.depth,
      mailboxSize: this.mailbox.size,
      accepted: this.mailbox.accepted,
      overflows: this.mailbox.overflows,
      metas: this.#metas?.size ?? 0,
      calls: this.#calls?.size ?? 0,
      ...this.host.ties.counts(this.address),
      ...this.describeMore?.(),
      ...this.options.behavior?.inspect?.(),
    };
  }

  // Its life

  /** As `stop`, of a keyed process that goes on elsewhere: what it was sent is handled here. */
  move(): void {
    this.stop("moved", true);
  }

  /** Asks the function to return; ends it at the deadline. */
  stop(
    reason: ExitReason,
    drains: boolean = reason === "shutdown" || this.options.trapExit,
  ): void {
    if (this.state !== "running") return;
    this.state = "stopping";
    this.#stopReason = reason;
    const { stopTimeoutMs } = this.options;
    this.#deadline = new PatientTimer(
      () => this.kill(stopTimeoutMs),
      stopTimeoutMs,
      this.host.clock,
    );
    if (drains) this.mailbox.drain();
    else this.#closeMailbox();
    this.#abort?.abort(reason);
  }

  /** Runs `callback` when this has ended. */
  whenEnded(callback: () => void): void {
    if (this.state === "ended") callback();
    else (this.#whenEnded ??= []).push(callback);
  }

  /** The calls it has to answer or waits for. */
  get calls(): OpenCalls {
    return this.#calls ??= new OpenCalls();
  }

  /** Ends it at once; `overdueMs` is how long it was waited for in vain. */
  kill(overdueMs?: number): void {
    if (this.state === "ended") return;
    if (overdueMs !== undefined) {
      log.warn("{kind} {id} {name} did not stop within {overdueMs} ms and was ended", {
        ...this.#logFields(),
        overdueMs,
      });
    }
    this.#terminateBehavior();
    this.end("killed");
  }

  /** Ends the actor: from here on nothing reaches it. `thrown` is present when it threw. */
  end(reason: ExitReason, thrown?: Thrown): void {
    if (this.state === "ended") return;
    this.state = "ended";
    this.#stopReason ??= reason;
    this.#endReason = reason;
    this.host.forget(this);
    this.#closeMailbox();
    this.#calls?.failAll(this.address, thrown);
    this.#clearTimers();
    this.#abort?.abort(reason);
    if (thrown !== undefined) {
      const fields = { ...this.#logFields(), error: thrown.error };
      log.error("{kind} {id} {name} ended with panic: {error}", fields);
    }
    this.#tellOthers(reason, thrown);
  }

  #closeMailbox(): void {
    const unread = this.mailbox.close();
    this.#calls?.failUnread(unread);
  }

  #clearTimers(): void {
    const { clock } = this.host;
    this.#deadline?.[Symbol.dispose]();
    for (const timer of this.timers ?? []) clock.clearTimeout(timer);
    this.timers?.clear();
  }

  #terminateBehavior(): void {
    const { behavior } = this.options;
    // Taken out first: terminating may kill it again.
    this.options.behavior = undefined;
    try {
      behavior?.terminate("killed");
    } catch (error) {
      log.error("{kind} {id} failed to terminate: {error}", { ...this.#logFields(), error });
    }
  }

  #logFields(): Record<string, unknown> {
    const { kind, address } = this.options;
    return { kind, id: address, name: this.name ?? "" };
  }

  #tellOthers(reason: ExitReason, thrown: Thrown | undefined): void {
    for (const meta of [...this.#metas ?? []]) {
      meta.signalExit(this.address, reason === "normal" ? "shutdown" : reason);
    }
    const detail = thrown === undefined ? undefined : showError(thrown.error);
    this.host.ties.end(this.address, reason, detail);
    if (this.options.kind === "meta") this.options.parent!.#metas!.delete(this);
    else this.options.parent = undefined;
    for (const callback of this.#whenEnded ?? []) callback();
  }

  #endThrowing(error: unknown): void {
    if (this.state === "ended") {
      log.debug("{kind} {id} threw after its end: {error}", { ...this.#logFields(), error });
      return;
    }
    // What its own signal was aborted with is an orderly answer to it.
    const isOwnAbort = this.state === "stopping" && error === this.#stopReason;
    if (isOwnAbort) this.end(this.#stopReason!);
    else this.end("panic", { error });
  }
}

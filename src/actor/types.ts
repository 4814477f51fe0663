/**
 * What a process, a meta-process and a node offer.
 *
 * @module
 */

import type { Logger, Telemetry } from "../telemetry/mod.ts";
import type { Clock } from "../time/mod.ts";
import type { Envelope, ExitReason, InspectRecord, SendResult } from "./envelope.ts";
import type { Address, Alias, MessageOf, Pid, Ref, Target } from "./identities.ts";
import type { NodeObserver } from "./observer.ts";
import type { Attachment, RemoteNode } from "./peer.ts";
import type { Subjects, SubjectSource } from "./subjects/types.ts";

/** Options of `call`. */
export interface CallOptions {
  /** How long to wait for the reply, in milliseconds. Default 5000. */
  readonly timeoutMs?: number;
}

/** Plain data by name. */
export type PlainRecord = Readonly<Record<string, unknown>>;

/** Options of `spawn`. */
export interface SpawnOptions<E = PlainRecord> {
  /** Name to register before the function starts. */
  readonly name?: string;
  /** Plain data for the function, as `self.env`. Default `{}`. */
  readonly env?: E;
  /** Bound of the mailbox in messages. Default 10 000. */
  readonly mailboxSize?: number;
  /** Deliver exit signals as messages instead of ending. Default false. */
  readonly trapExit?: boolean;
  /** Link the spawning process to the new one: the spawner gets its exit signal. Default false. */
  readonly linkChild?: boolean;
  /** Link the new process to the spawning one: it gets the spawner's exit signal. Default false. */
  readonly linkParent?: boolean;
  /** Time from being asked to stop to being ended, in milliseconds. Default 5000. */
  readonly stopTimeoutMs?: number;
}

/** The options of `spawn`, which may be left out unless the function needs an env. */
export type SpawnArguments<E> = PlainRecord extends E ? [options?: SpawnOptions<E>]
  : [options: SpawnOptions<E> & { readonly env: NoInfer<E> }];

/** What processes and meta-processes have in common. */
export interface Actor<M = unknown> extends AsyncIterable<Envelope<M>> {
  /** Name of the node, `name@host`. */
  readonly node: string;
  /** Logger with this actor's identity in its context. */
  readonly log: Logger;
  /** Traces and metrics of the node. */
  readonly telemetry: Telemetry;
  /**
   * Aborted when the actor is asked to stop, with the exit reason as `reason`.
   * A function that rejects with that, as `fetch` does, ends as asked, not with `"panic"`.
   */
  readonly signal: AbortSignal;
  /**
   * Sends a message: at most once, in order per sender and receiver. What an
   * actor does after it was ended sends nothing: `"terminated"`.
   *
   * @throws {TypeError} If the message is not plain data that structured clone accepts.
   */
  send<T extends Target>(to: T, message: MessageOf<T>): SendResult;
  /**
   * Sends one message to several, as `send` does to one, for less: it is checked
   * once. Returns how many accepted it. It is refused for all before the first
   * one gets it, or for none: where this throws, nobody has been sent anything.
   *
   * @throws {TypeError} If the message is not plain data that structured clone
   * accepts, a target has not the form of one, or one of them refuses the message.
   */
  sendAll<T extends Target>(targets: Iterable<T>, message: MessageOf<T>): number;
  /**
   * Sends a request and waits for its reply.
   *
   * @throws {CallError} A subclass says why there is no reply.
   * @throws {TypeError} If the request is not plain data that structured clone accepts.
   */
  call<T extends Target>(to: T, request: MessageOf<T>, options?: CallOptions): Promise<unknown>;
  /**
   * Sends later, unless this actor has ended by then; returns a function that
   * cancels and says whether it was in time. To itself it arrives even if the
   * mailbox is full by then.
   *
   * @throws {TypeError} If the message is not plain data that structured clone accepts.
   * @throws {RangeError} If the delay is out of range.
   */
  sendAfter<T extends Target>(to: T, message: MessageOf<T>, delayMs: number): () => boolean;
  /**
   * Spawns a meta-process whose parent is this process (of a meta-process: its own parent).
   *
   * @throws {NodeStoppedError} If the node is stopping.
   */
  spawnMeta(behavior: MetaBehavior, options?: MetaOptions): Alias;
  /**
   * Asks for one `down` message when the target ends; at once if it is not alive. The target gets
   * `will`, plain data, as a message of this actor and past its bound, when this actor ends or its
   * node is lost before the monitor was used or taken back.
   */
  monitor(target: Address | string, options?: { readonly will?: unknown }): Ref;
  /**
   * Takes a monitor back; false if it had been used or never was. The target gets `will`, plain
   * data, as that of `monitor`, which is left undone. It arrives once, also if a link has a gap.
   */
  demonitor(ref: Ref, options?: { readonly will?: unknown }): boolean;
  /** The process registered under a name. */
  whereis(name: string): Pid | undefined;
  /**
   * The process of this node behind a name, or why there is none. A keyed process
   * `NAME/KEY` is started, and for `NAME` one of its own where each connection gets that;
   * `"full"` if there are as many as may be. Of one that a cluster places it is what stands
   * for it on this node, until it ends or moves.
   */
  resolve(name: string): Pid | Exclude<SendResult, "accepted">;
  /** Milliseconds of the node's clock: they never go back. */
  nowMs(): number;
  /**
   * Flat record about an actor; by default about this one.
   *
   * @throws {CallError} If it is not alive; a subclass says why.
   */
  inspect(target?: Target): Promise<InspectRecord>;
  /** Adds fields to what `inspect` answers about this actor. */
  onInspect(describe: () => InspectRecord): void;
  /**
   * Says that this actor provides a service, until it ends: `observer.providers` of the node
   * finds it by that.
   */
  provide(service: string): void;
}

/** A process as its own function sees it. Iterating yields its mailbox. */
export interface Process<M = unknown, E = PlainRecord> extends Actor<M> {
  /** Its address. */
  readonly pid: Pid<M>;
  /** Registered name, if any; of a keyed process `NAME/KEY`. */
  readonly name: string | undefined;
  /** Of a keyed process: its key, as in `NAME/KEY`. */
  readonly key: string | undefined;
  /** What was given to `spawn`. */
  readonly env: E;
  /**
   * Of a keyed process that goes on here after another node had it: what its `onHandover` gave
   * there; otherwise `undefined`.
   */
  readonly handover: unknown;
  /**
   * Of a keyed process of a cluster: `give` is called when it moves to another node, after its
   * function has returned, and gives plain data, of at most 1 MiB, for the one that goes on
   * there. Nobody asks one that failed, or was ended because it took longer than it may.
   */
  onHandover(give: () => unknown): void;
  /**
   * Spawns a process. Its function starts in a later microtask.
   *
   * @throws {NodeStoppedError} If the node is stopping.
   * @throws {NameTakenError} If the name belongs to another process.
   */
  spawn<N = unknown, F = PlainRecord>(
    run: ProcessFunction<N, F>,
    ...options: SpawnArguments<F>
  ): Pid<N>;
  /** Gets an exit signal when the target ends; at once if it is not alive. One-way. */
  link(target: Address): void;
  /** Takes a link back. */
  unlink(target: Address): void;
  /**
   * Sends an exit signal and resolves when the target has ended. One that is
   * already stopping takes note of `"kill"` only.
   *
   * - `"shutdown"` (default): messages already in the mailbox are still handled
   * - `"normal"`: ignored, unless the target traps exits
   * - `"kill"`: ends it at once; cannot be trapped
   * - any other reason: the loop over the mailbox ends before the next message
   *
   * A target that traps exits gets an `exit` message instead and may go on. If
   * the signal comes from its own parent (of one without: from the node), it is
   * then stopped as with `"shutdown"`, and ends with the reason given.
   */
  exit(target: Address, reason?: ExitReason): Promise<void>;
  /**
   * Opens a space of subjects, such as the rooms of a server, until this process ends: what is
   * published on one of them reaches the processes of other nodes that have the space open.
   *
   * @throws {TypeError} If another process of this node has a space of that name open.
   */
  openSubjects(space: string, source: SubjectSource): Subjects;
}

/** A process: an async function over its own mailbox. */
export type ProcessFunction<M = unknown, E = PlainRecord> = (
  self: Process<M, E>,
) => Promise<void>;

/** The function of a process, whatever messages and env it takes. */
// deno-lint-ignore no-explicit-any -- a process is neither co- nor contravariant in its messages
export type AnyProcessFunction = ProcessFunction<any, any>;

/** A meta-process as its behaviour sees it. */
export interface MetaProcess extends Actor {
  /** Its address. */
  readonly id: Alias;
  /** The process that owns it; when that ends, this is asked to stop. */
  readonly parent: Pid;
  /** The clock of the node, for timers of its own; it clears them itself. */
  readonly clock: Clock;
  /**
   * As `send`, for messages that the behaviour itself has made of plain data:
   * they are not checked again. `beyondBound` passes a full mailbox; it is for
   * the one message that must not be lost, such as the end of a connection.
   */
  sendUnchecked(to: Target, message: unknown, beyondBound?: boolean): SendResult;
  /** Ends it, where `run` has returned nothing: as if that returned now, or threw the error. */
  end(...failure: [] | [error: unknown]): void;
  /**
   * What an address stands for that `resolve` gave for a keyed process which a cluster places:
   * its name, and whether another node has been given it since. `undefined`: it is that of an
   * actor.
   */
  placed(
    address: Address,
  ): { readonly name: string; readonly hasMoved: boolean } | undefined;
  /**
   * Something to wait for before sending more: present while more than half of
   * the target's mailbox is taken, resolved when no more than a quarter is, or
   * when the target is ending.
   */
  capacity(to: Target): Promise<void> | undefined;
}

/** Options of `spawnMeta`. */
export type MetaOptions = Pick<SpawnOptions, "mailboxSize" | "stopTimeoutMs">;

/**
 * What a meta-process does: it joins something that blocks, such as a socket,
 * to the actors.
 */
export interface MetaBehavior {
  /** Time it needs to stop, where `spawnMeta` is not told another, in milliseconds. Default 5000. */
  readonly stopTimeoutMs?: number;
  /**
   * Runs until the meta-process ends; iterates its mailbox, unless there is `receive`. With
   * `receive` it may return nothing: then the meta-process ends when `self.end` is called.
   */
  run(self: MetaProcess): Promise<void> | undefined;
  /**
   * Takes the messages, one by one, after `run` has been called. So nothing has
   * to wait while none comes. What it throws ends the meta-process with `panic`.
   */
  receive?(envelope: Envelope): void;
  /**
   * With `receive`, instead of the end of the mailbox: it is asked to stop, and
   * has been given what it was sent before.
   */
  stop?(reason: ExitReason): void;
  /**
   * Releases what it holds at once: it was not spawned, was killed, or did not
   * stop in time. Here it can still send its last messages.
   */
  terminate(reason: ExitReason): void;
  /** Adds fields to what `inspect` answers. */
  inspect?(): InspectRecord;
  /**
   * Refuses a message by throwing; the sender gets the error. Of one `sendAll`, `round` is
   * the same for all receivers.
   */
  validate?(message: unknown, round?: object): void;
}

/** Options of `createNode`. */
export interface NodeOptions {
  /** `name@host`. Default `troupe@localhost`. */
  readonly name?: string;
  /** Default: the system's clock. */
  readonly clock?: Clock;
  /** Where it reports. Default: one that all such nodes share, on the global providers. */
  readonly telemetry?: Telemetry;
}

/** Options of `node.stop`. */
export interface StopOptions {
  /** All that has not ended by then is ended, in milliseconds. Default 10 000. */
  readonly timeoutMs?: number;
}

/** A node: the processes of one JavaScript thread and their names. */
export interface Node extends AsyncDisposable {
  /** `name@host`. */
  readonly name: string;
  /** Where it reports. */
  readonly telemetry: Telemetry;
  /** Of this start of the node; part of each identity. */
  readonly incarnation: string;
  /** As the process method; what it spawns has no parent. */
  spawn<N = unknown, F = PlainRecord>(
    run: ProcessFunction<N, F>,
    ...options: SpawnArguments<F>
  ): Pid<N>;
  /**
   * As the process method, below a process of its own that ends with it and answers nobody: a
   * handler that is spawned here names its processes by `pool`, `target` or `accept`.
   *
   * @throws {NodeStoppedError} If the node is stopping.
   */
  spawnMeta(behavior: MetaBehavior, options?: MetaOptions): Alias;
  /**
   * Gives a live process a name; a process has at most one, so it loses another.
   *
   * @throws {NameTakenError} If the name belongs to another process.
   * @throws {TypeError} If the name has a character no name has, or the process is not alive.
   */
  register(name: string, pid: Pid): void;
  /** Frees a name; false if nobody had it. */
  unregister(name: string): boolean;
  /** The process registered under a name. */
  whereis(name: string): Pid | undefined;
  /** As the process method, from the node itself. */
  send<T extends Target>(to: T, message: MessageOf<T>): SendResult;
  /** As the process method, from the node itself. */
  call<T extends Target>(to: T, request: MessageOf<T>, options?: CallOptions): Promise<unknown>;
  /** As the process method, from the node itself. */
  exit(target: Address, reason?: ExitReason): Promise<void>;
  /** As the process method; by default about the node. */
  inspect(target?: Target): Promise<InspectRecord>;
  /** Identities of all that lives. */
  actors(): Address[];
  /** All of its actors and what passes between them, for those who operate it. */
  readonly observer: NodeObserver;
  /**
   * Makes the actors of another node reachable, until it is lost; for links.
   *
   * @throws {TypeError} If it is this node, or one of its name is attached.
   */
  attach(remote: RemoteNode): Attachment;
  /**
   * Gives a name to a process of any node, or takes it back; for clusters. A name of this
   * node passes before it.
   */
  setGlobal(name: string, pid: Pid | undefined): void;
  /**
   * Ends everything: meta-processes first, so that their last messages are
   * still handled, then processes, parents before children. From now on
   * nothing can be spawned. A second call joins the first, with its time-out.
   *
   * @throws {RangeError} If the time-out is out of range.
   */
  stop(options?: StopOptions): Promise<void>;
  /** Resolves when `stop` has finished. */
  readonly stopped: Promise<void>;
}

/**
 * Threads that are started together, and again when one ends.
 *
 * @module
 */

import type { Node } from "../actor/mod.ts";
import { type Admission, linkPort, type Machine, type PortLink } from "../cluster/mod.ts";
import { getLogger } from "../telemetry/mod.ts";
import { Leash } from "./leash.ts";
import { answerTo, type FromWorker, Questions, type ToWorker } from "./protocol.ts";
import { BEAT_MS, LEAST_KILL_MS, type Pulse, startPulse, stepPulse } from "./pulse.ts";

const log = getLogger(["troupe", "workers"]);

/** Between the end of a worker and its next start, in milliseconds: twice as long each time. */
export const BACK_OFF: Readonly<{ firstMs: number; mostMs: number; wellAfterMs: number }> = Object
  .freeze({ firstMs: 100, mostMs: 30_000, wellAfterMs: 60_000 });

/** For threads that were told to end, in milliseconds. */
const ENDED_MS = 500;

/** Options of {@linkcode startWorkers}. */
export interface WorkersOptions {
  /** How many. */
  readonly count: number;
  /** Node of this thread; its name, with their index, is that of the workers. */
  readonly node: Node;
  /**
   * The connection that they have in common: each gets a way to it as `machine`. It is theirs as
   * long as they run, and is left open. Default: none.
   */
  readonly machine?: Pick<Machine, "admit"> | undefined;
  /** What each worker gets, by its index from 1: plain data. */
  readonly data?: (index: number) => unknown;
  /** Something that a worker told. */
  readonly hear?: (index: number, message: unknown) => void;
  /** Something that a worker asked; what it returns is the answer. */
  readonly answer?: (index: number, request: unknown) => unknown;
  /** A worker has ended. */
  readonly ended?: (index: number) => void;
  /**
   * Ends a worker that has computed for so long without a pause, in milliseconds, at least 1 000;
   * it is started again. Default: such a worker is told of in the log, and goes on.
   */
  readonly killBlockedAfterMs?: number | undefined;
  /**
   * A worker that was ended so has not stopped after as long again: the runtime cannot interrupt
   * what computes, so that it takes a core, and its share of new connections, until the program
   * ends. By default that is an error in the log.
   */
  readonly stuck?: (index: number) => void;
}

/** Running workers. Disposing them ends them. */
export interface Workers extends AsyncDisposable {
  /** Indices of those that are ready. */
  readonly ready: readonly number[];
  /** Tells a worker something; nothing if it is not there. */
  tell(index: number, message: unknown): void;
  /** Asks a worker something; rejects if it is not there, or ends before it answers. */
  ask(index: number, request: unknown): Promise<unknown>;
  /** Ends one at once; it is started again. */
  terminate(index: number): void;
  /** Ends all at once, for good. */
  stop(): void;
}

/** Name of the node of a worker. */
export function nameOfWorker(node: string, index: number): string {
  return node.replace("@", `/${index}@`);
}

/** A worker could not be started. */
export class WorkerStartError extends Error {
  /** Name of the class. */
  override readonly name = "WorkerStartError";
  /** `code` is that of what its function threw, if that has one. */
  constructor(message: string, readonly code: string | undefined) {
    super(message);
  }
}

/**
 * Starts workers from a module that calls `runWorker`, and resolves when all are ready.
 *
 * Their nodes are linked with each other and with that of this thread. One that ends is
 * started again after a while; what watched its actors is told.
 *
 * @throws {WorkerStartError} If one does not start; then none runs.
 * @throws {RangeError} If `killBlockedAfterMs` is below 1 000.
 */
export async function startWorkers(module: URL, options: WorkersOptions): Promise<Workers> {
  const { killBlockedAfterMs = LEAST_KILL_MS } = options;
  if (!(killBlockedAfterMs >= LEAST_KILL_MS)) {
    throw new RangeError(
      `Cannot start workers: killBlockedAfterMs is ${killBlockedAfterMs}, expected at least ` +
        LEAST_KILL_MS,
    );
  }
  const pool = new Pool(module, options);
  await pool.start();
  return pool;
}

interface Slot {
  readonly index: number;
  worker: Worker | undefined;
  identity: { readonly name: string; readonly incarnation: string } | undefined;
  link: PortLink | undefined;
  leash: Leash | undefined;
  admission: Admission | undefined;
  isReady: boolean;
  startedMs: number;
  delayMs: number;
  timer: ReturnType<typeof setTimeout> | undefined;
  questions: Questions;
  pulse: Pulse;
}

class Pool implements Workers {
  readonly #module: URL;
  readonly #options: WorkersOptions;
  readonly #slots: Slot[];
  readonly #beats: Int32Array<SharedArrayBuffer>;
  readonly #started = Promise.withResolvers<void>();
  /** Of threads that were told to end, and may compute on. */
  readonly #ending = new Set<Leash>();
  #watching: ReturnType<typeof setInterval> | undefined;
  #isStarting = true;
  #isStopped = false;

  constructor(module: URL, options: WorkersOptions) {
    this.#module = module;
    this.#options = options;
    this.#beats = new Int32Array(new SharedArrayBuffer(4 * options.count));
    this.#slots = Array.from({ length: options.count }, (_, at) => ({
      index: at + 1,
      worker: undefined,
      identity: undefined,
      link: undefined,
      leash: undefined,
      admission: undefined,
      isReady: false,
      startedMs: 0,
      delayMs: BACK_OFF.firstMs,
      timer: undefined,
      questions: new Questions(),
      pulse: startPulse(0, 0),
    }));
  }

  async start(): Promise<void> {
    this.#watching = setInterval(() => this.#watch(), BEAT_MS);
    for (const slot of this.#slots) this.#run(slot);
    try {
      await this.#started.promise;
    } catch (error) {
      await this[Symbol.asyncDispose]();
      throw error;
    }
    this.#isStarting = false;
  }

  get ready(): readonly number[] {
    return this.#slots.filter(({ isReady }) => isReady).map(({ index }) => index);
  }

  tell(index: number, message: unknown): void {
    this.#post(this.#slots[index - 1], { kind: "tell", message });
  }

  ask(index: number, request: unknown): Promise<unknown> {
    const slot = this.#slots[index - 1];
    if (slot?.isReady !== true) {
      return Promise.reject(new Error(`Cannot ask worker ${index}: it is not there`));
    }
    return slot.questions.ask((id) => this.#post(slot, { kind: "ask", id, request }));
  }

  terminate(index: number): void {
    const slot = this.#slots[index - 1];
    if (slot?.worker !== undefined) this.#end(slot, "it was terminated");
  }

  stop(): void {
    this.#isStopped = true;
    clearInterval(this.#watching);
    for (const slot of this.#slots) {
      clearTimeout(slot.timer);
      this.#drop(slot);
    }
    // What they held of the machine is free once they have ended.
    if (this.#options.machine === undefined) this.#letGo();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stop();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<void>((resolve) => timer = setTimeout(resolve, ENDED_MS));
    await Promise.race([Promise.all([...this.#ending].map(({ ended }) => ended)), late]);
    clearTimeout(timer);
    this.#letGo();
  }

  #letGo(): void {
    for (const leash of this.#ending) leash.release();
    this.#ending.clear();
  }

  #run(slot: Slot): void {
    const { node: { name }, data } = this.#options;
    const worker = new Worker(this.#module, { type: "module", name: `worker ${slot.index}` });
    slot.worker = worker;
    slot.startedMs = performance.now();
    slot.pulse = startPulse(Atomics.load(this.#beats, slot.index - 1), slot.startedMs);
    worker.onerror = (event) => {
      event.preventDefault();
      if (slot.worker === worker) this.#end(slot, event.message);
    };
    worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
      if (slot.worker === worker) this.#hear(slot, data);
    };
    const admission = slot.admission = this.#options.machine?.admit();
    const leash = slot.leash = new Leash();
    void leash.ended.then(() => {
      this.#ending.delete(leash);
      admission?.ended();
    });
    const { port } = admission ?? {};
    const init = {
      kind: "init",
      index: slot.index,
      name: nameOfWorker(name, slot.index),
      data: data?.(slot.index),
      beats: this.#beats.buffer,
      leash: leash.end,
      machine: port,
    } as const;
    this.#post(slot, init, port === undefined ? [leash.end] : [leash.end, port]);
  }

  #post(slot: Slot | undefined, order: ToWorker, transfer: Transferable[] = []): void {
    slot?.worker?.postMessage(order, transfer);
  }

  #hear(slot: Slot, said: FromWorker): void {
    switch (said.kind) {
      case "joined":
        return this.#connect(slot, said);
      case "ready":
        return this.#becomeReady(slot);
      case "failed":
        return this.#fail(slot, new WorkerStartError(said.text, said.code));
      case "exited":
        return this.#end(slot, "it ended itself");
      case "tell":
        return this.#options.hear?.(slot.index, said.message);
      case "ask":
        return void this.#answer(slot, said.id, said.request);
      case "answer":
        return slot.questions.settle(said);
    }
  }

  async #answer(slot: Slot, id: number, request: unknown): Promise<void> {
    this.#post(slot, await answerTo(id, () => this.#options.answer?.(slot.index, request)));
  }

  /** Links a node with all that are there. */
  #connect(slot: Slot, { name, incarnation }: { name: string; incarnation: string }): void {
    const { node } = this.#options;
    slot.identity = { name, incarnation };
    const own = new MessageChannel();
    slot.link = linkPort(node, slot.identity, own.port1);
    this.#introduce(slot, node, own.port2);
    for (const other of this.#slots) {
      if (other === slot || other.identity === undefined) continue;
      const { port1, port2 } = new MessageChannel();
      this.#introduce(slot, other.identity, port1);
      this.#introduce(other, slot.identity, port2);
    }
  }

  #introduce(
    to: Slot,
    { name, incarnation }: Pick<Node, "name" | "incarnation">,
    port: MessagePort,
  ) {
    this.#post(to, { kind: "peer", name, incarnation, port }, [port]);
  }

  #becomeReady(slot: Slot): void {
    slot.isReady = true;
    if (!this.#isStarting) log.info("Worker {index} runs again", { index: slot.index });
    else if (this.#slots.every(({ isReady }) => isReady)) this.#started.resolve();
  }

  #fail(slot: Slot, error: WorkerStartError): void {
    if (this.#isStarting) this.#started.reject(error);
    else this.#end(slot, error.message);
  }

  #end(slot: Slot, why: string): void {
    this.#drop(slot);
    if (this.#isStopped) return;
    if (this.#isStarting) {
      return this.#started.reject(new WorkerStartError(`Cannot start a worker: ${why}`, undefined));
    }
    const wasWell = performance.now() - slot.startedMs >= BACK_OFF.wellAfterMs;
    const delayMs = wasWell ? BACK_OFF.firstMs : slot.delayMs;
    slot.delayMs = Math.min(delayMs * 2, BACK_OFF.mostMs);
    log.error("Worker {index} has ended: {why}; it is started again in {delayMs} ms", {
      index: slot.index,
      why,
      delayMs,
    });
    slot.timer = setTimeout(() => this.#run(slot), delayMs);
  }

  #drop(slot: Slot): void {
    const { worker, identity, link, leash, admission } = slot;
    slot.worker =
      slot.identity =
      slot.link =
      slot.leash =
      slot.admission =
        undefined;
    slot.isReady = false;
    worker?.terminate();
    slot.questions.fail(`worker ${slot.index} has ended`);
    slot.questions = new Questions();
    link?.close();
    admission?.close();
    if (leash !== undefined) this.#ending.add(leash);
    if (identity !== undefined) {
      for (const other of this.#slots) this.#post(other, { kind: "gone", ...identity });
    }
    if (worker !== undefined && !this.#isStopped) this.#options.ended?.(slot.index);
  }

  /** A worker that computes without a pause is told of, and left to go on unless a time is set. */
  #watch(): void {
    const { killBlockedAfterMs } = this.#options;
    for (const slot of this.#slots) {
      if (slot.worker === undefined) continue;
      const beats = Atomics.load(this.#beats, slot.index - 1);
      const [next, finding] = stepPulse(slot.pulse, beats, performance.now(), killBlockedAfterMs);
      slot.pulse = next;
      const seconds = Math.floor(next.silentMs / 1_000);
      if (finding === "blocked") {
        log.warn("Worker {index} is blocked: it has not paused for {seconds} s", {
          index: slot.index,
          seconds,
        });
      } else if (finding === "kill") this.#kill(slot, seconds);
    }
  }

  #kill(slot: Slot, seconds: number): void {
    const { index, leash } = slot;
    this.#end(slot, `it had not paused for ${seconds} s`);
    leash?.expectEnd(this.#options.killBlockedAfterMs!, () => {
      log.error("The thread of worker {index} cannot be stopped: it still computes", { index });
      this.#options.stuck?.(index);
    });
  }
}

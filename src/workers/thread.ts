/**
 * The side of a worker.
 *
 * @module
 */

import type { Node } from "../actor/mod.ts";
import { linkPort, type PortLink } from "../cluster/mod.ts";
import { answerTo, type FromWorker, Questions, type ToWorker } from "./protocol.ts";
import { BEAT_MS } from "./pulse.ts";

/** What a worker is given. */
export interface WorkerContext<D = unknown> {
  /** From 1. */
  readonly index: number;
  /** Name for its node, `name/INDEX@host`. */
  readonly name: string;
  /** What `startWorkers` was given. */
  readonly data: D;
  /** For `machine` of `joinCluster`, if `startWorkers` was given one. */
  readonly machine: MessagePort | undefined;
  /** Links a node with that of the main thread and those of the other workers. */
  join(node: Node): void;
  /** Tells the main thread something. */
  tell(message: unknown): void;
  /** Asks the main thread something. */
  ask(request: unknown): Promise<unknown>;
}

/** What a worker takes from the main thread. */
export interface WorkerHandle {
  /** Something it was told. */
  hear?(message: unknown): void;
  /** Something it was asked; what it returns is the answer. */
  answer?(request: unknown): unknown;
}

interface WorkerScope {
  onmessage: ((event: MessageEvent<ToWorker>) => void) | null;
  postMessage(message: FromWorker): void;
  close(): void;
}

/**
 * Makes this module a worker of `startWorkers`: calls `start` when it is told to, and says that
 * it is ready when that has resolved.
 *
 * @example
 * ```ts ignore
 * import { createNode } from "@troupe/troupe";
 * import { runWorker } from "@troupe/troupe/cluster";
 *
 * runWorker(({ name, join }) => {
 *   const node = createNode({ name });
 *   join(node);
 *   node.spawn(work, { name: "work" });
 * });
 * ```
 */
export function runWorker<D = unknown>(
  start: (context: WorkerContext<D>) => WorkerHandle | void | Promise<WorkerHandle | void>,
): void {
  const scope = self as unknown as WorkerScope;
  const thread = new Thread<D>(scope, start);
  scope.onmessage = ({ data }) => thread.hear(data);
  tellOfExit(scope);
}

class Thread<D> {
  readonly #scope: WorkerScope;
  readonly #start: Parameters<typeof runWorker<D>>[0];
  readonly #questions = new Questions();
  readonly #links: PortLink[] = [];
  #node: Node | undefined;
  #handle: WorkerHandle = {};
  /** Kept from being collected. */
  leash: Transferable | undefined;

  constructor(scope: WorkerScope, start: Parameters<typeof runWorker<D>>[0]) {
    this.#scope = scope;
    this.#start = start;
  }

  hear(order: ToWorker): void {
    switch (order.kind) {
      case "init":
        return void this.#init(order);
      case "peer":
        return void this.#links.push(linkPort(this.#node!, order, order.port));
      case "gone":
        return this.#forget(order.name, order.incarnation);
      case "tell":
        return this.#handle.hear?.(order.message);
      case "ask":
        return void this.#answer(order.id, order.request);
      case "answer":
        return this.#questions.settle(order);
    }
  }

  async #init(
    { index, name, data, beats, leash, machine }: Extract<ToWorker, { kind: "init" }>,
  ): Promise<void> {
    this.leash = leash;
    const counters = new Int32Array(beats);
    const beat = () => Atomics.add(counters, index - 1, 1);
    beat();
    setInterval(beat, BEAT_MS);
    const post = (message: FromWorker) => this.#scope.postMessage(message);
    try {
      this.#handle = await this.#start({
        index,
        name,
        data: data as D,
        machine,
        join: (node) => {
          this.#node = node;
          post({ kind: "joined", name: node.name, incarnation: node.incarnation });
        },
        tell: (message) => post({ kind: "tell", message }),
        ask: (request) => this.#questions.ask((id) => post({ kind: "ask", id, request })),
      }) ?? {};
      post({ kind: "ready" });
    } catch (error) {
      const { code } = error as { readonly code?: unknown };
      const text = error instanceof Error ? error.message : String(error);
      post({ kind: "failed", text, code: typeof code === "string" ? code : undefined });
    }
  }

  async #answer(id: number, request: unknown): Promise<void> {
    this.#scope.postMessage(await answerTo(id, () => this.#handle.answer?.(request)));
  }

  #forget(name: string, incarnation: string): void {
    const at = this.#links.findIndex(({ peer }) =>
      peer.name === name && peer.incarnation === incarnation
    );
    if (at !== -1) this.#links.splice(at, 1)[0]!.close();
  }
}

/** Nobody is told of a worker that ends itself. */
function tellOfExit(scope: WorkerScope): void {
  const last = () => scope.postMessage({ kind: "exited" });
  const close = scope.close.bind(scope);
  scope.close = () => {
    last();
    close();
  };
  const { exit } = Deno;
  Deno.exit = (code) => {
    last();
    return exit(code);
  };
}

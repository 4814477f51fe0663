/**
 * What the main thread and its workers say to each other, beside what actors do.
 *
 * @module
 */

/** From the main thread. */
export type ToWorker =
  | {
    readonly kind: "init";
    readonly index: number;
    readonly name: string;
    readonly data: unknown;
    /** Counts up while the worker runs, at its index. */
    readonly beats: SharedArrayBuffer;
    /** It closes with the thread. */
    readonly leash: Transferable;
    /** Its way to the connection of the machine. */
    readonly machine: MessagePort | undefined;
  }
  /** A node to be linked with; `port` is this end of the link. */
  | {
    readonly kind: "peer";
    readonly name: string;
    readonly incarnation: string;
    readonly port: MessagePort;
  }
  /** That node has ended. */
  | { readonly kind: "gone"; readonly name: string; readonly incarnation: string }
  | { readonly kind: "tell"; readonly message: unknown }
  | { readonly kind: "ask"; readonly id: number; readonly request: unknown }
  | Answer;

/** From a worker. */
export type FromWorker =
  /** Its node is there. */
  | { readonly kind: "joined"; readonly name: string; readonly incarnation: string }
  | { readonly kind: "ready" }
  | { readonly kind: "failed"; readonly text: string; readonly code: string | undefined }
  /** It ends itself, and says nothing any more. */
  | { readonly kind: "exited" }
  | { readonly kind: "tell"; readonly message: unknown }
  | { readonly kind: "ask"; readonly id: number; readonly request: unknown }
  | Answer;

/** What came of an `ask` of the other side. */
export interface Answer {
  readonly kind: "answer";
  readonly id: number;
  readonly value?: unknown;
  /** Present: it failed. */
  readonly error?: string;
}

/** Asks of one side that wait for their answers. */
export class Questions {
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>();
  #last = 0;

  /** Numbers a question; the promise is its answer. */
  ask(send: (id: number) => void): Promise<unknown> {
    const id = ++this.#last;
    const waiting = Promise.withResolvers<unknown>();
    this.#waiting.set(id, waiting);
    send(id);
    return waiting.promise;
  }

  /** An answer came. */
  settle({ id, value, error }: Answer): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error === undefined) waiting?.resolve(value);
    else waiting?.reject(new Error(error));
  }

  /** Nobody answers any more. */
  fail(why: string): void {
    for (const waiting of this.#waiting.values()) waiting.reject(new Error(why));
    this.#waiting.clear();
  }
}

/** Answers a question, whatever `answer` does. */
export async function answerTo(
  id: number,
  answer: () => unknown,
): Promise<Answer> {
  try {
    return { kind: "answer", id, value: await answer() };
  } catch (error) {
    return { kind: "answer", id, error: error instanceof Error ? error.message : String(error) };
  }
}

/**
 * Frames between a transport that calls back and a loop that reads.
 *
 * @module
 */

import type { CloseInfo, Frame } from "../socket.ts";

const DONE: IteratorReturnResult<undefined> = { done: true, value: undefined };

/** First in, first out; one reader; ends once. */
export class FrameQueue implements AsyncIterator<Frame> {
  #frames: Frame[] | undefined;
  #head = 0;
  #wake: ((result: IteratorResult<Frame>) => void) | undefined;
  /** Called when the last frame that waits is taken. */
  onEmpty: (() => void) | undefined;
  /** Set by `end`. */
  closeInfo: CloseInfo | undefined;

  /** Frames waiting. */
  get depth(): number {
    return this.#frames === undefined ? 0 : this.#frames.length - this.#head;
  }

  push(frame: Frame): void {
    if (this.closeInfo !== undefined) return;
    const wake = this.#wake;
    if (wake === undefined) (this.#frames ??= []).push(frame);
    else {
      this.#wake = undefined;
      wake({ done: false, value: frame });
    }
  }

  /** Nothing more comes; what waits is still read. The first call counts. */
  end(closeInfo: CloseInfo): void {
    this.closeInfo ??= closeInfo;
    this.#wake?.(DONE);
    this.#wake = undefined;
  }

  next(): Promise<IteratorResult<Frame>> {
    const frames = this.#frames;
    if (frames !== undefined) {
      const value = frames[this.#head++]!;
      if (this.#head === frames.length) {
        this.#frames = undefined;
        this.#head = 0;
        this.onEmpty?.();
      }
      return Promise.resolve({ done: false, value });
    }
    if (this.closeInfo !== undefined) return Promise.resolve(DONE);
    return new Promise((resolve) => this.#wake = resolve);
  }
}

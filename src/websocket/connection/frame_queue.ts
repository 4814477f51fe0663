/**
 * Frames between a transport that calls back and who reads them.
 *
 * @module
 */

import type { CloseInfo, Frame, FrameSource, FrameTaker } from "../socket.ts";

const DONE: IteratorReturnResult<undefined> = { done: true, value: undefined };

/** First in, first out; one reader; ends once. */
export class FrameQueue implements FrameSource {
  /** Those that wait, and before `#head` nothing. */
  #frames: (Frame | undefined)[] | undefined;
  #head = 0;
  #wake: ((result: IteratorResult<Frame>) => void) | undefined;
  #taker: FrameTaker | undefined;
  /** Whether it takes a frame, waits before the next, or has taken the last. */
  #isTaking = false;
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
    if (wake !== undefined) {
      this.#wake = undefined;
      return wake({ done: false, value: frame });
    }
    (this.#frames ??= []).push(frame);
    this.#hand();
  }

  /** Adds what came together, so that the reader hears of it once; the array is given away. */
  pushAll(frames: Frame[]): void {
    if (frames.length === 0 || this.closeInfo !== undefined) return;
    if (this.#wake !== undefined || this.#frames !== undefined) {
      for (const frame of frames) this.push(frame);
      return;
    }
    this.#frames = frames;
    this.#hand();
  }

  /** Nothing more comes; what waits is still read. The first call counts. */
  end(closeInfo: CloseInfo): void {
    if (this.closeInfo !== undefined) return;
    this.closeInfo = closeInfo;
    this.#wake?.(DONE);
    this.#wake = undefined;
    this.#hand();
  }

  handTo(taker: FrameTaker): void {
    this.#taker = taker;
    this.#hand();
  }

  /** The next frame that waits. */
  take(): Frame | undefined {
    const frames = this.#frames;
    if (frames === undefined) return undefined;
    const frame = frames[this.#head];
    frames[this.#head++] = undefined;
    if (this.#head === frames.length) {
      this.#frames = undefined;
      this.#head = 0;
      this.onEmpty?.();
    }
    return frame;
  }

  next(): Promise<IteratorResult<Frame>> {
    const value = this.take();
    if (value !== undefined) return Promise.resolve({ done: false, value });
    if (this.closeInfo !== undefined) return Promise.resolve(DONE);
    return new Promise((resolve) => this.#wake = resolve);
  }

  #hand(): void {
    const taker = this.#taker;
    // Taking a frame may end this, which then leads here.
    if (taker === undefined || this.#isTaking) return;
    this.#isTaking = true;
    try {
      for (let frame = this.take(); frame !== undefined; frame = this.take()) {
        const pause = taker.takeFrame(frame);
        if (pause !== undefined) return this.#goOnAfter(pause, taker);
      }
    } catch (error) {
      return taker.readingEnded(error);
    }
    if (this.closeInfo !== undefined) return taker.readingEnded();
    this.#isTaking = false;
  }

  #goOnAfter(pause: Promise<void>, taker: FrameTaker): void {
    pause.then(() => {
      this.#isTaking = false;
      this.#hand();
    }, (error) => taker.readingEnded(error));
  }
}

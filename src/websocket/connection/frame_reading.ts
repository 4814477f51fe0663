/**
 * Reading of a socket at the pace of whoever takes its frames.
 *
 * @module
 */

import type { Frame, Socket } from "../socket.ts";

/** Takes a frame; returns what to wait for before it takes the next one. */
export type TakeFrame = (frame: Frame) => Promise<void> | undefined;

/** Hears, once, that everything was taken, or what taking has thrown. */
export type ReadingEnded = (...failure: [] | [error: unknown]) => void;

/**
 * Gives the frames of a socket to `take`, in order, as soon as they are there: those
 * that came together in one go.
 */
export function readFrames(socket: Socket, take: TakeFrame, ended: ReadingEnded): void {
  const { frames } = socket;
  let isBusy = false;
  const read = () => {
    // Taking a frame may end the socket, which says so here.
    if (isBusy) return;
    isBusy = true;
    try {
      for (let frame = frames.take(); frame !== undefined; frame = frames.take()) {
        const pause = take(frame);
        if (pause !== undefined) return void pause.then(goOn, ended);
      }
    } catch (error) {
      return ended(error);
    }
    // Once it has ended, it stays busy.
    if (socket.closeInfo !== undefined) return ended();
    isBusy = false;
  };
  const goOn = () => {
    isBusy = false;
    read();
  };
  frames.handTo(read);
}

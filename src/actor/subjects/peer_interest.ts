/**
 * What one other node wants, and what it is told.
 *
 * @module
 */

import type { RemoteNode } from "../peer.ts";
import {
  createUntold,
  createWanted,
  hasSpace,
  hearChange,
  type Interest,
  takeChange,
  tellAll,
  tellAnew,
  tellGone,
  tellOpen,
  tellSubject,
  type Untold,
  type Wanted,
  wants,
} from "./interest.ts";
import type { InterestChange } from "./types.ts";

/** Both directions of the interest of two nodes, at one of them. */
export class PeerInterest {
  readonly #all: () => Interest;
  readonly #untold: Untold = createUntold();
  readonly #wanted: Wanted = createWanted();
  #hasNews = false;
  #isWaiting = false;
  #isOver = false;

  constructor(readonly remote: RemoteNode, all: () => Interest) {
    this.#all = all;
    tellAll(this.#untold, all());
    this.#schedule();
  }

  /** Whether it has a space open. */
  has(space: string): boolean {
    return hasSpace(this.#wanted, space);
  }

  /** Whether it has members of a subject. */
  wants(space: string, subject: string): boolean {
    return wants(this.#wanted, space, subject);
  }

  /** Takes in what it says. */
  hear(change: InterestChange): void {
    hearChange(this.#wanted, change);
  }

  /** It has missed some of what it was told: it is told all again. */
  repeat(): void {
    tellAnew(this.#untold, this.#all());
    this.#schedule();
  }

  opened(space: string): void {
    tellOpen(this.#untold, space);
    this.#schedule();
  }

  gone(space: string): void {
    tellGone(this.#untold, space);
    this.#schedule();
  }

  changed(space: string, subject: string, isWanted: boolean): void {
    tellSubject(this.#untold, space, subject, isWanted);
    this.#schedule();
  }

  /** Says what there is to say, as far as the link takes it: before anything else is sent. */
  flush(): void {
    while (this.#hasNews && !this.#isWaiting && !this.#isOver) {
      const capacity = this.remote.capacity();
      if (capacity !== undefined) return this.#flushAfter(capacity);
      const change = takeChange(this.#untold);
      if (change === undefined) this.#hasNews = false;
      else this.remote.tell(change);
    }
  }

  /** The node is lost. */
  close(): void {
    this.#isOver = true;
  }

  /** In one go for all that one turn brings. */
  #schedule(): void {
    if (this.#hasNews) return;
    this.#hasNews = true;
    queueMicrotask(() => this.flush());
  }

  #flushAfter(capacity: Promise<void>): void {
    this.#isWaiting = true;
    void capacity.then(() => {
      this.#isWaiting = false;
      this.flush();
    });
  }
}

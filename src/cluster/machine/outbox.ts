/**
 * Batches on their way out: those of one turn that go to the same machine leave together.
 *
 * @module
 */

import { setImmediate } from "node:timers";
import { type Addressed, joinFrame } from "./frame.ts";

/** Where they go. */
export interface OutboxHost {
  /** Most bytes of one message. */
  readonly maxBytes: number;
  /** To one node. */
  sendBatch(batch: Addressed): boolean;
  /** To all nodes of a machine. */
  sendFrame(machine: string, frame: Uint8Array): void;
}

/** What a frame takes beside its parts at most, for each of them, in bytes. */
const MARGIN_BYTES = 1_024;

/** One node's. */
export class Outbox {
  readonly #host: OutboxHost;
  readonly #pending = new Map<string, Addressed[]>();
  #isScheduled = false;

  constructor(host: OutboxHost) {
    this.#host = host;
  }

  /** Sends a batch, perhaps with others; false if it was not taken. */
  send(batch: Addressed, machine: string | undefined): boolean {
    const pending = machine === undefined ? undefined : this.#pending.get(machine);
    // What nobody else may get waits for none, but stays behind what was said before.
    const isAlone = machine === undefined || batch.shared.length === 0;
    if (isAlone && pending === undefined) return this.#host.sendBatch(batch);
    if (pending !== undefined) pending.push(batch);
    else this.#pending.set(machine!, [batch]);
    this.#schedule();
    return true;
  }

  /** Nothing waits any more. */
  flush(): void {
    this.#isScheduled = false;
    const pending = [...this.#pending];
    this.#pending.clear();
    for (const [machine, batches] of pending) {
      for (const row of rowsOf(batches)) this.#sendRow(machine, row);
    }
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    // Links write in the turn before: all of them have done so then.
    setImmediate(() => this.flush());
  }

  #sendRow(machine: string, row: readonly Addressed[]): void {
    const frame = row.length > 1 ? joinFrame(row) : undefined;
    if (frame !== undefined && frame.length + MARGIN_BYTES <= this.#host.maxBytes) {
      return this.#host.sendFrame(machine, frame);
    }
    for (const batch of row) this.#host.sendBatch(batch);
  }
}

/** The first batches of all nodes, then the second ones: what was said to several is in one row. */
function rowsOf(batches: readonly Addressed[]): Addressed[][] {
  const rows: Addressed[][] = [];
  const counts = new Map<string, number>();
  for (const batch of batches) {
    const place = `${batch.to.name}\n${batch.to.incarnation}`;
    const count = counts.get(place) ?? 0;
    counts.set(place, count + 1);
    (rows[count] ??= []).push(batch);
  }
  return rows;
}

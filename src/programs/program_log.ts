/**
 * What is logged about a program, at a bounded rate.
 *
 * @module
 */

import type { Process } from "../actor/mod.ts";
import { fullAllowance, type LogAllowance, LogLineReader, stepAllowance } from "./log_lines.ts";

/** Longest part of something refused that is shown, in characters. */
const SHOWN_CHARACTERS = 200;

const ENDED = { done: true, value: undefined } as const;

/** Writes about one program. */
export class ProgramLog {
  readonly #self: Process;
  #allowance: LogAllowance;
  #refused = 0;

  constructor(self: Process) {
    this.#self = self;
    this.#allowance = fullAllowance(self.nowMs());
  }

  /** How much of what the program wrote could not be used. */
  get refused(): number {
    return this.#refused;
  }

  /** Something that the program wrote is left out. */
  refuse(why: string, what: string): void {
    this.#refused++;
    const shown = what.length > SHOWN_CHARACTERS ? `${what.slice(0, SHOWN_CHARACTERS)}…` : what;
    this.#limited(() =>
      this.#self.log.warn("What program {name} wrote was left out, {why}: {shown}", {
        ...this.#fields,
        why,
        shown,
      })
    );
  }

  /** Reads the standard error of a program to its end, a line each. */
  async readErrors(output: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
    const lines = new LogLineReader();
    for (;;) {
      // A pipe that broke has ended.
      const { value, done } = await output.read().catch(() => ENDED);
      if (done) break;
      for (const line of lines.push(value!)) this.#line(line);
    }
    for (const line of lines.end()) this.#line(line);
    this.#tellLeftOut(this.#allowance.leftOut);
  }

  get #fields(): { name: string } {
    return { name: this.#self.name ?? this.#self.pid };
  }

  #line(line: string): void {
    this.#limited(() => this.#self.log.info("{name}: {line}", { ...this.#fields, line }));
  }

  #limited(write: () => void): void {
    const { next, mayWrite, leftOut } = stepAllowance(this.#allowance, this.#self.nowMs());
    this.#allowance = next;
    if (!mayWrite) return;
    this.#tellLeftOut(leftOut);
    write();
  }

  #tellLeftOut(lines: number): void {
    if (lines === 0) return;
    this.#self.log.warn("{lines} lines about program {name} were left out of the log", {
      ...this.#fields,
      lines,
    });
  }
}

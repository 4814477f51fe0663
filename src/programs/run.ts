/**
 * Joins a program to the process that it is the code of.
 *
 * @module
 */

import type { Envelope, InspectRecord, Process } from "../actor/mod.ts";
import { Child, type ChildEnd, type ChildOptions } from "./child.ts";
import { Input } from "./input.ts";
import { ProgramLog } from "./program_log.ts";

/** What a format has to work with. */
export interface Session {
  readonly self: Process;
  /** Tells what of the program's output could not be used. */
  readonly log: ProgramLog;
  /** Longest line or message of the program, in bytes. */
  readonly maxBytes: number;
  /** Writes to the program; returns what to wait for before writing more. */
  write(data: string | Uint8Array): Promise<void> | undefined;
}

/** How messages look to a program. */
export interface Format {
  /** What the program is to read before anything else. */
  begin?(): string | Uint8Array | undefined;
  /**
   * What the program is to read of a message; `undefined` for nothing. Once it is told
   * `isOver`, the program is asked to end.
   */
  encode(envelope: Envelope): string | Uint8Array | undefined;
  /** No message that comes would be for the program any more. */
  readonly isOver?: boolean;
  /**
   * Takes what the program has written; returns what to wait for before reading more. Once that
   * has come, the chunk is written to again: what is kept of it is to be copied.
   *
   * @throws {ProgramOutputError} If a line or message is too long.
   */
  read(chunk: Uint8Array): Promise<void> | undefined;
  /** Its output has ended; `isWhole` if the program ended with exit code 0. */
  end(isWhole: boolean): void;
  /** What `inspect` answers about it. */
  inspect(): InspectRecord;
}

/** Makes a format for a program that has just been started. */
export type FormatFactory = (session: Session) => Format;

/** How to run a program. */
export interface RunOptions extends ChildOptions {
  readonly maxBytes: number;
}

/** Read at once, into a buffer that is used again and again. */
const READ_BYTES = 65_536;

/** Time for reading what is left in a pipe whose writers have ended, in milliseconds. */
const LAST_OUTPUT_MS = 500;

/**
 * Runs a program to its end, and resolves with that. Asked to stop, the process first hands
 * over what is in its mailbox, then closes the program's standard input, and so on.
 *
 * @throws {ProgramStartError} If the system does not start it.
 * @throws {ProgramOutputError} If it wrote too long a line or message; it has been ended.
 */
export async function runProgram(
  self: Process,
  options: RunOptions,
  createFormat: FormatFactory,
): Promise<ChildEnd> {
  const child = new Child(options);
  const input = new Input(child.stdin);
  const log = new ProgramLog(self);
  const session: Session = {
    self,
    log,
    maxBytes: options.maxBytes,
    write: (data) => input.write(data),
  };
  const format = createFormat(session);
  self.onInspect(() => ({
    program: options.command[0] ?? "",
    programPid: child.pid,
    phase: child.phase,
    inputWaiting: input.waiting,
    inputWrites: input.writes,
    refused: log.refused,
    ...format.inspect(),
  }));
  self.log.debug("Program {program} was started as {programPid}", {
    program: options.command[0],
    programPid: child.pid,
  });
  return await new Run(self, child, input, log, format).finish();
}

/** What goes on at the same time while a program runs. */
class Run {
  #isWaiting = false;
  #reads = 0;
  #failure: { readonly error: unknown } | undefined;

  constructor(
    readonly self: Process,
    readonly child: Child,
    readonly input: Input,
    readonly log: ProgramLog,
    readonly format: Format,
  ) {}

  async finish(): Promise<ChildEnd> {
    const { child, input, self } = this;
    const end = () => self.signal.reason === "killed" ? child.kill() : child.stop();
    self.signal.addEventListener("abort", end);
    if (self.signal.aborted) end();
    const output = child.stdout.getReader({ mode: "byob" });
    const complaints = child.stderr.getReader();
    const reading = Promise.all([
      this.#attempt(() => this.#read(output)),
      this.log.readErrors(complaints),
    ]);
    void this.#attempt(() => this.#feed());
    try {
      const how = await child.ended;
      input.abort();
      await this.#readRest(reading, () => {
        for (const reader of [output, complaints]) reader.cancel().catch(() => {});
      });
      if (this.#failure !== undefined) throw this.#failure.error;
      this.format.end(how.code === 0 && how.signal === null);
      return how;
    } finally {
      self.signal.removeEventListener("abort", end);
    }
  }

  /** Something that cannot go on ends the program; the first such thing is why. */
  async #attempt(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#failure ??= { error };
      this.child.terminate();
    }
  }

  async #feed(): Promise<void> {
    const { self, format, input, child } = this;
    const first = format.begin?.();
    if (first !== undefined) input.write(first);
    for await (const envelope of self) {
      const data = format.encode(envelope);
      const full = data === undefined ? undefined : input.write(data);
      if (full !== undefined) await full;
      if (format.isOver) break;
    }
    child.stop();
    await input.close();
  }

  async #read(output: ReadableStreamBYOBReader): Promise<void> {
    let buffer = new ArrayBuffer(READ_BYTES);
    try {
      for (;;) {
        this.#isWaiting = true;
        const { value, done } = await output.read(new Uint8Array(buffer));
        this.#isWaiting = false;
        this.#reads++;
        if (done || value === undefined) return;
        const full = this.format.read(value);
        if (full !== undefined) await full;
        buffer = value.buffer;
      }
    } finally {
      // Nobody reads what else there is: who writes it gets SIGPIPE, not our memory.
      await output.cancel().catch(() => {});
    }
  }

  /**
   * Reads what is left in the pipes of a program that has ended. One that has left the
   * group, as a daemon does, may hold them for ever: they are given up once nothing comes.
   */
  async #readRest(reading: Promise<unknown>, cancel: () => void): Promise<void> {
    let seen = -1;
    const look = () => {
      if (this.#isWaiting && this.#reads === seen) return cancel();
      seen = this.#reads;
      timer = setTimeout(look, LAST_OUTPUT_MS);
    };
    let timer = setTimeout(look, LAST_OUTPUT_MS);
    await reading;
    clearTimeout(timer);
  }
}

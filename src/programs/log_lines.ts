/**
 * What a program writes to its standard error, as lines for the log, bounded.
 *
 * @module
 */

/** Limits of what of a program gets into the log. */
export const LOG_LIMITS: Readonly<{ lineBytes: number; linesPerSecond: number; burst: number }> =
  Object.freeze({ lineBytes: 4_096, linesPerSecond: 50, burst: 200 });

const NEWLINE = 0x0a;

/** Finds lines; of a longer one, the first `lineBytes`. */
export class LogLineReader {
  readonly #decoder = new TextDecoder();
  #line = new Uint8Array(LOG_LIMITS.lineBytes);
  #length = 0;
  #isCut = false;

  /** The lines that are whole by now. */
  push(chunk: Uint8Array): string[] {
    const lines: string[] = [];
    for (let start = 0; start < chunk.byteLength;) {
      const newline = chunk.indexOf(NEWLINE, start);
      const end = newline === -1 ? chunk.byteLength : newline;
      this.#add(chunk.subarray(start, end));
      if (newline !== -1) lines.push(this.#take());
      start = end + 1;
    }
    return lines;
  }

  /** What had no newline when the output ended. */
  end(): string[] {
    return this.#length === 0 ? [] : [this.#take()];
  }

  #add(piece: Uint8Array): void {
    const fitting = piece.subarray(0, LOG_LIMITS.lineBytes - this.#length);
    this.#line.set(fitting, this.#length);
    this.#length += fitting.byteLength;
    if (fitting.byteLength < piece.byteLength) this.#isCut = true;
  }

  #take(): string {
    const text = this.#decoder.decode(this.#line.subarray(0, this.#length));
    const line = text.endsWith("\r") ? text.slice(0, -1) : text;
    const shown = this.#isCut ? `${line}…` : line;
    this.#length = 0;
    this.#isCut = false;
    return shown;
  }
}

/** How many lines may still be written, and how many were not. */
export interface LogAllowance {
  /** Lines that may be written now; a fraction is a part of the next one. */
  readonly lines: number;
  /** Lines left out since the last one that was written. */
  readonly leftOut: number;
  readonly atMs: number;
}

/** Before the first line. */
export function fullAllowance(nowMs: number): LogAllowance {
  return { lines: LOG_LIMITS.burst, leftOut: 0, atMs: nowMs };
}

/** Decides about one more line; `leftOut` are those before it that nobody was told of. */
export function stepAllowance(
  { lines, leftOut, atMs }: LogAllowance,
  nowMs: number,
): { readonly next: LogAllowance; readonly mayWrite: boolean; readonly leftOut: number } {
  const { burst, linesPerSecond } = LOG_LIMITS;
  const allowed = Math.min(burst, lines + (nowMs - atMs) / 1_000 * linesPerSecond);
  if (allowed < 1) {
    const next = { lines: allowed, leftOut: leftOut + 1, atMs: nowMs };
    return { next, mayWrite: false, leftOut: 0 };
  }
  return { next: { lines: allowed - 1, leftOut: 0, atMs: nowMs }, mayWrite: true, leftOut };
}

/**
 * Log lines that a test can wait for.
 *
 * @module
 */

/** Deadline of a wait, in milliseconds. */
const TIMEOUT_MS = 20_000;

/** One line of the JSON format. */
export type LogLine = Record<string, unknown>;

/** Takes what a JSON log writes. */
export class LogCapture {
  readonly lines: LogLine[] = [];
  #wake = Promise.withResolvers<void>();

  /** To be given as the output of the logs. */
  readonly write = (bytes: Uint8Array): Promise<number> => {
    const text = new TextDecoder().decode(bytes).trimEnd();
    this.lines.push(...text.split("\n").map((line) => JSON.parse(line)));
    this.#wake.resolve();
    this.#wake = Promise.withResolvers();
    return Promise.resolve(bytes.length);
  };

  /** The first line, past or future, whose message contains the text. */
  async find(text: string): Promise<LogLine> {
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      this.#wake.resolve();
    }, TIMEOUT_MS);
    try {
      for (;;) {
        const found = this.lines.find((line) => String(line.message).includes(text));
        if (found !== undefined) return found;
        if (isLate) throw new Error(`Cannot find ${text} in:\n${JSON.stringify(this.lines)}`);
        await this.#wake.promise;
      }
    } finally {
      clearTimeout(timer);
    }
  }
}

/**
 * Another process of the operating system, watched line by line.
 *
 * @module
 */

/** How to start a program. */
export interface ProgramOptions {
  /** Default: the running deno. */
  readonly executable?: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Deadline of each wait, in milliseconds. Default 60 000. */
  readonly timeoutMs?: number;
}

/** A running program; at the end of its scope it is killed. */
export class Program implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #timeoutMs: number;
  readonly #reading: Promise<unknown>;
  readonly #lines: string[] = [];
  #ended = false;
  #wake = Promise.withResolvers<void>();

  constructor(options: ProgramOptions) {
    const command = new Deno.Command(options.executable ?? Deno.execPath(), {
      args: [...options.args],
      cwd: options.cwd,
      env: { NO_COLOR: "1", ...options.env },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    });
    this.#child = command.spawn();
    this.#timeoutMs = options.timeoutMs ?? 60_000;
    this.#reading = Promise.all([this.#child.stdout, this.#child.stderr].map((s) => this.#read(s)))
      .finally(() => {
        this.#ended = true;
        this.#wake.resolve();
      });
  }

  /** Every line so far, of both outputs. */
  get lines(): readonly string[] {
    return this.#lines;
  }

  /** First line, past or future, for which `find` returns something; returns that. */
  async find<T>(what: string, find: (line: string) => T | undefined): Promise<T> {
    return await this.#inTime(`find ${what}`, async () => {
      for (let next = 0;;) {
        while (next < this.#lines.length) {
          const found = find(this.#lines[next++]!);
          if (found !== undefined) return found;
        }
        if (this.#ended) throw new Error(this.#complaint(`find ${what}`));
        await this.#wake.promise;
      }
    });
  }

  /** Port of the first address `http://…:PORT` that it prints. */
  port(): Promise<number> {
    return this.find("the port", (line) => {
      const match = /\bhttps?:\/\/[^\s"/]+:(\d+)/.exec(line);
      return match === null ? undefined : Number(match[1]);
    });
  }

  /** Sends a signal. */
  signal(name: Deno.Signal): void {
    this.#child.kill(name);
  }

  /** As `signal`; it may have ended, although nobody was told yet. */
  signalIfAlive(name: Deno.Signal): void {
    try {
      this.signal(name);
    } catch (error) {
      if (!/already terminated/.test(String(error))) throw error;
    }
  }

  /** Waits for the end and returns the exit code. */
  async exitCode(): Promise<number> {
    const { code } = await this.#inTime("see it end", () => this.#child.status);
    await this.#reading;
    return code;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch (error) {
      // It had ended already.
      if (!(error instanceof TypeError)) throw error;
    }
    await this.#child.status;
    await this.#reading;
  }

  async #inTime<T>(what: string, work: () => Promise<T>): Promise<T> {
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      late.reject(new Error(this.#complaint(what)));
      // Whoever waits for output would wait for ever.
      this[Symbol.asyncDispose]();
    }, this.#timeoutMs);
    const working = work();
    working.catch(() => {});
    try {
      return await Promise.race([working, late.promise]);
    } finally {
      clearTimeout(timer);
    }
  }

  #complaint(what: string): string {
    return `Cannot ${what}, output so far:\n${this.#lines.join("\n")}`;
  }

  async #read(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<void> {
    let rest = "";
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + text).split("\n");
      rest = lines.pop()!;
      this.#lines.push(...lines);
      this.#wake.resolve();
      this.#wake = Promise.withResolvers();
    }
    if (rest !== "") this.#lines.push(rest);
  }
}

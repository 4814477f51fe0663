/**
 * What a line through a program costs, beside the same lines through the bare pipe.
 *
 * @module
 */

import { createNode } from "../../src/actor/mod.ts";
import { program } from "../../src/behaviors/mod.ts";
import { connectPeer } from "../../src/testing/mod.ts";
import { MESSAGE_TYPE } from "../../src/websocket/mod.ts";

/** Lines at once: what waits for a program is bounded. */
const WINDOW = 90;
const LINES = 200_000;
const TURNS = 3_000;
const ROUNDS = 5;
const LINE = "thirty-two letters and no newline";

const PYTHON =
  "import sys\nfor line in sys.stdin:\n    sys.stdout.write(line)\n    sys.stdout.flush()";

/** Programs that write what they read. */
const ECHOES: readonly (readonly [name: string, command: readonly string[]])[] = [
  ["cat", ["cat"]],
  ["python3", ["python3", "-u", "-c", PYTHON]],
];

/** Sends lines and waits for them to come back. */
interface Echo {
  /** Writes so many lines in one go. */
  send(count: number): void | Promise<void>;
  /** Resolves when so many lines have come back in all. */
  until(count: number): Promise<void>;
  stop(): Promise<void>;
}

/** Counts, and wakes who waits for a number. */
class Counter {
  #count = 0;
  #waiting: { readonly count: number; readonly resolve: () => void } | undefined;

  add(count: number): void {
    this.#count += count;
    if (this.#waiting === undefined || this.#count < this.#waiting.count) return;
    this.#waiting.resolve();
    this.#waiting = undefined;
  }

  until(count: number): Promise<void> {
    if (this.#count >= count) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting = { count, resolve };
    return promise;
  }
}

function startBare(command: readonly string[]): Echo {
  const [executable, ...args] = command;
  const options = { args, stdin: "piped", stdout: "piped" } as const;
  const child = new Deno.Command(executable!, options).spawn();
  const writer = child.stdin.getWriter();
  const counter = new Counter();
  const reading = (async () => {
    for await (const chunk of child.stdout) {
      let lines = 0;
      for (const byte of chunk) if (byte === 10) lines++;
      counter.add(lines);
    }
  })();
  return {
    send: (count) => writer.write(new TextEncoder().encode(`${LINE}\n`.repeat(count))),
    until: (count) => counter.until(count),
    async stop() {
      await writer.close();
      await reading;
      await child.status;
    },
  };
}

async function startProgram(command: readonly string[]): Promise<Echo> {
  const node = createNode();
  const env = { command, format: "lines", perConnection: true } as const;
  const pid = node.spawn(program, { env });
  const { peer } = await connectPeer(node, pid);
  const counter = new Counter();
  // As a socket that counts what it is given and keeps nothing.
  peer.received.push = (...frames) => {
    counter.add(frames.length);
    return 0;
  };
  return {
    send(count) {
      for (let sent = 0; sent < count; sent++) peer.send(MESSAGE_TYPE.text, LINE);
    },
    until: (count) => counter.until(count),
    stop: () => node.stop(),
  };
}

interface Measured {
  readonly perSecond: number;
  readonly p50Us: number;
}

async function measure(echo: Echo): Promise<Measured> {
  let sent = 0;
  const turn = async (count: number) => {
    await echo.send(count);
    await echo.until(sent += count);
  };
  await turn(1);
  const startMs = performance.now();
  for (let lines = 0; lines < LINES; lines += WINDOW) await turn(WINDOW);
  const perSecond = LINES / (performance.now() - startMs) * 1_000;
  const tookMs: number[] = [];
  for (let each = 0; each < TURNS; each++) {
    const fromMs = performance.now();
    await turn(1);
    tookMs.push(performance.now() - fromMs);
  }
  await echo.stop();
  return { perSecond, p50Us: median(tookMs) * 1_000 };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}

/** Prints rates and what is added to a turn. */
export async function programs(): Promise<void> {
  for (const [name, command] of ECHOES) {
    const bare: Measured[] = [];
    const through: Measured[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      bare.push(await measure(startBare(command)));
      through.push(await measure(await startProgram(command)));
    }
    const rate = (all: readonly Measured[]) => median(all.map(({ perSecond }) => perSecond));
    const p50 = (all: readonly Measured[]) => median(all.map(({ p50Us }) => p50Us));
    const shown = (perSecond: number) => `${Math.round(perSecond).toLocaleString("en")} lines/s`;
    console.log(
      `${name}, ${WINDOW} at once: ${shown(rate(through))} through a program, ` +
        `${shown(rate(bare))} through the bare pipe; one after the other: p50 ` +
        `${p50(through).toFixed(0)} µs, bare ${p50(bare).toFixed(0)} µs, ` +
        `${(p50(through) - p50(bare)).toFixed(0)} µs added`,
    );
  }
}

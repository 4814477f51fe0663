/**
 * What the generator can do at most: its peer answers without looking.
 *
 * @module
 */

import { CEILING } from "../contestants.ts";
import { entriesOf, openAll, webSocketEntry } from "../entries.ts";
import { echo } from "../generator/echo.ts";
import { textFrame } from "../generator/frames.ts";
import type { RateScenario } from "../scenario.ts";
import type { EchoShape } from "./echo.ts";

const SHAPES: readonly EchoShape[] = [
  { connections: 100, depth: 1, size: 32 },
  { connections: 100, depth: 16, size: 32 },
  { connections: 1_000, depth: 1, size: 128 },
  { connections: 20, depth: 8, size: 16_384 },
];

/** What `deno task bench ceiling` measures. */
export const scenarios: readonly RateScenario[] = SHAPES.map((shape) => {
  const { connections, depth, size } = shape;
  return {
    kind: "rate",
    id: `ceiling-${connections}x${depth}-${size}`,
    group: "ceiling",
    title: `Ceiling of the generator, ${connections.toLocaleString("en-US")} connections × ` +
      `${depth} in flight, ${size.toLocaleString("en-US")} bytes`,
    unit: "messages",
    entries: entriesOf("echo", { from: [CEILING] }),
    isQuick: connections === 100,
    // What comes back is no echo: its length is right, and that is all.
    prepare: async (subject, entry) => {
      const opened = await openAll(subject, webSocketEntry(entry), connections);
      const frames = [textFrame("x".repeat(size))];
      return {
        measure: (durationMs, latencies) => echo(opened, { frames, depth, durationMs, latencies }),
        [Symbol.asyncDispose]: () => {
          opened.forEach((each) => each[Symbol.dispose]());
          return Promise.resolve();
        },
      };
    },
  };
});

/**
 * Messages between actors of one node.
 *
 * @module
 */

import type { RateScenario } from "../scenario.ts";
import { startSubject } from "../subject.ts";

const NAMES = {
  send: ["Send within a node, one way", "messages"],
  "ping-pong": ["Ping-pong within a node, a message each way", "round trips"],
  call: ["Call within a node, one after the other", "calls"],
} as const;

/** What `deno task bench node` measures. */
export const scenarios: readonly RateScenario[] = Object.entries(NAMES).map((
  [name, [title, unit]],
) => ({
  kind: "rate",
  id: `node-${name}`,
  group: "node",
  title,
  unit,
  isQuick: true,
  entries: [{ id: "troupe", title: "Troupe", start: () => startSubject("in_node") }],
  prepare: async ({ port }) => {
    const connection = await Deno.connect({ hostname: "127.0.0.1", port });
    const buffer = new Uint8Array(64);
    return {
      measure: async (durationMs) => {
        await connection.write(new TextEncoder().encode(`${name} ${durationMs}\n`));
        const count = await connection.read(buffer);
        if (count === null) throw new Error(`Cannot measure ${name}: the process ended`);
        return Number(new TextDecoder().decode(buffer.subarray(0, count)));
      },
      [Symbol.asyncDispose]: () => Promise.resolve(connection.close()),
    };
  },
}));

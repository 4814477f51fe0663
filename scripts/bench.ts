/**
 * Benchmarks: ratios between programs measured side by side in one run.
 *
 * `deno task bench [NAME …]` runs those whose names are given, or all. Absolute
 * figures depend on the machine; ratios travel.
 *
 * @module
 */

import { actorLayer } from "./bench/actor_layer.ts";
import { calls } from "./bench/calls.ts";
import { engines } from "./bench/engines.ts";
import { fanOut } from "./bench/fan_out.ts";
import { memory } from "./bench/memory.ts";
import { rooms } from "./bench/rooms.ts";
import { telemetry } from "./bench/telemetry.ts";

const BENCHES: Readonly<Record<string, () => Promise<void>>> = {
  "actor-layer": actorLayer,
  calls,
  engines,
  "fan-out": fanOut,
  memory,
  rooms,
  telemetry,
};

const wanted = Deno.args.length === 0 ? Object.keys(BENCHES) : Deno.args;
const unknown = wanted.find((name) => !(name in BENCHES));
if (unknown !== undefined) {
  console.error(
    `Cannot run the benchmark ${JSON.stringify(unknown)}: expected one of ${
      Object.keys(BENCHES).join(", ")
    }`,
  );
  Deno.exit(2);
}
for (const name of wanted) await BENCHES[name]!();

import { join } from "node:path";
import { NATS } from "../cluster/stage.ts";
import { assertEquals } from "../helpers/assert.ts";
import { testWith } from "../helpers/needs.ts";
import { Program } from "../helpers/program.ts";
import { ROOT } from "../structure/source_tree.ts";

testWith(
  NATS,
  "examples/cluster counts what clients of three nodes say, on one of them, in one lobby",
  async (executable) => {
    const args = ["run", "-A", join(ROOT, "examples/cluster/run.ts")];
    const env = { NATS_SERVER: executable, XDG_STATE_HOME: await Deno.makeTempDir() };
    try {
      await using program = new Program({ args, env, timeoutMs: 60_000 });
      assertEquals(await program.exitCode(), 0);
      const said = program.lines.flatMap((line) => {
        const match = /^Client of (\w+@host): (\d) on (\w+@host)$/.exec(line);
        return match === null ? [] : [match];
      });
      assertEquals(said.map(([, client, count]) => `${client} ${count}`), [
        "one@host 1",
        "two@host 2",
        "three@host 3",
      ]);
      assertEquals(new Set(said.map(([, , , node]) => node)).size, 1);
      assertEquals(program.lines.slice(3), [
        "In the lobby of one@host: good evening",
        "In the lobby of two@host: good evening",
        "In the lobby of three@host: good evening",
      ]);
    } finally {
      await Deno.remove(env.XDG_STATE_HOME, { recursive: true });
    }
  },
);

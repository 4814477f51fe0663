import { parseArgs } from "../../scripts/abuse/args.ts";
import { summarize } from "../../scripts/abuse/times.ts";
import { assertEquals, assertMatch, assertThrows } from "../helpers/assert.ts";

Deno.test("parseArgs() reads numbers by name and refuses the rest", () => {
  assertEquals(parseArgs([]).announcing, 300);
  assertEquals(parseArgs(["--stalled", "2", "--seconds", "1"]), {
    announcing: 300,
    stalled: 2,
    dripping: 100,
    wellBehaved: 100,
    seconds: 1,
  });
  for (const args of [["--stalled", "x"], ["--stalled", "0"], ["--some", "1"], ["1"]]) {
    assertThrows(() => parseArgs(args), TypeError, "expected --announcing NUMBER, ");
  }
});

Deno.test("summarize() gives median and 99th percentile of any order", () => {
  const times = Array.from({ length: 1_000 }, (_, i) => (i * 7) % 1_000);
  assertEquals(summarize(times), { count: 1_000, medianMs: 500, p99Ms: 990 });
  assertEquals(summarize([3]), { count: 1, medianMs: 3, p99Ms: 3 });
  assertEquals(summarize([]), { count: 0, medianMs: 0, p99Ms: 0 });
});

/** Runs a script to its end. */
async function run(name: string, args: readonly string[]): Promise<string> {
  const script = new URL(`../../scripts/${name}`, import.meta.url).pathname;
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", script, ...args],
    stdin: "null",
  }).output();
  assertEquals([code, new TextDecoder().decode(stderr).includes("error")], [0, false]);
  return new TextDecoder().decode(stdout);
}

Deno.test("the abuse script ends by itself and shows memory, times and outcomes", async () => {
  const counts = ["--announcing", "3", "--stalled", "2", "--dripping", "2", "--wellBehaved", "2"];
  const text = await run("abuse.ts", [...counts, "--seconds", "1"]);
  for (const when of ["alone", "abused, now", "after"]) {
    assertMatch(
      text,
      new RegExp(`${when} +(unknown|\\d+\\.\\d MiB) resident +round trip: median \\d+\\.\\d\\d ms`),
    );
  }
  assertMatch(text, /3 × announced 64 MiB: closed by the server/);
  assertMatch(text, /2 × stalled: /);
  assertMatch(text, /2 × dripped headers: /);
});

Deno.test("the script of stalled readers ends by itself and compares with and without them", async () => {
  const counts = ["--readers", "3", "--stalled", "1", "--seconds", "0.5", "--rounds", "1"];
  const text = await run("stalled_readers.ts", counts);
  for (const title of ["round 1, alone", "round 1, 1 stalled"]) {
    const times = "median \\d+\\.\\d\\d ms, p99 \\d+\\.\\d\\d ms \\([1-9]\\d*\\)";
    assertMatch(text, new RegExp(`${title} +${times}, .* \\d+ cut off`));
  }
  assertMatch(text, /3 readers, 1 stalled: p99 × \d+\.\d\d \(goal below 2: (reached|MISSED)\)/);
});

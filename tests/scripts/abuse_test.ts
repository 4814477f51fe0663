import { parseArgs } from "../../scripts/abuse/args.ts";
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

Deno.test("the abuse script ends by itself and shows memory, times and outcomes", async () => {
  const counts = ["--announcing", "3", "--stalled", "2", "--dripping", "2", "--wellBehaved", "2"];
  const script = new URL("../../scripts/abuse.ts", import.meta.url).pathname;
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", script, ...counts, "--seconds", "1"],
    stdin: "null",
  }).output();
  assertEquals([code, new TextDecoder().decode(stderr).includes("error")], [0, false]);
  const text = new TextDecoder().decode(stdout);
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

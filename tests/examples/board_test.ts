import { join } from "node:path";
import { assertEquals, assertStringIncludes } from "../helpers/assert.ts";
import { OPCODE } from "../../src/testing/frames.ts";
import { Program } from "../helpers/program.ts";
import { RawClient } from "../../src/testing/raw_client.ts";
import { ROOT } from "../structure/source_tree.ts";

const EMPTY = ["", "", "", ""];

function paint(client: RawClient, stroke: unknown): Promise<void> {
  return client.send({ opcode: OPCODE.text, payload: JSON.stringify(stroke) });
}

Deno.test("examples/board tells every stroke to all and the whole board to newcomers", async () => {
  const config = join(ROOT, "examples/board/troupe.jsonc");
  const args = ["run", "-A", join(ROOT, "main.ts"), "--config", config, "--port", "0"];
  await using program = new Program({ args });
  const address = { port: await program.port(), path: "/board" };
  await using first = await RawClient.open(address);
  await using second = await RawClient.open(address);
  const empty = { board: [EMPTY, EMPTY, EMPTY, EMPTY] };
  for (const client of [first, second]) assertEquals(JSON.parse(await client.readText()), empty);

  const red = { x: 1, y: 0, colour: "red" };
  await paint(first, red);
  for (const client of [first, second]) assertEquals(JSON.parse(await client.readText()), red);

  // Only the one who painted beside the board hears of it.
  await paint(second, { x: 4, y: 0, colour: "red" });
  assertStringIncludes(await second.readText(), "expected x and y below 4");
  const blue = { x: 3, y: 3, colour: "blue" };
  await paint(first, blue);
  for (const client of [first, second]) assertEquals(JSON.parse(await client.readText()), blue);

  await using newcomer = await RawClient.open(address);
  const board = [["", "red", "", ""], EMPTY, EMPTY, ["", "", "", "blue"]];
  assertEquals(JSON.parse(await newcomer.readText()), { board });
});

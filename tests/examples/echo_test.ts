import { join } from "node:path";
import { assertEquals } from "../helpers/assert.ts";
import { OPCODE } from "../../src/testing/frames.ts";
import { Program } from "../helpers/program.ts";
import { RawClient } from "../../src/testing/raw_client.ts";
import { ROOT } from "../structure/source_tree.ts";

Deno.test("examples/echo.ts echoes text and bytes and says 1001 when it is ended", async () => {
  const args = ["run", "--allow-net", "--allow-env", join(ROOT, "examples/echo.ts"), "0"];
  await using program = new Program({ args });
  await using client = await RawClient.open({ port: await program.port(), path: "/" });
  await client.send(
    { opcode: OPCODE.text, payload: "hällo" },
    { opcode: OPCODE.binary, payload: new Uint8Array([0, 255]) },
  );
  assertEquals(await client.readText(), "hällo");
  const bytes = await client.readFrame();
  assertEquals([bytes?.opcode, ...bytes?.payload ?? []], [OPCODE.binary, 0, 255]);
  program.signal("SIGTERM");
  assertEquals((await client.readClose()).code, 1001);
  client.close();
  assertEquals(await program.exitCode(), 0);
});

import { join } from "node:path";
import { loadConfig } from "../../src/config/mod.ts";
import { serve, type Server } from "../../src/server/mod.ts";
import { OPCODE } from "../../src/testing/frames.ts";
import { RawClient } from "../../src/testing/raw_client.ts";
import { assert, assertEquals, assertLess } from "../helpers/assert.ts";
import { findExecutable, type Need, PYTHON, testWith } from "../helpers/needs.ts";
import { ROOT } from "../structure/source_tree.ts";

const FOLDER = join(ROOT, "examples/programs");

const NODE: Need = {
  name: "node",
  executable: findExecutable(["node"]),
  requiredInCi: false,
};
const SHELL: Need = { name: "sh", executable: findExecutable(["sh"]), requiredInCi: true };

/** The example's configuration with one of its processes alone, so that it needs one language. */
async function serveOnly(name: string): Promise<Server> {
  const { config } = await loadConfig({
    file: join(FOLDER, "troupe.json"),
    directory: FOLDER,
  });
  const { processes, endpoints, listen } = config;
  return await serve({
    ...config,
    listen: { ...listen, port: 0 },
    processes: { [name]: processes[name]! },
    endpoints: { [`/${name}`]: endpoints[`/${name}`]! },
  }, { baseDirectory: FOLDER });
}

const open = (server: Server, path: string) => RawClient.open({ port: server.addr.port, path });
const say = (client: RawClient, payload: string) => client.send({ opcode: OPCODE.text, payload });

testWith(PYTHON, "examples/programs/chat.py is a chat, and answers calls", async () => {
  await using server = await serveOnly("chat");
  await using first = await open(server, "/chat");
  assertEquals(await first.readText(), "You are guest 1");
  await using second = await open(server, "/chat");
  assertEquals(await second.readText(), "You are guest 2");
  await say(second, "hi, sé😀");
  for (const client of [first, second]) assertEquals(await client.readText(), "guest 2: hi, sé😀");
  assertEquals(await server.node.call("chat", "how many"), 2);
  await say(second, "/quit");
  assertEquals(await second.readClose(), { code: 4000, reason: "bye" });
  await second[Symbol.asyncDispose]();
  assertEquals(await first.readText(), "guest 2 has left");
});

testWith(NODE, "examples/programs/dice.mjs throws dice in two processes", async () => {
  await using server = await serveOnly("dice");
  for (const count of [1, 3]) {
    await using client = await open(server, "/dice");
    await say(client, String(count));
    const dice = (await client.readText()).split(" ").map(Number);
    assertEquals(dice.length, count);
    for (const die of dice) assert(die >= 1 && die <= 6);
    await say(client, "many");
    assertEquals((await client.readClose()).code, 4000);
  }
});

testWith(SHELL, "examples/programs/greeter.sh greets each connection by itself", async () => {
  await using server = await serveOnly("greeter");
  await using first = await open(server, "/greeter?a=1");
  await using second = await open(server, "/greeter");
  assertEquals(await first.readText(), "Welcome from 127.0.0.1, you asked for /greeter?a=1");
  assertEquals(await second.readText(), "Welcome from 127.0.0.1, you asked for /greeter");
  await say(first, "Ada");
  assertEquals(await first.readText(), "Hello, Ada");
});

Deno.test("each example of a program has fewer than 30 lines", async () => {
  for (const name of ["chat.py", "dice.mjs", "greeter.sh"]) {
    const text = await Deno.readTextFile(join(FOLDER, name));
    assertLess(text.trimEnd().split("\n").length, 30, name);
  }
});

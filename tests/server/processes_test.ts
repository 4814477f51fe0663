import { ServerStartError } from "../../src/http/mod.ts";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "../helpers/assert.ts";
import { ask, captureLogs, open, startServer, statusOf, temporaryFiles } from "./stage.ts";

const GREETER = `
export default async function greeter(self: AsyncIterable<{ message: any }> & Record<string, any>) {
  for await (const { message } of self) {
    if (message.kind !== "message") continue;
    const body: string = self.name + " " + self.env.greeting + " " + message.body;
    self.send(message.id, { kind: "message", body });
  }
}`;

const CRASHER = `
export default async function crasher() {
  await Promise.resolve();
  throw new Error("no disk\\n\\u001b[2J");
}`;

const withModule = (module: string, more: Record<string, unknown> = {}) => ({
  processes: { user: { module, ...more }, echo: { behavior: "echo" } },
  endpoints: { "/user": { pool: ["user"] }, "/echo": { pool: ["echo"] } },
});

Deno.test("serve() runs the default export of a module beside the configuration", async () => {
  await using files = await temporaryFiles({ "greeter.ts": GREETER });
  const root = withModule("./greeter.ts", { env: { greeting: "greets" } });
  await using server = await startServer(root, files.path);
  await using client = await open(server, "/user");
  assertEquals(await ask(client, "you"), "user greets you");
});

Deno.test("serve() names a module that does not load or has no default function", async () => {
  await using files = await temporaryFiles({
    "throws.ts": 'throw new TypeError("at load\\n\\u001b[31m");',
    "syntax.ts": "export default (",
    "none.ts": "export const x = 1;",
    "number.ts": "export default 5;",
  });
  const expected: [string, string][] = [
    ["missing.ts", "Module not found"],
    ["throws.ts", "TypeError: at load\\n\\u001b[31m"],
    ["syntax.ts", "SyntaxError"],
    ["none.ts", "its default export is missing, expected an async function that takes a process"],
    ["number.ts", "its default export is of type number, expected an async function"],
  ];
  for (const [name, why] of expected) {
    const error = await assertRejects(
      () => startServer(withModule(`./${name}`), files.path),
      ServerStartError,
    );
    assertStringIncludes(error.message, `Cannot load process module "./${name}": `);
    assertStringIncludes(error.message, why);
    assertEquals(error.message.includes("\n"), false);
  }
});

Deno.test("a group that crashes again and again gives up alone, is logged, and answers 503", async () => {
  await using logs = captureLogs();
  await using files = await temporaryFiles({ "crasher.ts": CRASHER });
  await using server = await startServer(withModule("./crasher.ts"), files.path);
  const line = await logs.find("The processes of user gave up");
  assertEquals([line.level, line.group], ["error", "user"]);
  assertEquals(await statusOf(server, "/user"), 503);
  await using client = await open(server, "/echo");
  assertEquals(await ask(client, "unharmed"), "unharmed");
});

Deno.test("a process that throws is started again under its name", async () => {
  const fragile = GREETER.replace("continue;", "continue;\nif (message.body === 'die') throw 1;");
  await using files = await temporaryFiles({ "fragile.ts": fragile });
  await using logs = captureLogs();
  await using server = await startServer(withModule("./fragile.ts"), files.path);
  await using first = await open(server, "/user");
  await first.send({ opcode: 1, payload: "die" });
  assertEquals((await first.readClose()).code, 1011);
  // Until it is back, its endpoint answers 503.
  let attempts = 0;
  while (await statusOf(server, "/user") !== 101) assert(++attempts < 2000, "it is not back");
  await using second = await open(server, "/user");
  assertEquals(await ask(second, "again"), "user undefined again");
  assertEquals(logs.lines.some((line) => String(line.message).includes("gave up")), false);
});

const COUNTER = `
export default async function counter(self: AsyncIterable<any> & Record<string, any>) {
  let count = 0;
  for await (const { message, reply } of self) {
    if (message === "throw") throw new Error("on purpose");
    reply?.(self.key + " " + self.env.unit + " " + ++count);
  }
}`;

Deno.test("keyed processes of a configuration start on demand, end apart, and are supervised", async () => {
  await using files = await temporaryFiles({ "counter.ts": COUNTER });
  await using server = await startServer({
    processes: {
      counter: { module: "./counter.ts", keyed: true, maxKeys: 2, env: { unit: "kg" } },
      echo: { behavior: "echo" },
    },
    endpoints: { "/echo": { pool: ["echo"] } },
  }, files.path);
  const { node } = server;
  const ask = (key: string) => node.call(`counter/${key}`, "one more");
  assertEquals([await ask("a"), await ask("a"), await ask("b")], ["a kg 1", "a kg 2", "b kg 1"]);
  assertEquals(node.send("counter/c", "one more"), "full");
  await assertRejects(() => node.call("counter/a", "throw"), Error, "on purpose");
  assertEquals([await ask("a"), await ask("b")], ["a kg 1", "b kg 2"]);
  const { keys, maxKeys, failed } = await node.inspect("counter");
  assertEquals([keys, maxKeys, failed], [2, 2, 1]);
});

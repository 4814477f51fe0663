import { assertEquals } from "../helpers/assert.ts";
import { configureLogs, getLogger, type LogsOptions } from "../../src/telemetry/mod.ts";

function capture(options: LogsOptions) {
  let text = "";
  const logs = configureLogs({
    ...options,
    write: (bytes) => {
      text += new TextDecoder().decode(bytes);
      return Promise.resolve(bytes.length);
    },
  });
  return { logs, text: () => text };
}

Deno.test("configureLogs() writes JSON lines off a terminal and text on one", async () => {
  for (const terminal of [true, false]) {
    const { logs, text } = capture({ terminal });
    getLogger("app").info("Ready on {port}", { port: 1 });
    await logs[Symbol.asyncDispose]();
    assertEquals(text().startsWith("{"), !terminal);
    assertEquals(text().includes("Ready on 1"), true);
  }
});

Deno.test("configureLogs() lets its format win over the terminal", async () => {
  const { logs, text } = capture({ terminal: true, format: "json" });
  getLogger("app").warn("Careful");
  await logs[Symbol.asyncDispose]();
  assertEquals(JSON.parse(text()).level, "warning");
});

Deno.test("setLevel() changes loggers that exist, their children and their copies", async () => {
  const { logs, text } = capture({ level: "info", format: "json" });
  const logger = getLogger(["app"]).with({ pid: "<1>" });
  const child = getLogger("app").getChild("part");
  logger.debug("one");
  logs.setLevel("debug");
  assertEquals([logs.level, logger.isEnabledFor("debug")], ["debug", true]);
  logger.debug("two");
  child.debug("three");
  logs.setLevel("error");
  logger.info("four");
  await logs[Symbol.asyncDispose]();
  const messages = text().trim().split("\n").map((line) => JSON.parse(line).message);
  assertEquals(messages, ["two", "three"]);
});

Deno.test("configureLogs() never throws into the code that logs", async () => {
  const logs = configureLogs({ write: () => Promise.reject(new Error("disk full")) });
  getLogger("app").error("Lost");
  await logs.flush();
  assertEquals(logs.dropped, 1);
  await logs[Symbol.asyncDispose]();
});

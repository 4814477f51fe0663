import { assertEquals, assertStrictEquals } from "../helpers/assert.ts";
import { captureLogs } from "../websocket/logs.ts";
import { settle } from "../helpers/manual_clock.ts";
import { createStage } from "./stage.ts";

/** Thrown things that have no text. */
const TEXTLESS = {
  "an object without a prototype": () => Object.create(null),
  "an object whose toString throws": () => ({
    toString() {
      throw new Error("no text");
    },
  }),
};

for (const [what, create] of Object.entries(TEXTLESS)) {
  Deno.test(`connection.onError() is told of ${what} that a listener throws or rejects with`, async () => {
    await using stage = createStage();
    const client = await stage.connect();
    const told: unknown[] = [];
    const thrown = create();
    client.connection.onError(({ cause }) => void told.push(cause));
    client.connection.on("throw", () => {
      throw thrown;
    });
    client.connection.on("reject", () => Promise.reject(thrown));
    await client.send("m:throw;0;");
    await client.send("m:reject;0;");
    client.connection.fireOnError(thrown);
    assertEquals([told.length, told.every((cause) => cause === thrown)], [3, true]);
  });

  Deno.test(`connection survives ${what} from every kind of listener, and so does its server`, async () => {
    await using stage = createStage();
    const fail = () => {
      throw create();
    };
    stage.server.onConnection((connection) => {
      connection.onError(fail);
      connection.onError(() => Promise.reject(create()));
      connection.onLeave(fail);
      connection.onDisconnect(fail);
      fail();
    });
    const client = await stage.connect();
    const other = await stage.connect();
    await client.drop();
    assertEquals(other.connection.emit("still here"), 1);
    await stage.node.exit(stage.pid);
    const again = stage.node.spawn(stage.server.run);
    await settle();
    assertEquals((await stage.node.inspect(again))?.connections, 0);
  });
}

Deno.test("connection.fireOnError() logs the very error that an error listener throws", async () => {
  await using logs = captureLogs();
  await using stage = createStage();
  const client = await stage.connect();
  const cause = new Error("the reason for it");
  client.connection.onError(() => {
    throw new TypeError("thrown", { cause });
  });
  client.connection.fireOnError(new Error("mine"));
  const [line] = await logs.lines("error");
  const { error } = line as { error: { name: string; stack: string; cause: { message: string } } };
  assertEquals([error.name, error.cause.message], ["TypeError", "the reason for it"]);
  assertStrictEquals(error.stack.includes("connection_test.ts"), true);
});

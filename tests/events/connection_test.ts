import { assertEquals, assertStrictEquals, assertThrows } from "../helpers/assert.ts";
import { captureLogs } from "../websocket/logs.ts";
import { settle } from "../../src/testing/manual_clock.ts";
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

Deno.test("connection.onLeave() is told once of a room that a leave listener leaves", async () => {
  await using stage = createStage();
  const leaves: Record<string, (id: string) => void> = {
    a: (id) => stage.server.leaveAll(id),
    b: (id) => void stage.server.disconnect(id),
  };
  for (const [id, leave] of Object.entries(leaves)) {
    const { connection } = await stage.connect();
    const told: string[] = [];
    for (const room of ["x", "y", "z"]) connection.join(room);
    connection.onLeave((room) => {
      told.push(room);
      if (room === "x") stage.server.leave("z", id);
    });
    leave(id);
    assertEquals(told, ["x", "z", "y", id]);
    assertEquals(stage.server.getConnectionsByRoom("z"), []);
  }
});

Deno.test("connection.write() is false once it has been disconnected", async () => {
  await using stage = createStage();
  const client = await stage.connect();
  client.connection.disconnect(4000, "over");
  assertEquals([client.connection.write(1, "late"), client.connection.write(8, "")], [
    false,
    false,
  ]);
  await settle();
  assertEquals(client.bodies(), [[4000, "over"]]);
});

for (const data of [new Uint8Array([0x10]), "x"]) {
  Deno.test(`connection.write() refuses a close of one byte, as ${typeof data}`, async () => {
    await using stage = createStage();
    const client = await stage.connect();
    const why = "Cannot send a close frame: got a body of 1 byte";
    assertThrows(() => client.connection.write(8, data), RangeError, why);
    assertEquals([client.connection.isConnected, client.received], [true, []]);
  });
}

import { parseConfig } from "../../src/config/mod.ts";
import { EventCodec } from "../../src/events/mod.ts";
import { serve } from "../../src/server/mod.ts";
import { assertEquals } from "../helpers/assert.ts";
import { OPCODE } from "../../src/testing/frames.ts";
import { RawClient } from "../../src/testing/raw_client.ts";
import { ORIGINAL_PREFIX, readAsOriginal, writeAsOriginal } from "./original_client.ts";

const codec = new EventCodec({ eventPrefix: ORIGINAL_PREFIX, binaryMessages: false });

// Each line as the original client puts it on the wire for Emit("event", data).
for (
  const [data, wire, read] of [
    ["hello", "iris-websocket-message:event;0;hello", "hello"],
    ["a;b", "iris-websocket-message:event;0;a;b", "a;b"],
    ["", "iris-websocket-message:event;0;", ""],
    [undefined, "iris-websocket-message:event;0;", ""],
    [42, "iris-websocket-message:event;1;42", 42],
    [-1.5, "iris-websocket-message:event;1;-1.5", -1.5],
    ["42", "iris-websocket-message:event;1;42", 42],
    [" 42", "iris-websocket-message:event;1; 42", " 42"],
    [" ", "iris-websocket-message:event;1; ", " "],
    ["0x10", "iris-websocket-message:event;1;0x10", "0x10"],
    ["1e999", "iris-websocket-message:event;1;1e999", "1e999"],
    ["Infinity", "iris-websocket-message:event;1;Infinity", "Infinity"],
    [[5], "iris-websocket-message:event;1;5", 5],
    [true, "iris-websocket-message:event;1;true", true],
    [false, "iris-websocket-message:event;2;false", false],
    [{ a: [1] }, 'iris-websocket-message:event;4;{"a":[1]}', { a: [1] }],
  ] as const
) {
  Deno.test(`EventCodec.decode() reads what the original client writes for ${Deno.inspect(data)}`, () => {
    assertEquals(writeAsOriginal("event", data), wire);
    const text = wire.slice("iris-websocket-message:event;0;".length);
    assertEquals(codec.decode(wire), { event: "event", data: read, text });
  });
}

for (
  const [data, text] of [
    ["hello", "hello"],
    ["a;b", "a;b"],
    ["", ""],
    [42, "42"],
    [true, "true"],
    [false, "false"],
    [{ a: ["x;y"] }, '{"a":["x;y"]}'],
    [new TextEncoder().encode("bytes"), "bytes"],
  ] as const
) {
  Deno.test(`EventCodec.encode() writes ${Deno.inspect(data)} as the original client reads it`, () => {
    const { type, body } = codec.encode("event", data);
    assertEquals([type, readAsOriginal(body as string)], [1, { event: "event", text }]);
  });
}

Deno.test("EventCodec.native() writes what the original client takes for native", () => {
  assertEquals(readAsOriginal(codec.native("hello").body as string), { text: "hello" });
});

Deno.test("a client of the original format chats at an endpoint with its prefix", async () => {
  await using server = await serve(parseConfig({
    listen: { port: 0 },
    processes: { chat: { behavior: "chat" } },
    endpoints: { "/echo": { pool: ["chat"], eventPrefix: ORIGINAL_PREFIX } },
  }));
  const open = () => RawClient.open({ port: server.addr.port, path: "/echo" });
  await using ada = await open();
  await using grace = await open();
  for (const client of [ada, grace]) {
    assertEquals(readAsOriginal(await client.readText()).event, "welcome");
  }
  const say = (text: string) =>
    ada.send({ opcode: OPCODE.text, payload: writeAsOriginal("chat", text) });
  await say("hello; world");
  assertEquals(readAsOriginal(await grace.readText()), { event: "chat", text: "hello; world" });
  // To the original client this text is a number; it arrives as it was typed all the same.
  await say("0042");
  assertEquals(readAsOriginal(await grace.readText()), { event: "chat", text: "0042" });
});

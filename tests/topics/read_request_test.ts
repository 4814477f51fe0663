import { assert, assertEquals, assertStringIncludes } from "../helpers/assert.ts";
import { readRequest } from "../../src/topics/read_request.ts";

/** Code, text and `reqId` of the error that answers a message. */
function errorOf(body: string | Uint8Array) {
  const read = readRequest(body);
  if (!("error" in read)) throw new Error(`Cannot find an error: ${JSON.stringify(read)}`);
  const { type, ...rest } = read.error;
  assertEquals(type, "error");
  return rest;
}

Deno.test("readRequest() reads each request", () => {
  const requests = [
    { type: "echo_request", echo: "a" },
    { type: "echo_request", reqId: "7", echo: "", err: true },
    { type: "subscribe_request", topic: "heartbeat" },
    { type: "unsubscribe_request", reqId: "8", topic: "" },
  ];
  for (const request of requests) {
    assertEquals(readRequest(JSON.stringify(request)), { request } as never);
  }
});

for (
  const [what, body, text] of [
    ["what is no JSON", "{", 'got "{", expected JSON'],
    ["nothing", "", 'got "", expected JSON'],
    ["a list", "[1]", 'got "[1]", expected a JSON object'],
    ["null", "null", 'got "null", expected a JSON object'],
    ["no type", "{}", 'got no type, expected one of "echo_request", "subscribe_request"'],
    ["a type of the server", '{"type":"heartbeat"}', 'got type "heartbeat"'],
    ["the name of a method", '{"type":"toString"}', 'got type "toString"'],
    ["a type that is no text", '{"type":5}', "got a type that is no text"],
    ["line breaks", '{"type":"a\\n\\u001b[2J"}', '"a\\\\n\\\\u001b[2J"'],
  ] as const
) {
  Deno.test(`readRequest() answers ${what} with UNKNOWN_MESSAGE_TYPE`, () => {
    const { code, message, reqId } = errorOf(body);
    assertEquals([code, reqId], ["UNKNOWN_MESSAGE_TYPE", undefined]);
    assertStringIncludes(message, text.replaceAll("\\\\", "\\"));
    assertStringIncludes(message, "Cannot handle the message: ");
  });
}

Deno.test("readRequest() gives the reqId back with an unknown type", () => {
  assertEquals(errorOf('{"type":"x","reqId":"r"}').reqId, "r");
});

Deno.test("readRequest() refuses binary messages", () => {
  const { code, message } = errorOf(new TextEncoder().encode('{"type":"echo_request"}'));
  assertEquals(code, "UNKNOWN_MESSAGE_TYPE");
  assertStringIncludes(message, "got a binary message, expected JSON text");
});

for (
  const [what, request, text] of [
    ["a missing field", { type: "echo_request", reqId: "r" }, "echo is nothing, expected a text"],
    [
      "a wrong field",
      { type: "echo_request", reqId: "r", echo: 5 },
      'echo is "5", expected a text',
    ],
    [
      "a wrong flag",
      { type: "echo_request", reqId: "r", echo: "", err: "yes" },
      'err is "\\"yes\\"", expected true or false',
    ],
    ["no topic", { type: "subscribe_request", reqId: "r" }, "topic is nothing, expected a text"],
    [
      "a topic that is null",
      { type: "unsubscribe_request", reqId: "r", topic: null },
      'topic is "null", expected a text',
    ],
  ] as const
) {
  Deno.test(`readRequest() answers ${what} with BAD_REQUEST and the reqId`, () => {
    const { code, message, reqId } = errorOf(JSON.stringify(request));
    assertEquals([code, reqId], ["BAD_REQUEST", "r"]);
    assertStringIncludes(message, text);
  });
}

Deno.test("readRequest() leaves out a reqId that is no text", () => {
  const { code, message, reqId } = errorOf('{"type":"echo_request","reqId":5,"echo":"a"}');
  assertEquals([code, reqId], ["BAD_REQUEST", undefined]);
  assertStringIncludes(message, 'reqId is "5", expected a text');
});

Deno.test("readRequest() refuses __proto__ wherever it is, and no prototype changes", () => {
  const inside = [
    '"__proto__":{"polluted":1}',
    '"more":{"deep":[{"__proto__":{"polluted":1}}]}',
    '"\\u005f_proto__":{"polluted":1}',
  ];
  for (const field of inside) {
    const { code, message } = errorOf(`{"type":"echo_request","echo":"a",${field}}`);
    assertEquals(code, "BAD_REQUEST");
    assertStringIncludes(message, '"__proto__", which is refused');
  }
  assertEquals(({} as { polluted?: number }).polluted, undefined);
});

Deno.test("readRequest() survives JSON nested 100,000 deep, wherever it is", () => {
  const lists = "[".repeat(100_000) + "]".repeat(100_000);
  assertEquals(errorOf(lists).code, "UNKNOWN_MESSAGE_TYPE");
  assertEquals(errorOf("[".repeat(100_000)).code, "UNKNOWN_MESSAGE_TYPE");
  assertEquals(errorOf(`{"type":${lists}}`).code, "UNKNOWN_MESSAGE_TYPE");
  const request = `{"type":"echo_request","echo":`;
  const { code, message } = errorOf(`${request}${lists}}`);
  assertEquals(code, "BAD_REQUEST");
  assertStringIncludes(message, "it is nested deeper than 32 levels");
  assertEquals(errorOf(`${request}"a","more":${lists}}`).code, "BAD_REQUEST");
});

Deno.test("readRequest() shows at most the beginning of what it got", () => {
  assert(errorOf("x".repeat(60_000)).message.length < 200);
});

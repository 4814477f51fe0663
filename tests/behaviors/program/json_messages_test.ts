import {
  encodeCall,
  encodeMessage,
  encodeReply,
  parseCommand,
} from "../../../src/behaviors/program/json_messages.ts";
import { assert, assertEquals, assertStringIncludes, assertThrows } from "../../helpers/assert.ts";

const ID = "<a@b/i/1>";

Deno.test("encodeMessage() writes messages of connections as they are, bytes as base64", () => {
  const connect = { kind: "connect", id: ID, url: "http://x/?a=1", headers: { host: "x" } };
  assertEquals(encodeMessage(connect, ID), `${JSON.stringify(connect)}\n`);
  const text = { kind: "message", id: ID, type: 1, body: "a\nb\u2028" };
  assertEquals(encodeMessage(text, ID), `${JSON.stringify(text)}\n`);
  const bytes = { kind: "message", id: ID, type: 2, body: new Uint8Array([0, 255]) };
  assertEquals(
    encodeMessage(bytes, ID),
    `{"kind":"message","id":"${ID}","type":2,"base64":"AP8="}\n`,
  );
  for (const line of [connect, text, bytes]) {
    assertEquals(encodeMessage(line, ID).split("\n").length, 2);
  }
});

Deno.test("encodeMessage() wraps what is no object, and encodes bytes wherever they are", () => {
  assertEquals(encodeMessage("tick", ID), `{"kind":"send","from":"${ID}","message":"tick"}\n`);
  assertEquals(encodeMessage([1], ID), `{"kind":"send","from":"${ID}","message":[1]}\n`);
  const deep = { kind: "x", list: [{ data: new Uint8Array([1]) }] };
  assertEquals(encodeMessage(deep, ID), '{"kind":"x","list":[{"data":{"base64":"AQ=="}}]}\n');
  assertThrows(() => encodeMessage({ big: 1n }, ID), TypeError);
});

Deno.test("encodeCall() and encodeReply() carry a reference", () => {
  assertEquals(
    encodeCall(7, { n: 1 }, ID),
    `{"kind":"call","ref":7,"from":"${ID}","message":{"n":1}}\n`,
  );
  assertEquals(encodeReply("r", { value: 1 }), '{"kind":"reply","reply":"r","value":1}\n');
  assertEquals(encodeReply(1, { error: "no" }), '{"kind":"reply","reply":1,"error":"no"}\n');
});

for (
  const [line, message] of [
    [{ body: "hi" }, { kind: "message", type: 1, body: "hi" }],
    [{ body: "", type: 9 }, { kind: "message", type: 9, body: "" }],
    [{ base64: "AP8=" }, { kind: "message", type: 2, body: new Uint8Array([0, 255]) }],
    [{ base64: "YQ==", type: 1 }, { kind: "message", type: 1, body: new Uint8Array([97]) }],
    [{ close: 4000 }, { kind: "message", type: 8, code: 4000, reason: undefined }],
    [{ close: 4000, reason: "bye" }, { kind: "message", type: 8, code: 4000, reason: "bye" }],
    [{ message: { any: [1] } }, { any: [1] }],
    [{ message: null }, null],
  ] as const
) {
  Deno.test(`parseCommand() reads what is sent as ${JSON.stringify(line)}`, () => {
    for (const to of [ID, "name", [ID, "name"], []]) {
      assertEquals(parseCommand(JSON.stringify({ to, ...line })), { kind: "send", to, message });
    }
  });
}

Deno.test("parseCommand() reads replies, failures and calls", () => {
  assertEquals(parseCommand('{"reply":3,"value":[1]}'), { kind: "reply", ref: 3, value: [1] });
  assertEquals(parseCommand('{"reply":3}'), { kind: "reply", ref: 3, value: undefined });
  assertEquals(parseCommand('{"reply":3,"error":"no"}'), { kind: "fail", ref: 3, error: "no" });
  const call = { kind: "call" as const, ref: "a", to: "board", message: 1, timeoutMs: undefined };
  assertEquals(parseCommand('{"call":"a","to":"board","message":1}'), call);
  assertEquals(parseCommand('{"call":1,"to":"board","message":1,"timeoutMs":50}'), {
    ...call,
    ref: 1,
    timeoutMs: 50,
  });
});

for (
  const [line, why] of [
    ["hello", "it is not JSON"],
    ['{"to":"a","body":', "it is not JSON"],
    ["[".repeat(100_000), "it is not JSON"],
    ['{"to":"a","message":{"__proto__":{}}}', "it is not JSON"],
    ["[]", "expected an object"],
    ["null", "expected an object"],
    ["5", "expected an object"],
    ["{}", 'expected "to"'],
    ['{"to":5,"body":"x"}', 'expected "to"'],
    ['{"to":"","body":"x"}', 'expected "to"'],
    ['{"to":["a",1],"body":"x"}', 'expected "to"'],
    ['{"to":"a"}', 'expected one of "body"'],
    ['{"to":"a","body":"x","close":1000}', 'expected one of "body"'],
    ['{"to":"a","body":5}', 'expected "body" with a text'],
    ['{"to":"a","base64":"###"}', 'expected "base64" with bytes in base64'],
    ['{"reply":"x"}', 'expected "reply"'],
    ['{"reply":1,"error":5}', 'expected "error" with a text'],
    ['{"call":{},"to":"a","message":1}', 'expected "call"'],
    ['{"call":1,"to":["a"],"message":1}', 'expected "to" with one'],
    ['{"call":1,"to":"a"}', 'expected "message"'],
    ['{"call":1,"to":"a","message":1,"timeoutMs":"5"}', 'expected "timeoutMs"'],
  ] as const
) {
  Deno.test(`parseCommand() says what is wrong with ${line.slice(0, 50)}`, () => {
    const wrong = parseCommand(line);
    assert(typeof wrong === "string");
    assertStringIncludes(wrong, why);
  });
}

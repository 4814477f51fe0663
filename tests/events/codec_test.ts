import { EventCodec, EventMessageError } from "../../src/events/mod.ts";
import { assertEquals, assertStringIncludes, assertThrows } from "../helpers/assert.ts";

const text = new EventCodec({ eventPrefix: "m:", binaryMessages: false });
const binary = new EventCodec({ eventPrefix: "m:", binaryMessages: true });
const utf8 = (value: string) => new TextEncoder().encode(value);
const NOT_UTF8 = new Uint8Array([0x61, 0xff, 0x3b]);

// Written by hand from the format: PREFIX EVENT ";" TYPE ";" DATA.
const VECTORS: readonly (readonly [wire: string, event: string, data: unknown])[] = [
  ["m:chat;0;hello", "chat", "hello"],
  ["m:chat;0;", "chat", ""],
  ["m:chat;0;a;b;0;c", "chat", "a;b;0;c"],
  ["m:chat;0;m:chat;0;x", "chat", "m:chat;0;x"],
  ["m:chat;0;grüße 👋", "chat", "grüße 👋"],
  ["m:chat;0;\ufeffx", "chat", "\ufeffx"],
  ["m:n;1;42", "n", 42],
  ["m:n;1;-7", "n", -7],
  ["m:n;1;1.5", "n", 1.5],
  ["m:n;1;1e+21", "n", 1e21],
  ["m:yes;2;true", "yes", true],
  ["m:no;2;false", "no", false],
  ['m:j;4;{"a":[1,"x;y",null]}', "j", { a: [1, "x;y", null] }],
  ["m:j;4;null", "j", null],
  ["m:j;4;[]", "j", []],
  ["m:a b:c;0;x", "a b:c", "x"],
];

for (const [wire, event, data] of VECTORS) {
  Deno.test(`EventCodec reads and writes ${JSON.stringify(wire)}`, () => {
    assertEquals(text.encode(event, data), { kind: "message", type: 1, body: wire });
    assertEquals(binary.encode(event, data), { kind: "message", type: 2, body: utf8(wire) });
    const found = { event, data, text: wire.slice(wire.indexOf(";") + 3) };
    assertEquals(text.decode(wire), found);
    assertEquals(text.decode(utf8(wire)), found);
  });
}

Deno.test("EventCodec.encode() sends bytes as type 3, as text only where they are UTF-8", () => {
  const body = "m:b;3;hé";
  assertEquals(text.encode("b", utf8("hé")), { kind: "message", type: 1, body });
  assertEquals(binary.encode("b", utf8("hé")), { kind: "message", type: 2, body: utf8(body) });
  const whole = new Uint8Array([...utf8("m:b;3;"), ...NOT_UTF8]);
  assertEquals(text.encode("b", NOT_UTF8), { kind: "message", type: 2, body: whole });
  assertEquals(text.decode(whole), { event: "b", data: NOT_UTF8, text: "a\ufffd;" });
  assertEquals(text.decode(body), { event: "b", data: utf8("hé"), text: "hé" });
});

const BUFFER = new Uint8Array([0, ...NOT_UTF8, 0]).buffer;

for (
  const [what, data] of Object.entries({
    "an ArrayBuffer": BUFFER.slice(1, 4),
    "a DataView": new DataView(BUFFER, 1, 3),
    "an Int8Array": new Int8Array(BUFFER, 1, 3),
    "a Uint8ClampedArray": new Uint8ClampedArray(BUFFER, 1, 3),
  })
) {
  Deno.test(`EventCodec.encode() sends the bytes of ${what}`, () => {
    assertEquals(text.encode("b", data), text.encode("b", NOT_UTF8));
  });
}

Deno.test("EventCodec.encode() sends an empty string when there are no data", () => {
  assertEquals(text.encode("ping").body, "m:ping;0;");
  assertEquals(text.encode("ping", undefined).body, "m:ping;0;");
});

for (const [what, data] of Object.entries({ NaN: NaN, Infinity, bigint: 1n, function() {} })) {
  Deno.test(`EventCodec.encode() refuses ${what}`, () => {
    const error = assertThrows(
      () => text.encode("x", data),
      TypeError,
      'Cannot emit "x": expected',
    );
    assertStringIncludes(error.message, what === "bigint" ? "BigInt" : what);
  });
}

Deno.test("EventCodec.encode() refuses a circular object and says so", () => {
  const circular: Record<string, unknown> = {};
  circular.self = circular;
  assertThrows(() => text.encode("x", circular), TypeError, "circular");
});

for (const name of ["", "a;b", ";"]) {
  Deno.test(`EventCodec.encode() refuses the event name ${JSON.stringify(name)}`, () => {
    assertThrows(() => text.encode(name, 1), TypeError, `event name ${JSON.stringify(name)}`);
  });
}

for (const prefix of ["", "m", "m;:", "m:x"]) {
  Deno.test(`EventCodec refuses the prefix ${JSON.stringify(prefix)}`, () => {
    const format = { eventPrefix: prefix, binaryMessages: false };
    assertThrows(() => new EventCodec(format), TypeError, `prefix ${JSON.stringify(prefix)}`);
  });
}

Deno.test("EventCodec.decode() takes what does not start with the prefix for native", () => {
  for (const body of ["", "m", "hello", " m:chat;0;x", "M:chat;0;x", '{"m:":1}']) {
    assertEquals(text.decode(body), undefined, body);
    assertEquals(text.decode(utf8(body)), undefined, body);
  }
  assertEquals(text.decode(new Uint8Array([0xff, 0x6d, 0x3a])), undefined);
});

Deno.test("EventCodec.native() sends a body as it is", () => {
  assertEquals(text.native("x"), { kind: "message", type: 1, body: "x" });
  assertEquals(text.native(utf8("x")), { kind: "message", type: 1, body: "x" });
  assertEquals(text.native(NOT_UTF8), { kind: "message", type: 2, body: NOT_UTF8 });
  assertEquals(binary.native("x"), { kind: "message", type: 2, body: utf8("x") });
});

for (
  const [wire, code, expected] of [
    ["m:", "invalid_message", "PREFIX EVENT;TYPE;DATA"],
    ["m:chat", "invalid_message", "PREFIX EVENT;TYPE;DATA"],
    ["m:;0;x", "invalid_message", "PREFIX EVENT;TYPE;DATA"],
    ["m:chat;", "invalid_message", "PREFIX EVENT;TYPE;DATA"],
    ["m:chat;0", "invalid_message", "PREFIX EVENT;TYPE;DATA"],
    ["m:chat;12;x", "invalid_message", "PREFIX EVENT;TYPE;DATA"],
    ["m:chat;5;x", "invalid_type", "type 0 to 4"],
    ["m:chat;x;x", "invalid_type", "type 0 to 4"],
    ["m:n;1;", "invalid_message", "a number"],
    ["m:n;1;abc", "invalid_message", "a number"],
    ["m:n;1;NaN", "invalid_message", "a number"],
    ["m:n;1;4 2", "invalid_message", "a number"],
    ["m:y;2;yes", "invalid_message", '"true" or "false"'],
    ["m:j;4;{", "invalid_message", "JSON"],
    ["m:j;4;", "invalid_message", "JSON"],
    ['m:j;4;{"__proto__":{}}', "invalid_message", "__proto__"],
  ] as const
) {
  Deno.test(`EventCodec.decode() refuses ${JSON.stringify(wire)} as ${code}`, () => {
    for (const body of [wire, utf8(wire)]) {
      const error = assertThrows(() => text.decode(body), EventMessageError, expected);
      assertEquals(error.code, code);
      assertStringIncludes(error.message, JSON.stringify(wire));
      assertStringIncludes(error.message, code.replace("_", " "));
    }
  });
}

for (const data of [" 42", "42 ", " ", "0x10", "Infinity", "-Infinity", "1e999", "0b1"]) {
  Deno.test(`EventCodec.decode() gives the number ${JSON.stringify(data)} as the text that it is`, () => {
    const wire = `m:n;1;${data}`;
    for (const body of [wire, utf8(wire)]) {
      assertEquals(text.decode(body), { event: "n", data, text: data });
    }
  });
}

for (const [wire, data] of [["m:n;1;+5", 5], ["m:n;1;.5", 0.5], ["m:n;1;5.", 5]] as const) {
  Deno.test(`EventCodec.decode() takes ${JSON.stringify(wire)} for a number`, () => {
    assertEquals(text.decode(wire)?.data, data);
  });
}

Deno.test("EventCodec.decode() refuses binary text that is no UTF-8", () => {
  const body = new Uint8Array([...utf8("m:b;0;"), 0xff]);
  assertEquals(assertThrows(() => text.decode(body), EventMessageError).code, "invalid_message");
});

Deno.test("EventCodec.decode() counts a prefix that is not ASCII in characters", () => {
  const codec = new EventCodec({ eventPrefix: "ünï:", binaryMessages: true });
  const { body } = codec.encode("é", "x");
  assertEquals(codec.decode(body), { event: "é", data: "x", text: "x" });
});

for (const binaryMessages of [false, true]) {
  Deno.test(`EventCodec.native() keeps bytes as they are at the time of the call, binary ${binaryMessages}`, () => {
    const codec = new EventCodec({ eventPrefix: "m:", binaryMessages });
    const bytes = new Uint8Array([0xff, 1]);
    const { body } = codec.native(bytes);
    bytes.fill(0);
    assertEquals(body, new Uint8Array([0xff, 1]));
  });
}

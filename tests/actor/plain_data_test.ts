import { assert, assertEquals, assertThrows } from "../helpers/assert.ts";
import { assertPlainData } from "../../src/actor/plain_data.ts";
import { createRecorder, createStage } from "./stage.ts";

class Point {
  constructor(readonly x: number) {}
}

function nested(depth: number, innermost: unknown): unknown {
  return depth === 0 ? innermost : { inner: nested(depth - 1, innermost) };
}

const ring: Record<string, unknown> = { name: "ring" };
ring.self = ring;

const accepted: [string, unknown][] = [
  ["undefined", undefined],
  ["null", null],
  ["a bigint", 1n],
  ["NaN", NaN],
  ["a nested object", { a: [1, "b", { c: null }], d: undefined }],
  ["an object without prototype", Object.assign(Object.create(null), { a: 1 })],
  ["bytes", new Uint8Array([1, 2])],
  ["a float array", new Float64Array([1.5])],
  ["a buffer", new ArrayBuffer(8)],
  ["a map and a set", new Map([[1, new Set([2])]])],
  ["a date", new Date(0)],
  ["an error", new Error("kept")],
  ["a class instance", new Point(1)],
  ["a cycle", ring],
  ["something deep", nested(50, "bottom")],
  ["a sparse array", Array(1)],
];

function detached(): Uint8Array {
  const bytes = new Uint8Array(8);
  structuredClone(bytes, { transfer: [bytes.buffer] });
  return bytes;
}

const refused: [string, unknown][] = [
  ["a function", () => {}],
  ["a symbol", Symbol("s")],
  ["a promise", Promise.resolve()],
  ["a weak map", new WeakMap()],
  ["a function in an object", { a: { b: () => {} } }],
  ["a symbol in an array", [1, [Symbol("s")]]],
  ["a function in a map", new Map([["f", () => {}]])],
  ["a method of an instance's own", Object.assign(new Point(1), { f: () => {} })],
  ["a function far down", nested(50, () => {})],
  ["a detached buffer", detached()],
];

Deno.test("assertPlainData() accepts what structured clone accepts", () => {
  for (const [name, value] of accepted) {
    structuredClone(value);
    assertPlainData(value);
    assert(true, name);
  }
});

Deno.test("assertPlainData() throws a TypeError for what structured clone refuses", () => {
  for (const [name, value] of refused) {
    assertThrows(() => structuredClone(value), Error);
    const error = assertThrows(() => assertPlainData(value), TypeError, "Cannot send the message");
    assert(error.cause instanceof DOMException, name);
  }
  const throwing = {
    get a(): never {
      throw new Error("from the getter");
    },
  };
  assertThrows(() => assertPlainData(throwing), TypeError, "from the getter");
  assertThrows(
    () => assertPlainData(() => {}, "fly"),
    TypeError,
    "Cannot fly: expected plain data",
  );
});

Deno.test("send() throws a TypeError for a message that is refused, wherever it goes", async () => {
  const { node } = createStage();
  const recorder = createRecorder();
  const pid = node.spawn(recorder.run);
  for (const [, value] of refused) {
    for (const to of [pid, "nobody", { name: "x", node: "far@away" }]) {
      assertThrows(() => node.send(to, value), TypeError, "expected plain data");
    }
  }
  for (const [, value] of accepted) assertEquals(node.send(pid, value), "accepted");
  await node.stop();
  assertEquals(recorder.messages.length, accepted.length);
});

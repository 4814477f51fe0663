import { createByteOutput } from "../../src/cli/byte_output.ts";
import { assertEquals } from "../helpers/assert.ts";
import { settle } from "../../src/testing/manual_clock.ts";

const bytesOf = (text: string) => new TextEncoder().encode(text);

/** Something that takes nothing until `resume`. */
function createStalled() {
  const gate = Promise.withResolvers<void>();
  const state = { text: "", error: undefined as unknown };
  const write = async (bytes: Uint8Array) => {
    await gate.promise;
    if (state.error !== undefined) throw state.error;
    state.text += new TextDecoder().decode(bytes);
    return bytes.length;
  };
  return { state, write, resume: gate.resolve };
}

/** Whether a promise has settled by now. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  promise.then(() => settled = true, () => settled = true);
  await settle();
  return settled;
}

Deno.test("ByteOutput.offer() waits when too much waits for the reader, and goes on with it", async () => {
  const { state, write, resume } = createStalled();
  const output = createByteOutput(write, 4);
  assertEquals(await output.offer(bytesOf("ab")), true);
  const offered = output.offer(bytesOf("cdef"));
  assertEquals(await isSettled(offered), false);
  resume();
  assertEquals(await offered, true);
  await output.end();
  assertEquals([state.text, output.fault], ["abcdef", undefined]);
});

Deno.test("ByteOutput.offer() waits no longer than its signal, and nothing is lost", async () => {
  const { state, write, resume } = createStalled();
  const output = createByteOutput(write, 1);
  const stop = new AbortController();
  const offered = output.offer(bytesOf("abc"), stop.signal);
  assertEquals(await isSettled(offered), false);
  stop.abort();
  assertEquals(await offered, true);
  assertEquals(await output.offer(bytesOf("def"), stop.signal), true);
  resume();
  await output.end();
  assertEquals(state.text, "abcdef");
});

Deno.test("ByteOutput.end() waits for the reader, and with a signal for no longer", async () => {
  const { write } = createStalled();
  const output = createByteOutput(write);
  output.push(bytesOf("abc"));
  const stop = new AbortController();
  const ended = output.end(stop.signal);
  assertEquals(await isSettled(ended), false);
  stop.abort();
  await ended;
  await output.end();
});

for (
  const [error, fault] of [
    [new Deno.errors.BrokenPipe("Broken pipe"), undefined],
    [new Error("No space left on device"), "No space left on device"],
  ] as const
) {
  Deno.test(`ByteOutput takes ${error.message} for ${fault ? "a fault" : "a reader that has gone"}`, async () => {
    const { state, write, resume } = createStalled();
    state.error = error;
    const output = createByteOutput(write, 1);
    const offered = output.offer(bytesOf("abc"));
    resume();
    assertEquals(await offered, false);
    assertEquals(await output.offer(bytesOf("d")), false);
    await output.end();
    assertEquals((output.fault as Error | undefined)?.message, fault);
  });
}

Deno.test("ByteOutput goes on after an output that was not ready", async () => {
  let attempts = 0;
  let text = "";
  const output = createByteOutput((bytes) => {
    if (attempts++ < 5) return Promise.reject(new Deno.errors.WouldBlock("EAGAIN"));
    text += new TextDecoder().decode(bytes.subarray(0, 1));
    return Promise.resolve(1);
  });
  output.push(bytesOf("abc"));
  await output.end();
  assertEquals(text, "abc");
});

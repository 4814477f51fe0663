import { createLineOutput } from "../../src/telemetry/logs/output.ts";
import { assert, assertEquals } from "../helpers/assert.ts";

const lossLine = (count: number) => `lost ${count}\n`;

/** A standard output whose writes the test lets through, cuts short or fails. */
function fakeStdout() {
  const state = { text: "", fail: false, atMost: Infinity, stalled: false, writes: 0 };
  let resume = () => {};
  async function write(bytes: Uint8Array): Promise<number> {
    state.writes++;
    if (state.stalled) await new Promise<void>((resolve) => resume = resolve);
    if (state.fail) throw new Deno.errors.BrokenPipe("Broken pipe");
    const taken = bytes.subarray(0, state.atMost);
    state.text += new TextDecoder().decode(taken);
    return taken.length;
  }
  return { state, write, resume: () => resume() };
}

Deno.test("createLineOutput() keeps order and joins the lines of one turn", async () => {
  const { state, write } = fakeStdout();
  const output = createLineOutput({ write, lossLine });
  for (let i = 0; i < 5; i++) output.push(`${i}\n`);
  assertEquals(await output.flush(1000), true);
  assertEquals([state.text, state.writes], ["0\n1\n2\n3\n4\n", 1]);
});

Deno.test("createLineOutput() writes on where a short write ended", async () => {
  const { state, write } = fakeStdout();
  state.atMost = 3;
  const output = createLineOutput({ write, lossLine });
  output.push("abcdefgh\n");
  await output.flush(1000);
  assertEquals(state.text, "abcdefgh\n");
});

Deno.test("createLineOutput() drops and counts when stdout is closed, tells when it is back", async () => {
  const { state, write } = fakeStdout();
  const output = createLineOutput({ write, lossLine });
  state.fail = true;
  output.push("a\n");
  output.push("b\n");
  assertEquals(await output.flush(1000), true);
  assertEquals(output.dropped, 2);
  state.fail = false;
  output.push("c\n");
  await output.flush(1000);
  output.push("d\n");
  await output.flush(1000);
  assertEquals(state.text, "lost 2\nc\nd\n");
});

Deno.test("createLineOutput() bounds what waits for a stalled reader", async () => {
  const { state, write, resume } = fakeStdout();
  state.stalled = true;
  const output = createLineOutput({ write, lossLine, maxWaitingChars: 10 });
  output.push("12345\n");
  await Promise.resolve();
  for (let i = 0; i < 1000; i++) output.push("abc\n");
  assertEquals(output.dropped, 999);
  assertEquals(await output.flush(1), false);
  state.stalled = false;
  resume();
  assertEquals(await output.flush(1000), true);
  assertEquals(state.text, "12345\nlost 999\nabc\n");
});

Deno.test("createLineOutput() takes lines again after a stall", async () => {
  const { state, write } = fakeStdout();
  const output = createLineOutput({ write, lossLine, maxWaitingChars: 4 });
  for (let i = 0; i < 3; i++) {
    output.push("abc\n");
    await output.flush(1000);
  }
  assertEquals(output.dropped, 0);
  assert(state.text === "abc\nabc\nabc\n", state.text);
});

Deno.test("createLineOutput() waits for an output that is not ready, and loses nothing", async () => {
  let attempts = 0;
  let text = "";
  const write = (bytes: Uint8Array) => {
    if (attempts++ < 5) return Promise.reject(new Deno.errors.WouldBlock("EAGAIN"));
    text += new TextDecoder().decode(bytes);
    return Promise.resolve(bytes.length);
  };
  const output = createLineOutput({ write, lossLine });
  output.push("a\n");
  assertEquals(await output.flush(1000), true);
  assertEquals([text, output.dropped], ["a\n", 0]);
});

Deno.test("createLineOutput() begins a line of its own after one that was cut off", async () => {
  let text = "";
  let room = 3;
  const write = (bytes: Uint8Array) => {
    if (room === 0) return Promise.reject(new Error("No space left on device"));
    const taken = bytes.subarray(0, room);
    room -= taken.length;
    text += new TextDecoder().decode(taken);
    return Promise.resolve(taken.length);
  };
  const output = createLineOutput({ write, lossLine });
  output.push("abcdef\n");
  await output.flush(1000);
  room = Infinity;
  output.push("ghi\n");
  await output.flush(1000);
  assertEquals(text, "abc\nlost 1\nghi\n");
});

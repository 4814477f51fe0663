import {
  fullAllowance,
  LOG_LIMITS,
  LogLineReader,
  stepAllowance,
} from "../../src/programs/log_lines.ts";
import { assertEquals, assertLessOrEqual } from "../helpers/assert.ts";

const encode = (text: string) => new TextEncoder().encode(text);

Deno.test("LogLineReader gives lines, what is left at the end, and marks what is not UTF-8", () => {
  const reader = new LogLineReader();
  assertEquals(reader.push(encode("one\r\ntw")), ["one"]);
  assertEquals(reader.push(encode("o\n\nthr")), ["two", ""]);
  assertEquals(reader.push(new Uint8Array([0xff, 0x0a])), ["thr\ufffd"]);
  assertEquals(reader.push(encode("rest")), []);
  assertEquals(reader.end(), ["rest"]);
  assertEquals(reader.end(), []);
});

Deno.test("LogLineReader gives the beginning of a line that never ends", () => {
  const reader = new LogLineReader();
  for (let i = 0; i < 100; i++) assertEquals(reader.push(encode("x".repeat(1_000))), []);
  const [line, next] = reader.push(encode("\nnext\n"));
  assertEquals([line!.length, line!.endsWith("x…"), next], [
    LOG_LIMITS.lineBytes + 1,
    true,
    "next",
  ]);
});

Deno.test("stepAllowance() lets a burst through, then a rate, and tells what was left out", () => {
  let allowance = fullAllowance(0);
  const write = (nowMs: number) => {
    const { next, mayWrite, leftOut } = stepAllowance(allowance, nowMs);
    allowance = next;
    return [mayWrite, leftOut];
  };
  for (let i = 0; i < LOG_LIMITS.burst; i++) assertEquals(write(0), [true, 0]);
  for (let i = 0; i < 70; i++) assertEquals(write(0), [false, 0]);
  const oneMoreMs = 1_000 / LOG_LIMITS.linesPerSecond;
  assertEquals(write(oneMoreMs), [true, 70]);
  assertEquals(write(oneMoreMs), [false, 0]);
  write(1e9);
  assertLessOrEqual(allowance.lines, LOG_LIMITS.burst);
});

import { Pace } from "../../../src/websocket/connection/pace.ts";
import type { Socket } from "../../../src/websocket/socket.ts";
import { assertEquals } from "../../helpers/assert.ts";
import { ManualClock, settle } from "../../../src/testing/manual_clock.ts";

/** A socket that notes when its reading is paused and resumed. */
function pausable() {
  const notes: string[] = [];
  const socket = {
    pause: () => void notes.push("pause"),
    resume: () => void notes.push("resume"),
  } as unknown as Socket;
  const clock = new ManualClock();
  return { notes, clock, pace: new Pace(socket, clock) };
}

Deno.test("awaitRoom() does not pause while there is room", async () => {
  const { notes, pace } = pausable();
  await pace.awaitRoom(() => undefined);
  assertEquals([notes, pace.isPaused], [[], false]);
});

Deno.test("awaitRoom() pauses until there is room, and asks again then", async () => {
  const { notes, pace } = pausable();
  const rooms = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  let asked = 0;
  const waiting = pace.awaitRoom(() => rooms[asked++]?.promise);
  await settle();
  assertEquals([notes, pace.isPaused], [["pause"], true]);
  rooms[0]!.resolve();
  await settle();
  assertEquals(notes, ["pause", "resume", "pause"]);
  rooms[1]!.resolve();
  await waiting;
  assertEquals([notes, pace.isPaused], [["pause", "resume", "pause", "resume"], false]);
});

Deno.test("release() lets reading go on whatever it waits for, for ever", async () => {
  const { notes, pace } = pausable();
  const never = new Promise<void>(() => {});
  const waiting = pace.awaitRoom(() => never);
  await settle();
  pace.release();
  await waiting;
  await pace.awaitRoom(() => never);
  assertEquals(notes, ["pause", "resume"]);
});

Deno.test("keepRate() pauses for as long as the rate asks for", async () => {
  const { notes, pace, clock } = pausable();
  const limit = { messagesPerSecond: 20, burst: 1 };
  assertEquals(await pace.keepRate(limit), undefined);
  assertEquals(notes, []);
  const waiting = pace.keepRate(limit);
  await clock.advance(49);
  assertEquals(notes, ["pause"]);
  await clock.advance(1);
  assertEquals(await waiting, undefined);
  assertEquals([notes, clock.pending], [["pause", "resume"], 0]);
});

Deno.test("keepRate() is let go by release(), with no timer left", async () => {
  const { pace, clock } = pausable();
  const limit = { messagesPerSecond: 0.001, burst: 1 };
  await pace.keepRate(limit);
  const waiting = pace.keepRate(limit);
  await settle();
  pace.release();
  assertEquals(await waiting, undefined);
  assertEquals(clock.pending, 0);
});

Deno.test("keepRate() gives 4005 where the engine cannot pause, awaitRoom() goes on", async () => {
  const pace = new Pace({} as Socket, new ManualClock());
  const limit = { messagesPerSecond: 1, burst: 1 };
  assertEquals([await pace.keepRate(limit), await pace.keepRate(limit)], [undefined, 4005]);
  await pace.awaitRoom(() => new Promise(() => {}));
  assertEquals(pace.isPaused, false);
});

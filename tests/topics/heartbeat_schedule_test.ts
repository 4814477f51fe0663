import { assertEquals } from "../helpers/assert.ts";
import { HeartbeatSchedule } from "../../src/topics/heartbeat_schedule.ts";

Deno.test("takeDue() gives each subscriber a pace of its own", () => {
  const schedule = new HeartbeatSchedule<string>(100);
  assertEquals([schedule.nextMs, schedule.takeDue(0)], [undefined, []]);
  schedule.add("a", 0);
  schedule.add("b", 30);
  assertEquals([schedule.nextMs, schedule.size], [100, 2]);
  assertEquals(schedule.takeDue(99), []);
  assertEquals(schedule.takeDue(100), ["a"]);
  assertEquals([schedule.nextMs, schedule.takeDue(130)], [130, ["b"]]);
  assertEquals(schedule.takeDue(205), ["a"]);
  // 230 and 300, not 105 after the last call.
  assertEquals([schedule.takeDue(299), schedule.takeDue(300)], [["b"], ["a"]]);
});

Deno.test("takeDue() leaves out what was missed and keeps the pace", () => {
  const schedule = new HeartbeatSchedule<string>(100);
  schedule.add("a", 0);
  schedule.add("b", 50);
  assertEquals(schedule.takeDue(370), ["a", "b"]);
  assertEquals([schedule.nextMs, schedule.takeDue(400)], [400, ["a"]]);
  assertEquals(schedule.takeDue(450), ["b"]);
});

Deno.test("takeDue() keeps the order when some have missed more than others", () => {
  const schedule = new HeartbeatSchedule<string>(100);
  schedule.add("a", 0);
  schedule.add("b", 90);
  // a is due at 200 again, b at 190.
  assertEquals(schedule.takeDue(120), ["a"]);
  schedule.remove("a");
  schedule.add("a", 120);
  assertEquals(schedule.takeDue(425), ["b", "a"]);
  assertEquals([schedule.takeDue(490), schedule.takeDue(520)], [["b"], ["a"]]);
});

Deno.test("remove() ends the heartbeats of a subscriber", () => {
  const schedule = new HeartbeatSchedule<string>(100);
  schedule.add("a", 0);
  schedule.remove("a");
  schedule.remove("a");
  assertEquals([schedule.nextMs, schedule.takeDue(1000), schedule.size], [undefined, [], 0]);
});

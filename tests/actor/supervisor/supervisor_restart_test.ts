import { createNode, createSupervisor, type Pid, type Process } from "../../../src/actor/mod.ts";
import type { Timer } from "../../../src/time/mod.ts";
import { assertEquals, assertMatch } from "../../helpers/assert.ts";
import { ManualClock, settle } from "../../../src/testing/manual_clock.ts";
import { throwsAtOnce } from "../../helpers/misbehaving.ts";
import { createStage, idle, watch } from "../stage.ts";
import { obedient, obedients, order, phases, supervise } from "./supervisor_stage.ts";

Deno.test("restarts back off: none, then backoffMs, doubling up to maxBackoffMs", async () => {
  const { node, clock } = createStage();
  const startedMs: number[] = [];
  const run = () => {
    startedMs.push(clock.now());
    return Promise.reject(new Error("boom"));
  };
  const limits = { intensity: 10, periodMs: 60_000, backoffMs: 100, maxBackoffMs: 350 };
  node.spawn(createSupervisor({ ...limits, children: [{ id: "a", run }] }));
  await clock.advance(1400);
  assertEquals(startedMs, [0, 0, 100, 300, 650, 1000, 1350]);
  await node.stop();
});

Deno.test("a period without failures makes the next restart prompt again", async () => {
  const { node, clock } = createStage();
  const log: string[] = [];
  await supervise(node, log, { periodMs: 1000, children: obedients(log, ["a"]) });
  assertEquals(await order(node, log, "a", "throw"), ["-a", "+a"]);
  assertEquals(await order(node, log, "a", "throw"), ["-a"]);
  await clock.advance(1050);
  assertEquals(log.splice(0), ["+a"]);
  assertEquals(await order(node, log, "a", "throw"), ["-a", "+a"]);
  await node.stop();
});

Deno.test("a restart that waits is not hastened by another child's", async () => {
  const { node, clock } = createStage();
  const log: string[] = [];
  const options = { backoffMs: 100, maxBackoffMs: 1000, children: obedients(log, ["a", "b"]) };
  await supervise(node, log, options);
  await order(node, log, "a", "throw");
  assertEquals(await order(node, log, "a", "throw"), ["-a"]);
  await clock.advance(90);
  assertEquals(await order(node, log, "b", "throw"), ["-b"]);
  await clock.advance(199);
  assertEquals(log, []);
  await clock.advance(1);
  assertEquals(log, ["+a", "+b"]);
  assertEquals(clock.pending, 0);
  await node.stop();
});

Deno.test("a restart that waits is not hastened by one of a later period", async () => {
  const { node, clock } = createStage();
  const log: string[] = [];
  const limits = { periodMs: 100, backoffMs: 500 };
  await supervise(node, log, { ...limits, children: obedients(log, ["a", "b"]) });
  await order(node, log, "a", "throw");
  await order(node, log, "a", "throw");
  await clock.advance(200);
  assertEquals(await order(node, log, "b", "throw"), ["-b"]);
  await clock.advance(300);
  assertEquals(log, ["+a", "+b"]);
  await node.stop();
});

Deno.test("a restart is not lost when a timer fires a little early", async () => {
  class EarlyClock extends ManualClock {
    override setTimeout(callback: () => void, delayMs: number): Timer {
      return super.setTimeout(callback, Math.max(0, delayMs - 1));
    }
  }
  const clock = new EarlyClock();
  const node = createNode({ clock });
  const log: string[] = [];
  await supervise(node, log, { children: obedients(log, ["a"]) });
  await order(node, log, "a", "throw");
  assertEquals(await order(node, log, "a", "throw"), ["-a"]);
  await clock.advance(49);
  assertEquals(log, ["+a"]);
  await node.stop();
});

Deno.test("a restart happens though the mailbox is full when it is due", async () => {
  const { node, clock } = createStage();
  const log: string[] = [];
  const gate = Promise.withResolvers<void>();
  const supervisor = createSupervisor({ backoffMs: 10, children: obedients(log, ["a"]) });
  const stalling = async (self: Process) => {
    // Stands in for a supervisor that is not scheduled while its mailbox fills.
    const held: AsyncIterable<unknown> = {
      async *[Symbol.asyncIterator]() {
        for await (const envelope of self) {
          yield envelope;
          if ((envelope.message as { kind: string }).kind === "hold") await gate.promise;
        }
      },
    };
    await supervisor(
      new Proxy(self, {
        get(target, key) {
          if (key === Symbol.asyncIterator) return () => held[Symbol.asyncIterator]();
          const value = Reflect.get(target, key, target);
          return typeof value === "function" ? value.bind(target) : value;
        },
      }),
    );
  };
  const pid = node.spawn(stalling, { mailboxSize: 1 });
  await settle();
  await order(node, log, "a", "throw");
  await order(node, log, "a", "throw");
  log.length = 0;
  node.send(pid, { kind: "hold" });
  await settle();
  assertEquals(node.send(pid, { kind: "filler" }), "accepted");
  await clock.advance(10);
  assertEquals([log, (await node.inspect(pid)).overflows], [[], 0]);
  gate.resolve();
  await settle();
  assertEquals(log, ["+a"]);
  await node.stop();
});

Deno.test("more than intensity restarts in periodMs stop the supervisor with panic", async () => {
  const { node, clock } = createStage();
  const log: string[] = [];
  const children = [{ id: "bad", run: throwsAtOnce }, ...obedients(log, ["a", "b"])];
  const { pid, down } = watch(node, createSupervisor({ children }));
  const supervisor = await pid;
  // 0 + 50 + 100 + 200 + 400: the five restarts that are allowed.
  await clock.advance(750);
  const { reason, detail } = await down;
  assertEquals(reason, "panic");
  assertMatch(detail!, /^RestartIntensityError: Cannot restart "bad": more than 5 .* 5000 ms$/);
  assertEquals(log, ["+a", "+b", "-b", "-a"]);
  assertEquals([node.send(supervisor, 1), node.actors()], ["terminated", []]);
  await node.stop();
});

Deno.test("exactly intensity restarts in periodMs do not stop it", async () => {
  const { node, clock } = createStage();
  let starts = 0;
  const run = async (self: Process) => {
    if (++starts <= 5) throw new Error("boom");
    await idle(self);
  };
  const pid = await supervise(node, [], { children: [{ id: "a", run }] });
  await clock.advance(750);
  assertEquals([starts, node.send(pid, 1)], [6, "accepted"]);
  await node.stop();
});

Deno.test("a supervisor that gives up is restarted by its own, and so on to the top", async () => {
  const { node, clock } = createStage();
  const startedMs: number[] = [];
  const run = () => {
    startedMs.push(clock.now());
    throw new Error("boom");
  };
  const limits = { intensity: 1, periodMs: 10_000, backoffMs: 10, maxBackoffMs: 1000 };
  const inner = createSupervisor({ ...limits, children: [{ id: "bad", run }] });
  const log: string[] = [];
  const outer = createSupervisor({
    ...limits,
    children: [{ id: "inner", run: inner }, { id: "other", run: obedient(log, "other") }],
  });
  const { down } = watch(node, outer);
  await clock.advance(100);
  const { reason, detail } = await down;
  assertEquals([reason, startedMs.length], ["panic", 4]);
  assertMatch(detail!, /^RestartIntensityError: Cannot restart "inner": more than 1 restarts/);
  assertEquals([log, node.actors()], [["+other", "-other"], []]);
  await node.stop();
});

Deno.test("a restarted supervisor starts all its children anew with a clean count", async () => {
  const { node, clock } = createStage();
  const log: string[] = [];
  const inner = createSupervisor({ intensity: 0, children: obedients(log, ["a", "b"]) });
  const children = [{ id: "inner", run: inner, options: { name: "inner" } }];
  await supervise(node, log, { children });
  assertEquals(await order(node, log, "a", "throw"), ["-a", "-b", "+a", "+b"]);
  assertEquals(await phases(node, "inner"), ["a running", "b running"]);
  await clock.advance(50);
  await node.stop();
});

Deno.test("a restart that waits is dropped when the supervisor stops", async () => {
  const { node, clock } = createStage();
  const log: string[] = [];
  const pid = await supervise(node, log, { children: obedients(log, ["a"]) });
  await order(node, log, "a", "throw");
  assertEquals(await order(node, log, "a", "throw"), ["-a"]);
  await node.exit(pid);
  await clock.advance(5000);
  assertEquals([log, clock.pending], [[], 0]);
  await node.stop();
});

Deno.test("a down or wake message that somebody made up is no news to a supervisor", async () => {
  const { node } = createStage();
  const log: string[] = [];
  const pid = await supervise(node, log, { children: obedients(log, ["a"], "permanent") });
  const target = node.whereis("a") as Pid;
  node.send(pid, { kind: "down", ref: "Ref#<a@b/0/1>", target, reason: "panic" });
  node.send(pid, { kind: "wake", dueMs: 0 });
  node.send(pid, null);
  await settle();
  assertEquals([log, node.whereis("a")], [[], target]);
  assertEquals(await phases(node), ["a running"]);
  await node.stop();
});

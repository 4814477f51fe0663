import { createSupervisor, type Pid, type Process } from "../../../src/actor/mod.ts";
import { assert, assertEquals } from "../../helpers/assert.ts";
import { settle } from "../../../src/testing/manual_clock.ts";
import { ignoresStop } from "../../helpers/misbehaving.ts";
import { createStage } from "../stage.ts";
import { obedients, order, phases, supervise } from "./supervisor_stage.ts";

const ids = ["a", "b", "c"];

Deno.test("createSupervisor() starts its children in order and stops them in reverse", async () => {
  const { node } = createStage();
  const log: string[] = [];
  const pid = node.spawn(createSupervisor({ children: obedients(log, ids) }));
  await settle();
  assertEquals(log.splice(0), ["+a", "+b", "+c"]);
  await node.exit(pid);
  assertEquals(log, ["-c", "-b", "-a"]);
  await node.stop();
});

Deno.test("createSupervisor() stops in the order of declaration, also after restarts", async () => {
  const { node } = createStage();
  const log: string[] = [];
  const pid = await supervise(node, log, { children: obedients(log, ids) });
  await order(node, log, "a", "throw");
  await node.exit(pid);
  assertEquals(log, ["-c", "-b", "-a"]);
  await node.stop();
});

Deno.test("one-for-one is the default: a child that throws is restarted, nobody else notices", async () => {
  const { node } = createStage();
  const log: string[] = [];
  await supervise(node, log, { children: obedients(log, ids) });
  const before = ids.map((id) => node.whereis(id));
  assertEquals(await order(node, log, "b", "throw"), ["-b", "+b"]);
  const after = ids.map((id) => node.whereis(id));
  assertEquals([after[0], after[2]], [before[0], before[2]]);
  assert(after[1] !== undefined && after[1] !== before[1]);
  assertEquals(node.send(before[1]!, "to the dead"), "terminated");
  await node.stop();
});

Deno.test("all-for-one restarts all of them in order", async () => {
  const { node } = createStage();
  const log: string[] = [];
  await supervise(node, log, { strategy: "all-for-one", children: obedients(log, ids) });
  const before = ids.map((id) => node.whereis(id));
  const noted = await order(node, log, "b", "throw");
  assertEquals(noted, ["-b", "-c", "-a", "+a", "+b", "+c"]);
  assert(ids.every((id, i) => node.whereis(id) !== undefined && node.whereis(id) !== before[i]));
  await node.stop();
});

Deno.test("rest-for-one restarts that one and those declared after it", async () => {
  const { node } = createStage();
  const log: string[] = [];
  await supervise(node, log, { strategy: "rest-for-one", children: obedients(log, ids) });
  const first = node.whereis("a");
  assertEquals(await order(node, log, "b", "throw"), ["-b", "-c", "+b", "+c"]);
  assertEquals(node.whereis("a"), first);
  await node.stop();
});

Deno.test("a group waits for the slowest of those that stop", async () => {
  const { node, clock } = createStage();
  const log: string[] = [];
  const stuck = {
    id: "stuck",
    run: () => new Promise<void>(() => void log.push("+stuck")),
    options: { stopTimeoutMs: 300 },
  };
  const children = [...obedients(log, ["a", "b"]), stuck];
  const pid = await supervise(node, log, { strategy: "all-for-one", children });
  assertEquals(await order(node, log, "a", "throw"), ["-a", "-b"]);
  assertEquals(await phases(node), ["a waiting", "b waiting", "stuck stopping"]);
  await clock.advance(300);
  assertEquals(log, ["+a", "+b", "+stuck"]);
  void node.exit(pid, "kill");
  await clock.advance(300);
  await node.stop();
});

Deno.test("permanent restarts always, transient after a failure, temporary never", async () => {
  const { node } = createStage();
  const log: string[] = [];
  await supervise(node, log, {
    intensity: 100,
    backoffMs: 0,
    children: [
      ...obedients(log, ["p"], "permanent"),
      ...obedients(log, ["t"], "transient"),
      ...obedients(log, ["x"], "temporary"),
      ...obedients(log, ["d"]),
    ],
  });
  assertEquals(await order(node, log, "p", "return"), ["-p", "+p"]);
  await node.exit(node.whereis("p")!);
  await settle();
  assertEquals(log.splice(0), ["-p", "+p"]);
  assertEquals(await order(node, log, "t", "throw"), ["-t", "+t"]);
  await node.exit(node.whereis("t")!, "kill");
  await settle();
  // The killed one takes note of its end after the new one was started.
  assertEquals(log.splice(0).toSorted(), ["+t", "-t"]);
  assertEquals(await order(node, log, "t", "return"), ["-t"]);
  assertEquals(await order(node, log, "x", "throw"), ["-x"]);
  assertEquals(await order(node, log, "d", "throw"), ["-d", "+d"]);
  await node.exit(node.whereis("d")!);
  await settle();
  assertEquals(await phases(node), ["p running", "t stopped", "d stopped"]);
  await node.stop();
});

Deno.test("children end with their supervisor, however it ends", async () => {
  for (const reason of ["shutdown", "kill", "enough"]) {
    const { node } = createStage();
    const log: string[] = [];
    const pid = await supervise(node, log, { children: obedients(log, ids) });
    await node.exit(pid, reason);
    await settle();
    assertEquals(log.toSorted(), ["-a", "-b", "-c"], reason);
    assertEquals(node.actors(), []);
    await node.stop();
  }
});

Deno.test("a killed supervisor takes all children along at once, whichever is slow", async () => {
  const { node, clock } = createStage();
  const log: string[] = [];
  const stuck = { id: "stuck", run: ignoresStop, options: { stopTimeoutMs: 100 } };
  const pid = await supervise(node, log, { children: [...obedients(log, ["a", "b"]), stuck] });
  await node.exit(pid, "kill");
  await settle();
  assertEquals([log.toSorted(), node.actors().length], [["-a", "-b"], 1]);
  await clock.advance(100);
  assertEquals(node.actors(), []);
  await node.stop();
});

Deno.test("a child that traps exits ends with its supervisor all the same", async () => {
  const { node } = createStage();
  const log: string[] = [];
  const [child] = obedients(log, ["a"]);
  const children = [{ ...child!, options: { name: "a", trapExit: true } }];
  const pid = await supervise(node, log, { children });
  await node.exit(pid, "kill");
  await settle();
  assertEquals([log, node.actors()], [["-a"], []]);
  await node.stop();
});

Deno.test("a supervisor that was stopped before it began starts nothing", async () => {
  const { node } = createStage();
  const log: string[] = [];
  await node.exit(node.spawn(createSupervisor({ children: obedients(log, ids) })));
  assertEquals([log, node.actors()], [[], []]);
  await node.stop();
});

for (const strategy of ["all-for-one", "rest-for-one"] as const) {
  Deno.test(`${strategy} tries again with all of them while the name of one is taken`, async () => {
    const { node, clock } = createStage();
    const log: string[] = [];
    const thefts = { strategy, backoffMs: 100, children: obedients(log, ids) };
    await supervise(node, log, thefts);
    await order(node, log, "a", "throw");
    await order(node, log, "a", "throw");
    const thief = node.spawn(() => new Promise<void>(() => {}), { name: "a" });
    await clock.advance(100);
    assertEquals([log.splice(0), node.whereis("a")], [["+b", "+c", "-b", "-c"], thief]);
    assertEquals(await phases(node), ["a waiting", "b waiting", "c waiting"]);
    await node.exit(thief, "kill");
    await clock.advance(200);
    assertEquals(log, ["+a", "+b", "+c"]);
    assertEquals(await phases(node), ["a running", "b running", "c running"]);
    await node.stop();
  });
}

Deno.test("a child that cannot be spawned ends the supervisor and the children before it", async () => {
  const { node } = createStage();
  const log: string[] = [];
  const taken = node.spawn(() => new Promise<void>(() => {}), { name: "c" });
  const pid = node.spawn(createSupervisor({ children: obedients(log, ids) }));
  await settle();
  assertEquals([log, node.actors()], [["+a", "+b", "-b", "-a"], [taken]]);
  assertEquals(node.send(pid as Pid, 1), "terminated");
  await node.exit(taken, "kill");
  await node.stop();
});

Deno.test("createSupervisor() with stopTogether asks all children at once", async () => {
  const { node } = createStage();
  const asked: string[] = [];
  const all = Promise.withResolvers<void>();
  const run = async (self: Process) => {
    for await (const _ of self);
    asked.push(self.name!);
    if (asked.length === ids.length) all.resolve();
    await all.promise;
  };
  const children = ids.map((id) => ({ id, run, options: { name: id } }));
  const pid = node.spawn(createSupervisor({ children, stopTogether: true }));
  await settle();
  await node.exit(pid);
  assertEquals(asked.toSorted(), ids);
  await node.stop();
});

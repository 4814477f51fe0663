import {
  CallHandlerError,
  CallTerminatedError,
  type ChildInfo,
  createSupervisor,
  NameTakenError,
  type Pid,
  type Process,
} from "../../../src/actor/mod.ts";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "../../helpers/assert.ts";
import { settle } from "../../../src/testing/manual_clock.ts";
import { ignoresStop } from "../../helpers/misbehaving.ts";
import { captureLogs } from "../../websocket/logs.ts";
import { createStage, echo, watch } from "../stage.ts";
import { obedient, obedients, order, phases, supervise } from "./supervisor_stage.ts";

/** Tells its env, or throws. */
async function worker(self: Process): Promise<void> {
  for await (const { message, reply } of self) {
    if (message === "throw") throw new Error("told to throw");
    if (message === "return") return;
    reply?.(self.env);
  }
}

const template = { id: "job", run: worker, options: { env: { size: 1, colour: "red" } } };
const simple = { strategy: "simple-one-for-one", children: [template] } as const;

Deno.test("startChild starts one more of the template, with name and env of its own", async () => {
  const { node } = createStage();
  await supervise(node, [], simple);
  assertEquals(await phases(node), []);
  const first = await node.call("sup", { kind: "startChild" }) as Pid;
  const request = { kind: "startChild", name: "second", env: { size: 2 } };
  const second = await node.call("sup", request) as Pid;
  assertEquals(node.whereis("second"), second);
  assertEquals(await node.call(first, "env"), { size: 1, colour: "red" });
  assertEquals(await node.call(second, "env"), { size: 2, colour: "red" });
  assertEquals(await node.call("sup", { kind: "children" }) as ChildInfo[], [
    { id: "job_1", pid: first, phase: "running" },
    { id: "job_2", pid: second, phase: "running" },
  ]);
  await node.stop();
});

Deno.test("a dynamic child is restarted alone, under its name and with its env", async () => {
  const { node } = createStage();
  await supervise(node, [], simple);
  const other = await node.call("sup", { kind: "startChild" }) as Pid;
  const request = { kind: "startChild", name: "mine", env: { size: 7 } };
  const before = await node.call("sup", request);
  node.send("mine", "throw");
  await settle();
  const after = node.whereis("mine");
  assert(after !== undefined && after !== before);
  assertEquals(await node.call("mine", "env"), { size: 7, colour: "red" });
  assertEquals(node.send(other, 1), "accepted");
  await node.stop();
});

Deno.test("a dynamic child whose name was taken is tried again, and the others stay", async () => {
  const { node, clock } = createStage();
  await supervise(node, [], { ...simple, backoffMs: 100 });
  const other = await node.call("sup", { kind: "startChild" }) as Pid;
  await node.call("sup", { kind: "startChild", name: "mine" });
  await order(node, [], "mine", "throw");
  await order(node, [], "mine", "throw");
  const thief = node.spawn(worker, { name: "mine" });
  await clock.advance(100);
  assertEquals(node.whereis("mine"), thief);
  assertEquals(node.send(other, 1), "accepted");
  await node.exit(thief);
  await clock.advance(200);
  assertEquals(await node.call("mine", "env"), { size: 1, colour: "red" });
  assertEquals(node.send(other, 1), "accepted");
  await node.stop();
});

Deno.test("a dynamic child that ends for good is forgotten", async () => {
  const { node } = createStage();
  await supervise(node, [], simple);
  for (let i = 0; i < 3; i++) await node.call("sup", { kind: "startChild", name: `w${i}` });
  node.send("w1", "return");
  await settle();
  assertEquals(await phases(node), ["job_1 running", "job_3 running"]);
  assertEquals(await node.call("sup", { kind: "stopChild", id: "job_2" }), false);
  await node.call("sup", { kind: "startChild" });
  assertEquals((await phases(node)).at(-1), "job_4 running");
  await node.stop();
});

Deno.test("dynamic children end with their supervisor", async () => {
  const { node } = createStage();
  const pid = await supervise(node, [], simple);
  for (let i = 0; i < 10; i++) await node.call("sup", { kind: "startChild" });
  assertEquals(node.actors().length, 11);
  await node.exit(pid);
  assertEquals(node.actors(), []);
  await node.stop();
});

Deno.test("startChild that cannot be done is refused and harms nobody", async () => {
  const { node } = createStage();
  await supervise(node, [], simple);
  await node.call("sup", { kind: "startChild", name: "mine" });
  const again = node.call("sup", { kind: "startChild", name: "mine" });
  const taken = await assertRejects(again, CallHandlerError);
  assert(taken.cause instanceof NameTakenError);
  const odd = node.call("sup", { kind: "startChild", name: 5 });
  await assertRejects(odd, CallHandlerError, "Cannot register a process as 5");
  assertEquals(await phases(node), ["job_1 running"]);
  assertEquals(await node.call("sup", { kind: "stopChild", id: "job_2" }), false);

  node.spawn(createSupervisor({ children: [] }), { name: "static" });
  const wrong = node.call("static", { kind: "startChild" });
  await assertRejects(wrong, CallHandlerError, "is one-for-one, expected simple-one-for-one");
  await node.stop();
});

Deno.test("stopChild stops a child for good and says whether there was one", async () => {
  const { node } = createStage();
  const log: string[] = [];
  await supervise(node, log, { children: obedients(log, ["a", "b"], "permanent") });
  assertEquals(await node.call("sup", { kind: "stopChild", id: "a" }), true);
  assertEquals([log.splice(0), node.whereis("a")], [["-a"], undefined]);
  assertEquals(await node.call("sup", { kind: "stopChild", id: "a" }), false);
  assertEquals(await node.call("sup", { kind: "stopChild", id: "nobody" }), false);
  assertEquals(await phases(node), ["b running"]);
  assertEquals(await order(node, log, "b", "throw"), ["-b", "+b"]);
  await node.stop();
});

Deno.test("stopChild of one that waits for its restart drops the restart", async () => {
  const { node, clock } = createStage();
  const log: string[] = [];
  await supervise(node, log, { children: obedients(log, ["a"]) });
  await order(node, log, "a", "throw");
  await order(node, log, "a", "throw");
  assertEquals(await phases(node), ["a waiting"]);
  assertEquals(await node.call("sup", { kind: "stopChild", id: "a" }), true);
  await clock.advance(5000);
  assertEquals([log, await phases(node)], [[], []]);
  await node.stop();
});

Deno.test("stopChild of a slow child replies when that has ended; others are looked after", async () => {
  const { node, clock } = createStage();
  const log: string[] = [];
  const stuck = { id: "stuck", run: ignoresStop, options: { stopTimeoutMs: 100 } };
  await supervise(node, log, { children: [stuck, ...obedients(log, ["a"])] });
  let repliedMs: number | undefined;
  const call = node.call("sup", { kind: "stopChild", id: "stuck" });
  void call.then(() => repliedMs = clock.now());
  await clock.advance(10);
  assertEquals(await order(node, log, "a", "throw"), ["-a", "+a"]);
  assertEquals([repliedMs, await phases(node)], [undefined, ["a running"]]);
  await clock.advance(100);
  assertEquals([repliedMs, await call], [100, true]);
  await node.stop();
});

Deno.test("stopChild of the last one that a group waits for lets the group restart", async () => {
  const { node, clock } = createStage();
  const log: string[] = [];
  const stuck = { id: "stuck", run: ignoresStop, options: { stopTimeoutMs: 100 } };
  const children = [...obedients(log, ["a", "b"]), stuck];
  await supervise(node, log, { strategy: "all-for-one", children });
  assertEquals(await order(node, log, "a", "throw"), ["-a", "-b"]);
  const call = node.call("sup", { kind: "stopChild", id: "stuck" });
  await settle();
  assertEquals(log, ["+a", "+b"]);
  await clock.advance(100);
  assertEquals([await call, await phases(node)], [true, ["a running", "b running"]]);
  await node.stop();
});

Deno.test("children that were stopped for good are awaited when the supervisor stops", async () => {
  const { node, clock } = createStage();
  const log: string[] = [];
  const slow = async (self: Process) => {
    await obedient(log, "slow")(self);
    await new Promise(() => {});
  };
  const children = [{ id: "slow", run: slow, options: { stopTimeoutMs: 100 } }];
  const pid = await supervise(node, log, { children });
  const call = node.call("sup", { kind: "stopChild", id: "slow" });
  await settle();
  let endedMs: number | undefined;
  void node.exit(pid).then(() => endedMs = clock.now());
  await clock.advance(99);
  assertEquals(endedMs, undefined);
  await clock.advance(1);
  assertEquals([endedMs, node.actors()], [100, []]);
  assertEquals(await call, true);
  await node.stop();
});

Deno.test("children shows the Pid of those that run, and the phase of all", async () => {
  const { node } = createStage();
  const log: string[] = [];
  await supervise(node, log, { children: obedients(log, ["a", "b"]) });
  await order(node, log, "a", "return");
  assertEquals(await node.call("sup", { kind: "children" }) as ChildInfo[], [
    { id: "a", pid: "", phase: "stopped" },
    { id: "b", pid: node.whereis("b")!, phase: "running" },
  ]);
  assertEquals(await node.call("sup", { kind: "stopChild", id: "a" }), true);
  assertEquals(await phases(node), ["b running"]);
  await node.stop();
});

Deno.test("a request that is none is refused, and the supervisor lives on", async () => {
  const { node } = createStage();
  const pid = await supervise(node, [], { children: [{ id: "echo", run: echo }] });
  const cyclic: Record<string, unknown> = { kind: 5n };
  cyclic.self = cyclic;
  const requests = [undefined, null, 1n, "children", {}, cyclic, { kind: "restart\n" }];
  for (const request of requests) {
    node.send(pid, request);
    const text = `expected kind "startChild", "stopChild" or "children"`;
    await assertRejects(node.call(pid, request), CallHandlerError, text);
  }
  assertEquals(await phases(node), ["echo running"]);
  await node.stop();
});

Deno.test("requests to a supervisor that stops reject, none gets a wrong answer", async () => {
  const { node } = createStage();
  const { pid, down } = watch(node, createSupervisor(simple));
  const supervisor = await pid;
  await settle();
  const ended = node.exit(supervisor);
  const late = assertRejects(node.call(supervisor, { kind: "startChild" }), CallTerminatedError);
  await Promise.all([ended, late]);
  assertEquals([(await down).reason, node.actors()], ["shutdown", []]);

  const second = node.spawn(createSupervisor(simple));
  await settle();
  const early = node.call(second, { kind: "startChild" });
  void node.exit(second);
  await assertRejects(early, CallTerminatedError);
  await settle();
  assertEquals(node.actors(), []);
  await node.stop();
});

Deno.test("startChild and stopChild do the same by send as by call", async () => {
  const { node } = createStage();
  const pid = await supervise(node, [], simple);
  assertEquals(
    node.send("sup", { kind: "startChild", name: "mine", env: { size: 3 } }),
    "accepted",
  );
  node.send("sup", { kind: "startChild" });
  await settle();
  assertEquals(await phases(node), ["job_1 running", "job_2 running"]);
  assertEquals(await node.call("mine", "env"), { size: 3, colour: "red" });
  node.send("sup", { kind: "stopChild", id: "job_1" });
  await settle();
  assertEquals([await phases(node), node.whereis("mine")], [["job_2 running"], undefined]);
  const { children, refused } = await node.inspect(pid);
  assertEquals([children, refused], [1, 0]);
  await node.stop();
});

Deno.test("what is sent to a supervisor and cannot be done is logged and counted", async () => {
  await using logs = captureLogs();
  const { node } = createStage();
  const pid = await supervise(node, [], simple);
  const requests = [
    { kind: "startChild", name: "not a name" },
    { kind: "startChild", env: "text" },
    { kind: "startChild", env: ["list"] },
    { kind: "stopChild", id: "job_9" },
    { kind: "stopChild" },
    { kind: "down", ref: "Ref#<a@b/0/1>" },
    { kind: "wake", dueMs: 0 },
    { kind: "restart" },
    "hello",
    null,
  ];
  for (const request of requests) node.send(pid, request);
  await settle();
  const texts = (await logs.lines("warning")).map((line) => JSON.stringify(line));
  assertEquals(texts.length, requests.length);
  assertStringIncludes(texts[0]!, "Cannot register a process as");
  assertStringIncludes(texts[1]!, "an env that is of type string, expected an object");
  assertStringIncludes(texts[2]!, "an env that is a list, expected an object");
  assertStringIncludes(texts[3]!, "got the id");
  assertStringIncludes(texts[4]!, "an id that is of type undefined, expected a text");
  for (const text of texts.slice(5)) assertStringIncludes(text, "Cannot answer: got a request of");
  assertEquals((await node.inspect(pid)).refused, requests.length);
  assertEquals(await phases(node), []);
  await node.stop();
});

Deno.test("a call that looks like a message of the system is answered with an error", async () => {
  const { node } = createStage();
  await supervise(node, [], simple);
  for (const kind of ["down", "wake"]) {
    await assertRejects(
      node.call("sup", { kind }),
      CallHandlerError,
      `a request of kind "${kind}"`,
    );
  }
  await node.stop();
});

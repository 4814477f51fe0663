import { assert, assertEquals, assertThrows } from "../helpers/assert.ts";
import { settle } from "../../src/testing/manual_clock.ts";
import { createNode, NameTakenError, NODE_DEFAULTS, type Pid } from "../../src/actor/mod.ts";
import { createStage, idle, inProcess, watch } from "./stage.ts";

Deno.test("createNode() has a default name and refuses one of another form", () => {
  assertEquals(createNode().name, NODE_DEFAULTS.name);
  assertThrows(() => createNode({ name: "troupe" }), TypeError, "expected name@host");
});

Deno.test("register() gives a live process a name, unregister() frees it", async () => {
  await using node = createStage().node;
  const pid = node.spawn(async (self) => {
    for await (const { reply } of self) reply?.(self.name ?? "none");
  });
  assertEquals(node.whereis("worker"), undefined);
  node.register("worker", pid);
  assertEquals([node.whereis("worker"), await node.call("worker", "name?")], [pid, "worker"]);
  assertEquals([node.unregister("worker"), node.unregister("worker")], [true, false]);
  assertEquals([node.whereis("worker"), node.send("worker", "hi")], [undefined, "unknown"]);
  assertEquals(await node.call(pid, "name?"), "none");
});

Deno.test("register() throws a NameTakenError that names the holder", async () => {
  await using node = createStage().node;
  const holder = node.spawn(idle, { name: "worker" });
  const other = node.spawn(idle);
  const error = assertThrows(() => node.register("worker", other), NameTakenError);
  assertEquals([error.code, error.processName, error.holder], ["name_taken", "worker", holder]);
  node.register("worker", holder);
  assertEquals(node.whereis("worker"), holder);
});

Deno.test("register() of a second name takes the first away", async () => {
  await using node = createStage().node;
  const pid = node.spawn(idle, { name: "old" });
  node.register("new", pid);
  assertEquals([node.whereis("old"), node.whereis("new")], [undefined, pid]);
  assertEquals((await node.inspect()).names, 1);
});

Deno.test("register() takes only live processes and names of the right form", async () => {
  await using node = createStage().node;
  const { pid, down } = watch(node, () => Promise.resolve());
  await down;
  assertThrows(() => node.register("x", "nobody" as Pid), TypeError, `"nobody" is no live process`);
  const ended = await pid;
  assertThrows(() => node.register("x", ended), TypeError, "is no live process");
  const alias = await inProcess(node, (self) => {
    return self.spawnMeta({ run: idle, terminate() {} });
  });
  assertThrows(() => node.register("x", alias as string as Pid), TypeError, "is no live process");
  assertThrows(() => node.register("a b", node.spawn(idle)), TypeError, `"a b": expected letters`);
});

Deno.test("a name is free again as soon as its process has ended", async () => {
  await using node = createStage().node;
  const first = node.spawn(idle, { name: "worker" });
  await node.exit(first, "kill");
  const second = node.spawn(idle, { name: "worker" });
  assert(first !== second && node.whereis("worker") === second);
});

Deno.test("spawn() with a taken name throws and spawns nothing", async () => {
  await using node = createStage().node;
  const holder = node.spawn(idle, { name: "worker" });
  assertThrows(() => node.spawn(idle, { name: "worker" }), NameTakenError);
  await settle();
  assertEquals(node.actors(), [holder]);
});

Deno.test("spawn() registers the name before the function starts", async () => {
  await using node = createStage().node;
  const pid = node.spawn(idle, { name: "early" });
  assertEquals([node.whereis("early"), node.send("early", "queued")], [pid, "accepted"]);
});

Deno.test("actors() lists all that lives in order of creation", async () => {
  await using node = createStage().node;
  const first = node.spawn(idle);
  const alias = await inProcess(node, (self) => {
    const second = self.spawn(idle);
    return [second, self.whereis("x")] as const;
  });
  const last = node.spawn(idle);
  await settle();
  assertEquals(node.actors(), [first, alias[0], last]);
});

import {
  CallFullError,
  CallHandlerError,
  CallTerminatedError,
  CallUnknownError,
  createNode,
  isDown,
  keyed,
  KEYED_DEFAULTS,
  type KeyedOptions,
  NameTakenError,
  type Node,
  type Pid,
  type Process,
  type ProcessFunction,
} from "../../../src/actor/mod.ts";
import { linkNodes } from "../../../src/cluster/mod.ts";
import { assertEquals, assertRejects, assertThrows } from "../../helpers/assert.ts";
import { type ManualClock, settle } from "../../../src/testing/manual_clock.ts";
import { createStage, idle, inProcess, watch } from "../stage.ts";

const IDLE_MS = 1000;

interface KeyedStage extends AsyncDisposable {
  readonly node: Node;
  readonly clock: ManualClock;
  readonly group: Pid;
  /** What the processes noted: `KEY start`, `KEY MESSAGE`, `KEY end`. */
  readonly noted: string[];
}

/** Notes what it gets; answers with its key; throws at `"throw"`. */
function createNoter(noted: string[]): ProcessFunction {
  return async (self: Process) => {
    noted.push(`${self.key} start`);
    for await (const { message, reply } of self) {
      noted.push(`${self.key} ${message}`);
      if (message === "throw") throw new Error("on purpose");
      reply?.(self.key);
    }
    noted.push(`${self.key} end`);
  };
}

async function open(options: KeyedOptions = {}, run?: ProcessFunction): Promise<KeyedStage> {
  const { node, clock } = createStage("keyed@host");
  const noted: string[] = [];
  const behavior = keyed("room", run ?? createNoter(noted), { idleTimeoutMs: IDLE_MS, ...options });
  const group = node.spawn(behavior, { stopTimeoutMs: 20_000 });
  await settle();
  return { node, clock, group, noted, [Symbol.asyncDispose]: () => node.stop() };
}

Deno.test("the first message to NAME/KEY starts its process, the next ones find it", async () => {
  await using stage = await open();
  const { node, group, noted } = stage;
  assertEquals(node.send("room/a", 1), "accepted");
  assertEquals([await node.call("room/a", 2), await node.call("room/b", 3)], ["a", "b"]);
  assertEquals(await node.call({ name: "room/c", node: node.name }, 4), "c");
  assertEquals(noted, ["a start", "a 1", "a 2", "b start", "b 3", "c start", "c 4"]);
  const { keys, started, failed, refused } = await node.inspect(group);
  assertEquals([keys, started, failed, refused], [3, 3, 0, 0]);
  const { name, parent, state } = await node.inspect("room/a");
  assertEquals([name, parent, state], ["room/a", group, "running"]);
});

Deno.test("NAME/KEY can be sent to as soon as its function has been spawned", async () => {
  await using node = createStage().node;
  node.spawn(keyed("room", createNoter([])));
  assertEquals(await node.call("room/a", "at once"), "a");
});

Deno.test("sendAll(), calls and delayed messages start processes too", async () => {
  await using stage = await open();
  const { node, clock, noted } = stage;
  await inProcess(node, async (self) => {
    assertEquals(self.sendAll(["room/a", "room/b", "nobody/c"], "all"), 2);
    self.sendAfter("room/c", "late", 5);
    assertEquals(self.resolve("room/d"), self.whereis("room/d"));
    await clock.advance(5);
    await settle();
  });
  assertEquals(noted.filter((line) => line.endsWith("start")).toSorted(), [
    "a start",
    "b start",
    "c start",
    "d start",
  ]);
});

Deno.test("who is not there is not started by looking at it", async () => {
  await using stage = await open();
  const { node, noted } = stage;
  await assertRejects(() => node.inspect("room/a"), CallUnknownError);
  assertEquals(node.whereis("room/a"), undefined);
  const reason = await inProcess(node, async (self) => {
    self.monitor("room/a");
    for await (const envelope of self) if (isDown(envelope)) return envelope.message.reason;
    return "nothing";
  });
  assertEquals([reason, noted], ["unknown", []]);
});

Deno.test("what is no key, and names of no group, are unknown", async () => {
  await using stage = await open();
  const { node } = stage;
  for (const key of ["", "a\nb", "x".repeat(256), "\u00e4".repeat(128)]) {
    assertEquals(node.send(`room/${key}`, "x"), "unknown", key);
  }
  for (const name of ["hall/a", "/a", "room", "room/a".replace("room", "ROOM")]) {
    if (name !== "room") assertEquals(node.send(name, "x"), "unknown", name);
  }
  for (const key of ["a/b", "x".repeat(255), "räume 1", "<x>"]) {
    assertEquals(await node.call(`room/${key}`, "x"), key);
  }
});

Deno.test("an unused process ends; what arrives from then on goes to the next, in order", async () => {
  const gate = Promise.withResolvers<void>();
  const noted: string[] = [];
  let starts = 0;
  await using stage = await open({}, async (self) => {
    const mark = `${self.key}${++starts}`;
    noted.push(`${mark} start`);
    for await (const { message } of self) noted.push(`${mark} ${message}`);
    await gate.promise;
    noted.push(`${mark} end`);
  });
  const { node, clock, group } = stage;
  node.send("room/a", 1);
  await settle();
  await clock.advance(IDLE_MS * 1.25);
  await settle();
  assertEquals(node.whereis("room/a"), undefined);
  for (const message of [2, 3]) assertEquals(node.send("room/a", message), "accepted");
  await settle();
  assertEquals(noted, ["a1 start", "a1 1"]);
  const { keys, endingKeys } = await node.inspect(group);
  assertEquals([keys, endingKeys], [1, 1]);
  gate.resolve();
  await settle();
  assertEquals(noted, ["a1 start", "a1 1", "a1 end", "a2 start", "a2 2", "a2 3"]);
});

Deno.test("messages of others, connections and open calls keep a process; its own do not", async () => {
  await using stage = await open({}, async (self) => {
    self.sendAfter(self.pid, "tick", IDLE_MS / 8);
    for await (const { message, reply } of self) {
      if (message === "tick") self.sendAfter(self.pid, "tick", IDLE_MS / 8);
      if (message === "soon") reply?.("now");
    }
  });
  const { node, clock } = stage;
  const pidOf = (key: string) => node.whereis(`room/${key}`);
  const waitFor = async (timeouts: number) => {
    for (let quarter = 0; quarter < timeouts * 4; quarter++) {
      node.send("room/spoken to", "hello");
      await clock.advance(IDLE_MS / 4);
      await settle();
    }
  };
  const parent = node.spawn(async (self) => {
    const connection = self.spawnMeta({
      async run(meta) {
        meta.monitor(meta.resolve("room/connected") as Pid);
        await idle(meta);
      },
      terminate() {},
    });
    for await (const _ of self) await self.exit(connection);
  });
  const calling = node.call("room/asked", "never", { timeoutMs: IDLE_MS * 2.5 }).catch(String);
  node.send("room/alone", "hello");
  await settle();
  await waitFor(2);
  const alive = ["spoken to", "connected", "asked", "alone"].map((key) => pidOf(key) !== undefined);
  assertEquals(alive, [true, true, true, false]);
  node.send(parent, "hang up");
  await waitFor(3);
  await calling;
  await waitFor(2);
  assertEquals([pidOf("connected"), pidOf("asked")], [undefined, undefined]);
  assertEquals(pidOf("spoken to") !== undefined, true);
});

Deno.test("idleTimeoutMs 0 keeps them", async () => {
  await using stage = await open({ idleTimeoutMs: 0 });
  const { node, clock } = stage;
  await node.call("room/a", 1);
  await clock.advance(KEYED_DEFAULTS.idleTimeoutMs * 100);
  assertEquals(node.whereis("room/a") !== undefined, true);
});

Deno.test("one that throws is started again by the next message, and others notice nothing", async () => {
  await using stage = await open();
  const { node, group, noted } = stage;
  await node.call("room/b", 0);
  await assertRejects(() => node.call("room/a", "throw"), CallHandlerError, "on purpose");
  assertEquals(await node.call("room/a", 1), "a");
  assertEquals(noted, ["b start", "b 0", "a start", "a throw", "a start", "a 1"]);
  const { keys, failed } = await node.inspect(group);
  assertEquals([keys, failed], [2, 1]);
});

Deno.test("one that fails again and again is left alone for the rest of the period", async () => {
  await using stage = await open();
  const { node, clock } = stage;
  for (let count = 0; count < 6; count++) {
    await assertRejects(() => node.call("room/a", "throw"), CallHandlerError);
  }
  assertEquals(node.send("room/a", 1), "terminated");
  await assertRejects(() => node.call("room/a", 1), CallTerminatedError);
  assertEquals(await node.call("room/b", 1), "b");
  await clock.advance(5_000);
  assertEquals(await node.call("room/a", 1), "a");
});

Deno.test("beyond maxKeys a send is full, until one ends", async () => {
  await using stage = await open({ maxKeys: 2 });
  const { node, clock, group } = stage;
  assertEquals([node.send("room/a", 1), node.send("room/b", 1)], ["accepted", "accepted"]);
  assertEquals(node.send("room/c", 1), "full");
  await assertRejects(() => node.call("room/c", 1), CallFullError);
  assertEquals(await inProcess(node, (self) => self.resolve("room/c")), "full");
  await clock.advance(IDLE_MS * 1.25);
  await settle();
  assertEquals(await node.call("room/c", 1), "c");
  assertEquals((await node.inspect(group)).refused, 3);
});

Deno.test("all end with the process that has them started, after what they have", async () => {
  await using stage = await open();
  const { node, group, noted } = stage;
  for (const message of [1, 2]) node.send("room/a", message);
  node.send("room/b", 1);
  await node.exit(group);
  assertEquals(noted.toSorted(), ["a 1", "a 2", "a end", "a start", "b 1", "b end", "b start"]);
  assertEquals([node.send("room/a", 3), node.actors()], ["unknown", []]);
});

Deno.test("a name is taken once, and a group answers no requests", async () => {
  await using stage = await open();
  const { node, group } = stage;
  assertThrows(() => node.spawn(keyed("room", idle)), NameTakenError, "room/KEY");
  const wrapped = keyed("hall", idle);
  const { down } = watch(node, (self) => wrapped(self));
  assertEquals((await down).reason, "panic");
  await assertRejects(() => node.call(group, 1), CallHandlerError, "takes no messages");
  await node.call("room/a", 1);
  assertThrows(() => node.spawn(idle, { name: "room/x" }), TypeError, "Cannot register");
  assertEquals(node.unregister("room/a"), false);
});

Deno.test("keyed() refuses what it cannot do by name", () => {
  const cases: [unknown[], typeof TypeError | typeof RangeError, string][] = [
    [["a b", idle], TypeError, '"a b"'],
    [["a/b", idle], TypeError, '"a/b"'],
    [["a", "idle"], TypeError, "expected a function, got string"],
    [["a", idle, { idleTimeout: 1 }], TypeError, '"idleTimeout" is no option, expected one of env'],
    [["a", idle, { idleTimeoutMs: -1 }], RangeError, "-1"],
    [["a", idle, { maxKeys: 0 }], RangeError, "got maxKeys 0"],
    [["a", idle, { maxKeys: 1.5 }], RangeError, "got maxKeys 1.5"],
    [["a", idle, { env: { f() {} } }], TypeError, "plain data"],
  ];
  for (const [args, error, text] of cases) {
    assertThrows(() => keyed(...args as Parameters<typeof keyed>), error, text);
  }
});

Deno.test("another node starts them by { name, node }", async () => {
  await using stage = await open();
  await using there = createNode({ name: "there@host" });
  linkNodes(there, stage.node);
  const target = { name: "room/a", node: stage.node.name };
  assertEquals(await there.call(target, "from afar"), "a");
  await assertRejects(() => there.call({ ...target, name: "hall/a" }, 1), CallUnknownError);
});

Deno.test("100,000 of them start and end, and leave nothing", async () => {
  await using stage = await open({ maxKeys: 100_000 });
  const { node, clock, group, noted } = stage;
  for (let key = 0; key < 100_000; key++) node.send(`room/${key}`, "x");
  await settle();
  assertEquals([(await node.inspect(group)).keys, noted.length], [100_000, 200_000]);
  await clock.advance(IDLE_MS * 1.25);
  await settle();
  assertEquals([node.actors(), noted.length], [[group], 300_000]);
  const { keys, endingKeys, started } = await node.inspect(group);
  assertEquals([keys, endingKeys, started, clock.pending], [0, 0, 100_000, 0]);
});

Deno.test("keyed() with perConnection gives each that asks for the name a process of its own", async () => {
  const { node } = createStage();
  const answers = Promise.withResolvers<unknown[]>();
  node.spawn(async (self) => {
    const reply = async (own: Process) => {
      for await (const envelope of own) envelope.reply?.(own.key);
    };
    const options = { perConnection: true, maxKeys: 3 };
    self.spawn(keyed("each", reply, options), { name: "each" });
    // Somebody else has sent to the second before its turn.
    const early = await self.call("each/2", "who");
    const [first, second, beyond] = [1, 2, 3].map(() => self.resolve("each"));
    const own = await Promise.all([first!, second!].map((pid) => self.call(pid as Pid, "who")));
    answers.resolve([early, ...own, beyond]);
  });
  await settle();
  assertEquals(await answers.promise, ["2", "1", "3", "full"]);
  await node.stop();
});

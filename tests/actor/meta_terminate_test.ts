import { assertEquals } from "../helpers/assert.ts";
import { settle } from "../../src/testing/manual_clock.ts";
import type { MetaProcess } from "../../src/actor/mod.ts";
import { createRecorder, createStage, idle, inProcess, spawnMeta } from "./stage.ts";

Deno.test("a meta-process is asked to stop when its parent ends, however that was", async () => {
  const { node } = createStage();
  for (const [reason, told] of [["shutdown", "shutdown"], ["enough", "enough"]]) {
    const seen: unknown[] = [];
    const { parent, alias, noted } = await spawnMeta(node, {
      run: async (self) => {
        await idle(self);
        seen.push(self.signal.reason);
      },
    });
    await node.exit(parent, reason);
    await settle();
    assertEquals([seen, node.send(alias, 1)], [[told], "terminated"]);
    assertEquals(noted.filter((note) => note.startsWith("terminate")), []);
  }
  const reasons: unknown[] = [];
  const run = async (self: MetaProcess) => {
    await idle(self);
    reasons.push(self.signal.reason);
  };
  await inProcess(node, (self) => self.spawnMeta({ run, terminate() {} }));
  await settle();
  assertEquals(reasons, ["shutdown"]);
  await node.stop();
});

Deno.test("a killed parent takes its meta-process along, which still stops in order", async () => {
  const { node } = createStage();
  const seen: unknown[] = [];
  const { parent, noted } = await spawnMeta(node, {
    run: async (self) => {
      await idle(self);
      seen.push("stopped in order");
    },
  });
  await node.exit(parent, "kill");
  await settle();
  assertEquals([seen, noted], [["stopped in order"], []]);
  await node.stop();
});

Deno.test("a meta-process outlives its parent until it has stopped, and still sends", async () => {
  const { node } = createStage();
  const recorder = createRecorder();
  const keeper = node.spawn(recorder.run);
  const gate = Promise.withResolvers<void>();
  const { parent, alias } = await spawnMeta(node, {
    run: async (self) => {
      await idle(self);
      await gate.promise;
      self.send(keeper, self.parent);
    },
  });
  await node.exit(parent);
  assertEquals((await node.inspect(alias)).state, "stopping");
  gate.resolve();
  await settle();
  assertEquals(recorder.messages, [parent]);
  await node.stop();
});

Deno.test("terminate() is called when it does not stop in time, and then it can still send", async () => {
  const { node, clock } = createStage();
  const recorder = createRecorder();
  const keeper = node.spawn(recorder.run);
  let self: MetaProcess;
  const { alias, noted } = await spawnMeta(node, {
    run: (given) => {
      self = given;
      return new Promise(() => {});
    },
    terminate: (reason) => void self.send(keeper, `last words: ${reason}`),
  }, { stopTimeoutMs: 40 });
  void node.exit(alias);
  await clock.advance(39);
  assertEquals(recorder.messages, []);
  await clock.advance(1);
  assertEquals([recorder.messages, noted], [["last words: killed"], ["down killed"]]);
  assertEquals(self!.send(keeper, "more"), "terminated");
  await node.stop();
});

Deno.test("a behaviour says how long it needs to stop, unless spawnMeta() is told", async () => {
  const { node, clock } = createStage();
  const noted: string[] = [];
  const times: [number | undefined, number | undefined][] = [[70, undefined], [70, 30], [
    undefined,
    undefined,
  ]];
  for (const [own, told] of times) {
    const { alias } = await spawnMeta(node, {
      stopTimeoutMs: own,
      run: () => new Promise(() => {}),
      terminate: () => noted.push(`${own} ${told} at ${clock.now()}`),
    }, { stopTimeoutMs: told });
    void node.exit(alias);
  }
  await clock.advance(5000);
  assertEquals(noted, [
    "70 30 at 30",
    "70 undefined at 70",
    "undefined undefined at 5000",
  ]);
  await node.stop();
});

Deno.test("terminate() is called once on kill, also if it kills again or throws", async () => {
  const { node } = createStage();
  const { alias, noted } = await spawnMeta(node, {
    terminate: () => {
      noted.push("terminate");
      void node.exit(alias, "kill");
      throw new Error("from terminate");
    },
  });
  await node.exit(alias, "kill");
  await settle();
  assertEquals(noted, ["terminate", "down killed"]);
  await node.stop();
});

Deno.test("terminate() is called for one that is killed before it has begun", async () => {
  const { node } = createStage();
  const noted: string[] = [];
  await inProcess(node, (self) => {
    const alias = self.spawnMeta({
      run: () => Promise.resolve(void noted.push("run")),
      terminate: (reason) => noted.push(reason),
    });
    void self.exit(alias, "kill");
  });
  await settle();
  assertEquals(noted, ["killed"]);
  await node.stop();
});

import {
  createNode,
  createSupervisor,
  NodeStoppedError,
  type Process,
  type ProcessFunction,
} from "../../src/actor/mod.ts";
import { assert, assertEquals, assertRejects, assertThrows } from "../helpers/assert.ts";
import { settle } from "../../src/testing/manual_clock.ts";
import { ignoresStop, throwsAtOnce } from "../helpers/misbehaving.ts";
import { createStage, idle } from "./stage.ts";

/** Notes when it has stopped, some turns after it was asked to. */
function noting(order: string[], name: string, turns = 0): ProcessFunction {
  return async (self) => {
    await idle(self);
    for (let i = 0; i < turns; i++) await settle();
    order.push(name);
  };
}

Deno.test("stop() ends meta-processes first: their last messages are still handled", async () => {
  const { node } = createStage();
  const order: unknown[] = [];
  const server = node.spawn(async (self) => {
    for await (const { message } of self) {
      await settle();
      order.push(message);
    }
    order.push("server");
  });
  node.spawn(async (self) => {
    for (const name of ["meta 1", "meta 2"]) {
      self.spawnMeta({
        run: async (meta) => {
          await idle(meta);
          await settle();
          assertEquals(meta.send(server, `last of ${name}`), "accepted");
        },
        terminate: () => order.push("terminated"),
      });
    }
    await idle(self);
  });
  await settle();
  await node.stop();
  assertEquals(order, ["last of meta 1", "last of meta 2", "server"]);
});

Deno.test("stop() ends parents before children", async () => {
  const { node } = createStage();
  const order: string[] = [];
  const family = (name: string, below?: ProcessFunction) => async (self: Process) => {
    if (below !== undefined) self.spawn(below);
    await noting(order, name, 2)(self);
  };
  node.spawn(family("grandparent", family("parent", family("child"))));
  await settle();
  await node.stop();
  assertEquals(order, ["grandparent", "parent", "child"]);
});

Deno.test("stop() lets a supervisor end its children, last one first", async () => {
  const { node } = createStage();
  const order: string[] = [];
  const children = ["a", "b", "c"].map((id) => ({ id, run: noting(order, id, 1) }));
  node.spawn(createSupervisor({ children }));
  await settle();
  await node.stop();
  assertEquals(order, ["c", "b", "a"]);
});

Deno.test("stop() within a deadline ends what ignores it, by default after 10 000 ms", async () => {
  for (const timeoutMs of [undefined, 250]) {
    const { node, clock } = createStage();
    const noted: string[] = [];
    node.spawn(async (self) => {
      self.spawn(ignoresStop, { stopTimeoutMs: 60_000 });
      self.spawnMeta({
        run: () => new Promise(() => {}),
        terminate: (reason) => noted.push(reason),
      }, { stopTimeoutMs: 60_000 });
      await idle(self);
    });
    node.spawn(ignoresStop, { stopTimeoutMs: 60_000 });
    await settle();
    let stoppedMs: number | undefined;
    void node.stop({ timeoutMs }).then(() => stoppedMs = clock.now());
    const deadlineMs = timeoutMs ?? 10_000;
    await clock.advance(deadlineMs - 1);
    assertEquals([stoppedMs, noted], [undefined, []]);
    await clock.advance(1);
    assertEquals([stoppedMs, noted], [deadlineMs, ["killed"]]);
    assertEquals([node.actors(), clock.pending], [[], 0]);
  }
});

Deno.test("stop() gives each process its own deadline within that of the node", async () => {
  const { node, clock } = createStage();
  node.spawn(ignoresStop, { stopTimeoutMs: 20 });
  node.spawn(idle);
  await settle();
  let stoppedMs: number | undefined;
  void node.stop().then(() => stoppedMs = clock.now());
  await clock.advance(100);
  assertEquals([stoppedMs, clock.pending], [20, 0]);
});

Deno.test("stop() reaches those that trap exits", async () => {
  const { node } = createStage();
  node.spawn(async (self) => {
    self.spawn(idle, { trapExit: true });
    await idle(self);
  }, { trapExit: true });
  await settle();
  await node.stop();
  assertEquals(node.actors(), []);
});

Deno.test("stop() refuses to spawn from then on, whoever asks", async () => {
  const { node } = createStage("demo@host");
  const errors: Error[] = [];
  node.spawn(async (self) => {
    await idle(self);
    errors.push(assertThrows(() => self.spawn(idle), NodeStoppedError));
    const behavior = { run: idle, terminate() {} };
    errors.push(assertThrows(() => self.spawnMeta(behavior), NodeStoppedError));
  });
  const stopped = node.stop();
  errors.push(assertThrows(() => node.spawn(idle), NodeStoppedError));
  await stopped;
  errors.push(assertThrows(() => node.spawn(idle), NodeStoppedError));
  assertEquals(errors.length, 4);
  for (const { message } of errors) {
    assert(message.endsWith("process: node demo@host is stopping or has stopped"), message);
  }
});

Deno.test("stop() while a child fails leaves its supervisor and the others in peace", async () => {
  const { node } = createStage();
  const order: string[] = [];
  const gate = Promise.withResolvers<void>();
  node.spawn(async (self) => {
    self.spawnMeta({
      // Holds the node in the first phase of its stop, while the child fails.
      run: async (meta) => {
        await idle(meta);
        meta.send("fails", "now");
        await settle();
        order.push(`other ${meta.send("other", 1)}`);
        await gate.promise;
      },
      terminate() {},
    });
    await idle(self);
  });
  const fails = async (self: Process) => {
    for await (const _ of self) throw new Error("while the node stops");
  };
  node.spawn(createSupervisor({
    children: [
      { id: "fails", run: fails, options: { name: "fails" } },
      { id: "other", run: noting(order, "other stopped"), options: { name: "other" } },
    ],
  }));
  await settle();
  const stopped = node.stop();
  gate.resolve();
  await stopped;
  assertEquals(order, ["other accepted", "other stopped"]);
});

Deno.test("stop() again joins the first, and stopped resolves with both", async () => {
  const { node } = createStage();
  node.spawn(idle);
  await Promise.all([node.stop(), node.stop(), node.stopped]);
  await node.stop();
  assertEquals([node.actors(), (await node.inspect()).state], [[], "stopping"]);
});

Deno.test("stop() again does not hasten the first", async () => {
  const { node, clock } = createStage();
  node.spawn(ignoresStop, { stopTimeoutMs: 300 });
  await settle();
  const stoppedMs: number[] = [];
  for (const timeoutMs of [1000, 0]) {
    void node.stop({ timeoutMs }).then(() => stoppedMs.push(clock.now()));
  }
  await clock.advance(1000);
  assertEquals(stoppedMs, [300, 300]);
});

Deno.test("stop() refuses a time-out that is none and goes on", async () => {
  const { node } = createStage();
  const pid = node.spawn(idle);
  await assertRejects(node.stop({ timeoutMs: -1 }), RangeError, "Cannot stop a node: got -1 ms");
  assertEquals(node.send(pid, 1), "accepted");
  await node.stop();
});

Deno.test("await using stops the node; identities on it are terminated", async () => {
  let pid;
  const { node } = createStage();
  {
    await using scoped = node;
    pid = scoped.spawn(idle, { name: "worker" });
    scoped.spawn(throwsAtOnce);
  }
  assertEquals([node.send(pid, 1), node.send("worker", 1)], ["terminated", "unknown"]);
});

Deno.test("stop() of a node on the clock of the system leaves no timer behind", async () => {
  const node = createNode();
  node.spawn(async (self) => {
    self.sendAfter(self.pid, "never", 60_000);
    self.spawn(idle);
    await idle(self);
  });
  await settle();
  await node.stop();
});

/**
 * What everyone behind an address must do, whatever lies in between.
 *
 * @module
 */

import {
  type Address,
  CallFullError,
  CallHandlerError,
  CallTerminatedError,
  CallTimeoutError,
  CallUnknownError,
  type DownMessage,
  isDown,
  isExit,
  type Node,
  type Pid,
  type Process,
  type SpawnOptions,
  type Target,
} from "../../src/actor/mod.ts";
import { assertEquals, assertRejects, assertThrows } from "../helpers/assert.ts";
import { createGated, createRecorder, echo, idle, inProcess } from "./stage.ts";

/** Two nodes, or one twice. */
export interface PeerStage extends AsyncDisposable {
  /** Where those live that send, watch and ask. */
  readonly here: Node;
  /** Where those live that are sent to. */
  readonly there: Node;
  /** Waits until all that was told has arrived. */
  settle(): Promise<void>;
}

/** Whether a send can tell what becomes of the message, or only that it is on its way. */
export type SendTells = "outcome" | "handed over";

/** A gate that messages come through, and what came. */
function collect(self: Process, count: number): Promise<unknown[]> {
  return Array.fromAsync({
    async *[Symbol.asyncIterator]() {
      for await (const { message } of self) {
        yield message;
        if (--count === 0) return;
      }
    },
  });
}

async function downOf(self: Process): Promise<DownMessage> {
  for await (const envelope of self) if (isDown(envelope)) return envelope.message;
  throw new Error("Cannot wait for a down message: the mailbox has ended");
}

async function endedPid(node: Node): Promise<Pid> {
  const pid = node.spawn(() => Promise.resolve());
  await node.exit(pid);
  return pid;
}

/** Registers the contract as tests. */
export function testPeerContract(
  what: string,
  open: () => Promise<PeerStage>,
  tells: SendTells,
  register: (name: string, run: () => Promise<void>) => void = Deno.test,
): void {
  const test = (does: string, run: (stage: PeerStage) => Promise<void>) => {
    register(`${what}: ${does}`, async () => {
      await using stage = await open();
      await run(stage);
    });
  };
  const onlyIfTold = <T>(outcome: T): T | "accepted" => tells === "outcome" ? outcome : "accepted";

  test("messages arrive in order, with the address of their sender", async ({ here, there, settle }) => {
    const { run, messages } = createRecorder();
    const to = there.spawn(run);
    const sent = Array.from({ length: 1000 }, (_, index) => index);
    await inProcess(here, (self) => {
      for (const message of sent) assertEquals(self.send(to, message), "accepted");
    });
    await settle();
    assertEquals(messages, sent);
  });

  test("the receiver can answer to the address it was sent from", async ({ here, there }) => {
    const echoing = there.spawn(async (self) => {
      for await (const { from, message } of self) self.send(from, { echoed: message });
    });
    const received = await inProcess(here, (self) => {
      self.send(echoing, new Uint8Array([1, 2, 3]));
      self.send(echoing, { deep: [1, "two", { three: null }] });
      return collect(self, 2);
    });
    assertEquals(received, [
      { echoed: new Uint8Array([1, 2, 3]) },
      { echoed: { deep: [1, "two", { three: null }] } },
    ]);
  });

  test("what is no plain data is refused where it is sent", async ({ here, there }) => {
    const to = there.spawn(idle);
    await inProcess(here, async (self) => {
      assertThrows(() => self.send(to, () => {}), TypeError, "plain data");
      assertThrows(() => self.sendAll([to], () => {}), TypeError, "plain data");
      await assertRejects(() => self.call(to, () => {}), TypeError, "plain data");
    });
  });

  test("an identity of an earlier incarnation is unknown", async ({ here, there }) => {
    const to = there.spawn(idle).replace(/\/[0-9a-z]+\//, "/0earlier/") as Pid;
    assertEquals(here.send(to, "late"), "unknown");
    await assertRejects(() => here.call(to, "late"), CallUnknownError);
  });

  test("what has ended gets nothing", async ({ here, there }) => {
    assertEquals(here.send(await endedPid(there), "late"), onlyIfTold("terminated"));
  });

  test("sendAll() reaches each, here and there, and only whole", async ({ here, there, settle }) => {
    const recorders = [there, here, there].map((node) => {
      const { run, messages } = createRecorder();
      return { pid: node.spawn(run), messages };
    });
    const targets: Target[] = recorders.map(({ pid }) => pid);
    const accepted = await inProcess(here, (self) => self.sendAll([...targets, "nobody"], "news"));
    await settle();
    assertEquals([accepted, recorders.map(({ messages }) => messages)], [
      3,
      [["news"], ["news"], ["news"]],
    ]);
  });

  test("a name is reached as { name, node }", async ({ here, there }) => {
    there.spawn(echo, { name: "echo" });
    const target = { name: "echo", node: there.name };
    assertEquals(here.send(target, "hello"), "accepted");
    assertEquals(await here.call(target, "hello"), "hello");
    assertEquals((await here.inspect(target)).name, "echo");
    const nobody = { name: "nobody", node: there.name };
    await assertRejects(() => here.call(nobody, "hello"), CallUnknownError);
    await assertRejects(() => here.inspect(nobody), CallUnknownError);
  });

  test("call() gives the reply, undefined and null too", async ({ here, there }) => {
    const to = there.spawn(echo);
    for (const request of ["text", undefined, null, { a: [1] }]) {
      assertEquals(await inProcess(here, (self) => self.call(to, request)), request);
    }
  });

  test("call() rejects with what the callee threw, or answered as an error", async ({ here, there }) => {
    const throwing = there.spawn(async (self) => {
      for await (const _ of self) throw new Error("on purpose");
    });
    await assertRejects(() => here.call(throwing, "go"), CallHandlerError, "on purpose");
    const refusing = there.spawn(async (self) => {
      for await (const { reply } of self) reply?.(new RangeError("not that"));
    });
    await assertRejects(() => here.call(refusing, "go"), CallHandlerError, "RangeError: not that");
  });

  test("call() rejects when the callee ends, has ended, or is full", async ({ here, there }) => {
    const leaving = there.spawn(async (self) => {
      for await (const _ of self) return;
    });
    await assertRejects(() => here.call(leaving, "go"), CallTerminatedError);
    await assertRejects(() => here.call(leaving, "go"), CallTerminatedError);
    const gated = createGated();
    const full = there.spawn(gated.run, { mailboxSize: 1 });
    for (let count = 0; count < 3; count++) there.send(full, count);
    await Promise.resolve();
    there.send(full, "the one that waits");
    await assertRejects(() => here.call(full, "go"), CallFullError);
    gated.open();
  });

  test("call() rejects in time, and a late reply is nobody's", async ({ here, there }) => {
    const replies: boolean[] = [];
    const late = Promise.withResolvers<void>();
    const to = there.spawn(async (self) => {
      for await (const { reply } of self) {
        await late.promise;
        replies.push(reply!("late"));
      }
    });
    await assertRejects(() => here.call(to, "go", { timeoutMs: 5 }), CallTimeoutError, "5 ms");
    late.resolve();
    assertEquals(await here.call(to, "again"), "late");
    assertEquals(replies.length, 2);
  });

  test("call() rejects when its caller ends", async ({ here, there }) => {
    const gated = createGated();
    const to = there.spawn(gated.run);
    const calling = Promise.withResolvers<void>();
    let call: Promise<unknown> = Promise.resolve();
    const caller = here.spawn(async (self) => {
      call = self.call(to, "go");
      call.catch(() => {});
      calling.resolve();
      await idle(self);
    });
    await calling.promise;
    await here.exit(caller, "kill");
    await assertRejects(() => call, CallTerminatedError, "the caller");
    gated.open();
  });

  test("monitor() tells of the end, once for each ref", async ({ here, there, settle }) => {
    const gated = createGated();
    const to = there.spawn(gated.run);
    const [refs, told] = await inProcess(here, async (self) => {
      const refs = [self.monitor(to), self.monitor(to)];
      await settle();
      void there.exit(to, "on purpose");
      gated.open();
      const told = [await downOf(self), await downOf(self)];
      return [refs, told] as const;
    });
    assertEquals(told.map(({ ref }) => ref).toSorted(), refs.toSorted());
    for (const { target, reason } of told) assertEquals([target, reason], [to, "on purpose"]);
  });

  test("monitor() tells what was thrown", async ({ here, there }) => {
    const to = there.spawn(async (self) => {
      for await (const _ of self) throw new Error("on purpose");
    });
    const { reason, detail } = await inProcess(here, async (self) => {
      self.monitor(to);
      self.send(to, "go");
      return await downOf(self);
    });
    assertEquals([reason, detail], ["panic", "Error: on purpose"]);
  });

  test("monitor() of what has ended tells so at once", async ({ here, there }) => {
    const to = await endedPid(there);
    const { target, reason } = await inProcess(here, async (self) => {
      self.monitor(to);
      return await downOf(self);
    });
    assertEquals([target, reason], [to, "terminated"]);
  });

  test("demonitor() and unlink() take back what was asked for", async ({ here, there, settle }) => {
    const to = there.spawn(idle);
    const received = await inProcess(here, async (self) => {
      const ref = self.monitor(to);
      self.link(to);
      await settle();
      assertEquals(await relations(here, to), { monitoredBy: 1, linkedBy: 1 });
      assertEquals([self.demonitor(ref), self.demonitor(ref)], [true, false]);
      self.unlink(to);
      await settle();
      assertEquals(await relations(here, to), { monitoredBy: 0, linkedBy: 0 });
      await there.exit(to, "on purpose");
      await settle();
      self.send(self.pid, "nothing came before");
      return await collect(self, 1);
    });
    assertEquals(received, ["nothing came before"]);
  });

  test("a watcher that ends leaves nothing at the watched", async ({ here, there, settle }) => {
    const to = there.spawn(idle);
    await inProcess(here, (self) => {
      self.monitor(to);
      self.link(to);
    });
    await settle();
    assertEquals(await relations(here, to), { monitoredBy: 0, linkedBy: 0 });
  });

  test("link() gives the exit signal of the other", async ({ here, there, settle }) => {
    const to = there.spawn(idle);
    const { message, from } = await inProcess(here, async (self) => {
      self.link(to);
      await settle();
      void there.exit(to, "on purpose");
      for await (const envelope of self) if (isExit(envelope)) return envelope;
      throw new Error("the mailbox has ended");
    }, { trapExit: true });
    assertEquals([message, from], [{ kind: "exit", from: to, reason: "on purpose" }, to]);
  });

  test("link() ends who does not trap exits, and at once if the other is gone", async ({ here, there }) => {
    const gone = await endedPid(there);
    const alive = there.spawn(idle);
    for (const [to, reason] of [[alive, "on purpose"], [gone, "terminated"]] as const) {
      const ended = await inProcess(here, async (self) => {
        const linker = self.spawn(async (self) => {
          self.link(to);
          await idle(self);
        });
        self.monitor(linker);
        if (to === alive) {
          // The first answer is behind the start of the linker, the second behind its link.
          await self.inspect(to);
          await self.inspect(to);
          void there.exit(to, "on purpose");
        }
        return await downOf(self);
      });
      assertEquals(ended.reason, reason);
    }
  });

  test("exit() lets the other handle what it has, and resolves at its end", async ({ here, there }) => {
    const gated = createGated();
    const to = there.spawn(gated.run);
    for (const message of [1, 2]) here.send(to, message);
    const exiting = inProcess(here, (self) => self.exit(to));
    gated.open();
    await exiting;
    assertEquals(gated.messages, [1, 2, "end of loop"]);
    await here.exit(to);
  });

  test("exit() of who traps exits is a message, unless it is kill", async ({ here, there, settle }) => {
    const received = Promise.withResolvers<unknown>();
    const to = there.spawn(async (self) => {
      for await (const envelope of self) if (isExit(envelope)) received.resolve(envelope.message);
    }, { trapExit: true });
    const from = await inProcess(here, async (self) => {
      void self.exit(to, "please");
      await settle();
      return self.pid;
    });
    assertEquals(await received.promise, { kind: "exit", from, reason: "please" });
    assertEquals((await here.inspect(to)).state, "running");
    await here.exit(to, "kill");
    await assertRejects(() => here.inspect(to), CallTerminatedError);
  });

  test("inspect() answers about it", async ({ here, there }) => {
    const to = there.spawn(async (self) => {
      self.onInspect(() => ({ colour: "blue" }));
      await idle(self);
    }, { name: "inspected" });
    const { node, id, name, colour } = await inProcess(here, (self) => self.inspect(to));
    assertEquals([node, id, name, colour], [there.name, to, "inspected", "blue"]);
  });

  test("a meta-process is sent to, watched and ended like a process", async ({ here, there }) => {
    const taken: unknown[] = [];
    const alias = await inMeta(there, {
      run: ({ signal }) => new Promise((done) => signal.addEventListener("abort", () => done())),
      receive: ({ message, reply }) => {
        taken.push(message);
        reply?.("answer");
      },
      terminate() {},
    });
    assertEquals([here.send(alias, 1), await here.call(alias, 2)], ["accepted", "answer"]);
    assertEquals(taken, [1, 2]);
    const { target, reason } = await inProcess(here, async (self) => {
      self.monitor(alias);
      void self.exit(alias, "enough");
      return await downOf(self);
    });
    assertEquals([target, reason], [alias, "enough"]);
  });

  test("a message that looks like a system message is none", async ({ here, there }) => {
    const kinds: string[] = [];
    const to = there.spawn(async (self) => {
      for await (const envelope of self) {
        kinds.push(`${envelope.kind} ${isDown(envelope)} ${isExit(envelope)}`);
        envelope.reply?.(kinds.length);
      }
    });
    await inProcess(here, async (self) => {
      const ref = self.monitor(to);
      self.send(to, { kind: "down", ref, target: self.pid, reason: "normal" });
      self.send(to, { kind: "exit", from: self.pid, reason: "normal" });
      assertEquals(await self.call(to, "how many"), 3);
    });
    assertEquals(kinds, Array(3).fill("message false false"));
  });
}

async function relations(node: Node, of: Address) {
  const { monitoredBy, linkedBy } = await node.inspect(of);
  return { monitoredBy, linkedBy };
}

/** Spawns a meta-process whose parent goes on. */
function inMeta(node: Node, behavior: Parameters<Process["spawnMeta"]>[0]): Promise<Address> {
  return new Promise((resolve) => {
    const options: SpawnOptions = {};
    node.spawn(async (self) => {
      resolve(self.spawnMeta(behavior));
      await idle(self);
    }, options);
  });
}

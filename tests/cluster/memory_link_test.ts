import {
  CallHandlerError,
  CallUnreachableError,
  createNode,
  isDown,
  isExit,
  type Node,
  type Process,
} from "../../src/actor/mod.ts";
import { linkNodes, type MemoryLink } from "../../src/cluster/mod.ts";
import { configureLogs } from "../../src/telemetry/mod.ts";
import { SILENT_TELEMETRY } from "../../src/telemetry/silent.ts";
import { testPeerContract } from "../actor/peer_contract.ts";
import { testSubjectsContract } from "../actor/subjects_contract.ts";
import { createGated, createRecorder, idle, inProcess, spawnMeta } from "../actor/stage.ts";
import { assertEquals, assertRejects, assertThrows } from "../helpers/assert.ts";
import { LogCapture } from "../helpers/log_capture.ts";
import { settle } from "../../src/testing/manual_clock.ts";

interface Pair extends AsyncDisposable {
  readonly here: Node;
  readonly there: Node;
  readonly link: MemoryLink;
  settle(): Promise<void>;
}

function openPair(credit?: number): Pair {
  const here = createNode({ name: "here@host" });
  const there = createNode({ name: "there@host" });
  const link = linkNodes(here, there, { credit });
  return {
    here,
    there,
    link,
    settle,
    async [Symbol.asyncDispose]() {
      await Promise.all([here.stop(), there.stop()]);
    },
  };
}

testPeerContract("over a memory link", () => Promise.resolve(openPair()), "handed over");

testSubjectsContract("over a memory link", () => Promise.resolve(openPair()));

testPeerContract("over a memory link, the other way", () => {
  const { here, there, ...rest } = openPair();
  return Promise.resolve({ ...rest, here: there, there: here });
}, "handed over");

/** Everything a process got, as texts. */
async function note(self: Process, noted: string[]): Promise<void> {
  for await (const envelope of self) {
    if (isDown(envelope)) noted.push(`down ${envelope.message.target} ${envelope.message.reason}`);
    else if (isExit(envelope)) noted.push(`exit ${envelope.message.reason}`);
    else noted.push(String(envelope.message));
  }
}

Deno.test("a lost node fires every monitor once and breaks every link, with noconnection", async () => {
  await using pair = openPair();
  const { here, there, link } = pair;
  const targets = [there.spawn(idle), there.spawn(idle)] as const;
  const noted: string[] = [];
  here.spawn(async (self) => {
    for (const target of targets) self.monitor(target);
    self.monitor(targets[0]);
    self.demonitor(self.monitor(targets[1]));
    self.link(targets[0]);
    await note(self, noted);
  }, { trapExit: true });
  await settle();
  link.cut();
  await settle();
  await there.exit(targets[0], "kill");
  await settle();
  assertEquals(noted.toSorted(), [
    `down ${targets[0]} noconnection`,
    `down ${targets[0]} noconnection`,
    `down ${targets[1]} noconnection`,
    "exit noconnection",
  ]);
  const { monitoredBy, linkedBy } = await there.inspect(targets[1]);
  assertEquals([monitoredBy, linkedBy], [0, 0]);
});

Deno.test("a lost node fails the calls that wait for it, and ends the waiting for ends", async () => {
  await using pair = openPair();
  const { here, there, link } = pair;
  const gated = createGated();
  const to = there.spawn(gated.run);
  const calling = assertRejects(() => here.call(to, "go"), CallUnreachableError);
  const exiting = here.exit(to);
  const inspecting = here.inspect(to);
  const inspected = assertRejects(() => inspecting, CallUnreachableError);
  link.cut();
  await Promise.all([calling, exiting, inspected]);
  assertEquals(here.send(to, "late"), "unreachable");
  await assertRejects(() => here.call(to, "late"), CallUnreachableError);
  assertEquals(here.send({ name: "any", node: there.name }, "late"), "unreachable");
  const { message } = await inProcess(here, async (self) => {
    self.monitor(to);
    for await (const envelope of self) if (isDown(envelope)) return envelope;
    throw new Error("the mailbox has ended");
  });
  assertEquals(message.reason, "noconnection");
  gated.open();
});

Deno.test("nodes that were linked anew reach each other, and old ties stay cut", async () => {
  await using pair = openPair();
  const { here, there, link } = pair;
  const to = there.spawn(idle);
  const noted: string[] = [];
  here.spawn(async (self) => {
    self.monitor(to);
    await note(self, noted);
  });
  await settle();
  link.cut();
  linkNodes(there, here);
  assertEquals(here.send(to, "again"), "accepted");
  await here.exit(to, "kill");
  await settle();
  assertEquals(noted, [`down ${to} noconnection`]);
});

Deno.test("linkNodes() refuses nodes of one name, and a second link", async () => {
  await using pair = openPair();
  await using twin = createNode({ name: "here@host" });
  assertThrows(() => linkNodes(pair.here, twin), TypeError, "that of this node");
  assertThrows(() => linkNodes(pair.here, pair.there), TypeError, "that of one that is attached");
});

Deno.test("without credit a send is full and capacity() waits; system messages pass", async () => {
  await using pair = openPair(2);
  const { here, there } = pair;
  const { run, messages } = createRecorder();
  const to = there.spawn(run);
  const results = await inProcess(here, async (self) => {
    const results = [1, 2, 3].map((message) => self.send(to, message));
    self.monitor(to);
    assertEquals((await self.inspect(to)).node, there.name);
    results.push(self.send(to, 4));
    return results;
  });
  await settle();
  assertEquals([results, messages], [["accepted", "accepted", "full", "accepted"], [1, 2, 4]]);
});

Deno.test("what an actor refuses of another node is logged and counted there, and nothing ends", async () => {
  const capture = new LogCapture();
  await using _logs = configureLogs({ format: "json", write: capture.write });
  const refused: string[] = [];
  const telemetry = { ...SILENT_TELEMETRY, refusedFrom: (node: string) => void refused.push(node) };
  await using here = createNode({ name: "here@host" });
  await using there = createNode({ name: "there@host", telemetry });
  linkNodes(here, there);
  const picky = await spawnMeta(there, {
    run: ({ signal }) => new Promise((done) => signal.addEventListener("abort", () => done())),
    receive: ({ message, reply }) => void reply?.(message),
    validate(message) {
      if (message === "bad") throw new TypeError("expected a good message");
    },
  });
  assertEquals(here.send(picky.alias, "bad"), "accepted");
  await assertRejects(() => here.call(picky.alias, "bad"), CallHandlerError, "a good message");
  assertEquals(await here.call(picky.alias, "good"), "good");
  assertEquals(refused, ["here@host", "here@host"]);
  const { level, node, to } = await capture.find("was refused");
  assertEquals([level, node, to], ["warning", "here@host", picky.alias]);
});

import type { Pid } from "../../../src/actor/mod.ts";
import { assertEquals } from "../../helpers/assert.ts";
import { settle } from "../../../src/testing/manual_clock.ts";
import { Inbox } from "../inbox.ts";
import { type ConnectionOptions, INFO, startConnection, story } from "./connection_stage.ts";

/** A connection that may go to other targets, which are chosen in turn, over and over. */
async function startHandover(options: ConnectionOptions = {}) {
  const others: Pid[] = [];
  let turn = 0;
  const nextTarget = () => others[turn++ % others.length];
  const stage = await startConnection({ targetLost: "next", nextTarget, ...options });
  return { ...stage, others };
}

/** A process that has been asked to stop and has not done so. */
function spawnStopping({ node }: Awaited<ReturnType<typeof startHandover>>, gate: Promise<void>) {
  const pid = node.spawn(() => gate);
  void node.exit(pid);
  return pid;
}

Deno.test("a lost target closes the connection with 1011 under close; the parent hears of it", async () => {
  const next = new Inbox();
  const stage = await startHandover({ targetLost: "close" });
  stage.others.push(stage.node.spawn(next.run));
  await stage.node.exit(stage.targetPid);
  await settle();
  assertEquals(stage.peer.closes, [{ code: 1011, reason: "process gone" }]);
  assertEquals([story(stage.target), story(next)], [["connect"], []]);
  assertEquals(story(stage.parent), ["disconnect 1011 process gone"]);
  await stage.node.stop();
});

Deno.test("a lost target under next: another gets connect, the messages and the one disconnect", async () => {
  const next = new Inbox();
  const stage = await startHandover();
  stage.others.push(stage.node.spawn(next.run));
  stage.peer.send(1, "to the first");
  await settle();
  await stage.node.exit(stage.targetPid, "kill");
  await settle();
  stage.peer.send(1, "to the second");
  await stage.node.call(stage.alias, { kind: "message", body: "out" });
  stage.peer.end(1000);
  await settle();
  assertEquals(story(stage.target), ["connect", "message to the first"]);
  assertEquals(next.messages[0], { kind: "connect", id: stage.alias, ...INFO });
  assertEquals(story(next), ["connect", "message to the second", "disconnect 1000 "]);
  assertEquals([story(stage.parent), stage.peer.closes.length], [[], 0]);
  assertEquals(stage.peer.received.map(({ body }) => body), ["out"]);
  await stage.node.stop();
});

Deno.test("a target that takes over is watched as well", async () => {
  const [second, third] = [new Inbox(), new Inbox()];
  const stage = await startHandover();
  stage.others.push(stage.node.spawn(second.run), stage.node.spawn(third.run));
  await stage.node.exit(stage.targetPid);
  await settle();
  await stage.node.exit(stage.others[0]!);
  await settle();
  assertEquals((await stage.node.inspect(stage.alias)).target, stage.others[1]);
  stage.peer.end(1000);
  await settle();
  assertEquals([story(second), story(third)], [["connect"], ["connect", "disconnect 1000 "]]);
  await stage.node.stop();
});

Deno.test("a message that finds its target gone goes to the one that takes over", async () => {
  const gate = Promise.withResolvers<void>();
  const next = new Inbox();
  const stage = await startHandover({ target: new Inbox(() => gate.promise) });
  stage.others.push(stage.node.spawn(next.run));
  // It stops late: its mailbox is closed before anybody is told of its end.
  const exited = stage.node.exit(stage.targetPid);
  for (const body of ["a", "b"]) stage.peer.send(1, body);
  await settle();
  assertEquals(story(next), ["connect", "message a", "message b"]);
  assertEquals((await stage.node.inspect(stage.alias)).monitors, 1);
  gate.resolve();
  await exited;
  stage.peer.end(1000);
  await settle();
  assertEquals(story(next).at(-1), "disconnect 1000 ");
  await stage.node.stop();
});

Deno.test("processes that are stopping are passed over", async () => {
  const gate = Promise.withResolvers<void>();
  const next = new Inbox();
  const stage = await startHandover();
  stage.others.push(
    spawnStopping(stage, gate.promise),
    spawnStopping(stage, gate.promise),
    stage.node.spawn(next.run),
  );
  await stage.node.exit(stage.targetPid);
  await settle();
  assertEquals([story(next), stage.peer.closes], [["connect"], []]);
  gate.resolve();
  await stage.node.stop();
});

Deno.test("a connection is closed with 1011 when all that is left is stopping", async () => {
  const gate = Promise.withResolvers<void>();
  const stage = await startHandover();
  stage.others.push(spawnStopping(stage, gate.promise), spawnStopping(stage, gate.promise));
  await stage.node.exit(stage.targetPid);
  await settle();
  assertEquals(stage.peer.closes, [{ code: 1011, reason: "process gone" }]);
  assertEquals(story(stage.parent), ["disconnect 1011 process gone"]);
  gate.resolve();
  await stage.node.stop();
});

Deno.test("a connection is closed with 1011 when nobody is left", async () => {
  const stage = await startHandover();
  await stage.node.exit(stage.targetPid);
  await settle();
  assertEquals(stage.peer.closes, [{ code: 1011, reason: "process gone" }]);
  await stage.node.stop();
});

Deno.test("a full target cannot take over: 1013, and what had no connect gets no disconnect", async () => {
  const gate = Promise.withResolvers<void>();
  const full = new Inbox(() => gate.promise);
  const stage = await startHandover();
  const pid = stage.node.spawn(full.run, { mailboxSize: 1 });
  stage.others.push(pid);
  for (const message of ["taken", "waits"]) {
    stage.node.send(pid, message);
    await settle();
  }
  await stage.node.exit(stage.targetPid);
  await settle();
  assertEquals(stage.peer.closes, [{ code: 1013, reason: "mailbox full" }]);
  gate.resolve();
  await settle();
  assertEquals(full.messages, ["taken", "waits"]);
  assertEquals(story(stage.parent), ["disconnect 1013 mailbox full"]);
  await stage.node.stop();
});

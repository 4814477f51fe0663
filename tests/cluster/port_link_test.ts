import { createNode, isDown, type MetaProcess } from "../../src/actor/mod.ts";
import { linkPort } from "../../src/cluster/mod.ts";
import { testPeerContract } from "../actor/peer_contract.ts";
import { testSubjectsContract } from "../actor/subjects_contract.ts";
import { idle, inProcess } from "../actor/stage.ts";
import { assertEquals, assertGreater } from "../helpers/assert.ts";
import { eventually, settleBetween } from "./stage.ts";

function openPair() {
  const here = createNode({ name: "troupe/1@host" });
  const there = createNode({ name: "troupe/2@host" });
  const { port1, port2 } = new MessageChannel();
  const links = [linkPort(here, there, port1), linkPort(there, here, port2)] as const;
  return {
    here,
    there,
    links,
    settle: () => settleBetween(here, there),
    async [Symbol.asyncDispose]() {
      for (const link of links) link.close();
      await Promise.all([here.stop(), there.stop()]);
    },
  };
}

testPeerContract("over a MessagePort", () => Promise.resolve(openPair()), "handed over");
testSubjectsContract("over a MessagePort", () => Promise.resolve(openPair()));

Deno.test("a thread that is gone fires what watched it, and its actors are unreachable", async () => {
  await using pair = openPair();
  const { here, there, links } = pair;
  const to = there.spawn(idle);
  const reason = await inProcess(here, async (self) => {
    self.monitor(to);
    await pair.settle();
    links[0].close();
    for await (const envelope of self) if (isDown(envelope)) return envelope.message.reason;
  });
  assertEquals([reason, here.send(to, 1)], ["noconnection", "unreachable"]);
});

Deno.test("a sender that is faster than the link waits for credit, and loses nothing", async () => {
  await using pair = openPair();
  const { here, there } = pair;
  let received = 0;
  const to = there.spawn(async (self) => {
    for await (const _ of self) received++;
  }, { mailboxSize: 100_000 });
  let full = 0;
  await inProcess(here, async (self) => {
    for (let sent = 0; sent < 30_000;) {
      if (self.send(to, { sent }) === "accepted") sent++;
      else {
        full++;
        await (self as unknown as MetaProcess).capacity(to);
      }
    }
  });
  await eventually("all arrived", () => received === 30_000);
  assertGreater(full, 0);
});

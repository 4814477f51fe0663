import { assertEquals } from "../helpers/assert.ts";
import { closeBody, OPCODE } from "../../src/testing/frames.ts";
import type { RawClient } from "../../src/testing/raw_client.ts";
import { isMessage } from "../../src/websocket/mod.ts";
import { echoes, Inbox } from "./inbox.ts";
import { type Served, serveHandler } from "./stage.ts";

const { text, close } = OPCODE;

/** Opens so many connections, some at a time. */
async function openMany(served: Served, count: number): Promise<RawClient[]> {
  const clients: RawClient[] = [];
  while (clients.length < count) {
    const some = Math.min(50, count - clients.length);
    clients.push(...await Promise.all(Array.from({ length: some }, () => served.open())));
  }
  return clients;
}

async function roundTrip(client: RawClient, payload: string): Promise<void> {
  await client.send({ opcode: text, payload });
  assertEquals(await client.readText(), payload);
}

/** A pool member: echoes, and throws when it is told to. */
function createMember(): Inbox {
  return new Inbox((self, message) => {
    if (isMessage(message) && message.body === "throw") throw new Error("from a pool member");
    return echoes(self, message);
  });
}

Deno.test("500 connections over three members: equal shares, one member dies, the rest go on", async () => {
  const pool = ["member_1", "member_2", "member_3"];
  await using served = await serveHandler({ pool });
  const { node, parent, handler } = served;
  const members = pool.map(createMember);
  members.forEach(({ run }, index) => node.spawn(run, { name: pool[index]! }));
  const clients = await openMany(served, 500);
  assertEquals(handler.connections, 500);
  await Promise.all(clients.map((client, index) => roundTrip(client, `to ${index}`)));
  const shares = members.map((member) => member.all("connect").length);
  assertEquals(shares, [167, 167, 166]);

  const lost = new Set(members[1]!.all("connect").map(({ remoteAddr }) => remoteAddr));
  const isLost = ({ localAddr }: RawClient) => lost.has(localAddr);
  await clients.find(isLost)!.send({ opcode: text, payload: "throw" });
  await Promise.all(
    clients.filter(isLost).map(async (client) => {
      assertEquals(await client.readClose(), { code: 1011, reason: "process gone" });
      await client.send({ opcode: close, payload: closeBody(1011) });
    }),
  );
  const orphans = await parent.count("disconnect", 167);
  assertEquals(new Set(orphans.map(({ code }) => code)), new Set([1011]));
  const others = clients.filter((client) => !isLost(client));
  assertEquals([others.length, handler.connections], [333, 333]);
  await Promise.all(others.map((client, index) => roundTrip(client, `still ${index}`)));

  for (const client of clients) client.close();
  await Promise.all([members[0]!.count("disconnect", 167), members[2]!.count("disconnect", 166)]);
  await node.stop();
  const inboxes = [parent, ...members];
  assertEquals(inboxes.map((inbox) => inbox.all("disconnect").length), [167, 167, 0, 166]);
  const connected = members.flatMap((member) => member.all("connect").map(({ id }) => id));
  const ended = inboxes.flatMap((inbox) => inbox.all("disconnect").map(({ id }) => id));
  assertEquals(ended.toSorted(), connected.toSorted());
  assertEquals(new Set(ended).size, 500);
});

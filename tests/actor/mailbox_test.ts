import { assertEquals, assertRejects } from "../helpers/assert.ts";
import { settle } from "../../src/testing/manual_clock.ts";
import { Mailbox } from "../../src/actor/mailbox.ts";
import type { Envelope, Pid } from "../../src/actor/mod.ts";

const envelope = (message: unknown): Envelope => ({
  kind: "message",
  from: "<a@b/0/1>" as Pid,
  message,
});
const offer = (mailbox: Mailbox, message: unknown) => mailbox.offer(envelope(message));

async function read(mailbox: Mailbox): Promise<unknown> {
  const { done, value } = await mailbox.next();
  return done ? "done" : value.message;
}

Deno.test("Mailbox keeps the order, whatever mix of writing and reading", async () => {
  const mailbox = new Mailbox(Infinity);
  const read: unknown[] = [];
  let written = 0;
  for (let round = 0; round < 60; round++) {
    for (let i = 0; i < 100; i++) offer(mailbox, written++);
    for (let i = 0; i < (round < 40 ? 37 : 300); i++) {
      if (mailbox.depth === 0) break;
      read.push((await mailbox.next()).value!.message);
    }
    assertEquals(mailbox.depth, written - read.length);
  }
  assertEquals(read, Array.from({ length: written }, (_, i) => i));
});

Deno.test("Mailbox.offer() refuses and counts what is over its bound", async () => {
  const mailbox = new Mailbox(2);
  assertEquals(["a", "b", "c", "d"].map((message) => offer(mailbox, message)), [
    "accepted",
    "accepted",
    "full",
    "full",
  ]);
  assertEquals([mailbox.depth, mailbox.accepted, mailbox.overflows], [2, 2, 2]);
  assertEquals(await read(mailbox), "a");
  assertEquals(offer(mailbox, "e"), "accepted");
  assertEquals([await read(mailbox), await read(mailbox)], ["b", "e"]);
});

Deno.test("Mailbox.offer() beyond the bound queues in order, and only while it is open", async () => {
  const mailbox = new Mailbox(1);
  offer(mailbox, "a");
  assertEquals(mailbox.offer(envelope("last"), true), "accepted");
  assertEquals([mailbox.depth, mailbox.accepted, mailbox.overflows], [2, 2, 0]);
  assertEquals([await read(mailbox), await read(mailbox)], ["a", "last"]);
  mailbox.drain();
  assertEquals(mailbox.offer(envelope("late"), true), "terminated");
});

Deno.test("Mailbox.offer() hands a message to the reader that waits", async () => {
  const mailbox = new Mailbox(1);
  const waiting = read(mailbox);
  assertEquals(offer(mailbox, "a"), "accepted");
  assertEquals([offer(mailbox, "b"), offer(mailbox, "c")], ["accepted", "full"]);
  assertEquals([await waiting, await read(mailbox)], ["a", "b"]);
  assertEquals([mailbox.depth, mailbox.accepted], [0, 2]);
});

Deno.test("Mailbox.offerSystem() passes user messages, in its own order and outside the bound", async () => {
  const mailbox = new Mailbox(1);
  offer(mailbox, "user");
  mailbox.offerSystem(envelope("system 1"));
  mailbox.offerSystem(envelope("system 2"));
  assertEquals([mailbox.depth, mailbox.overflows], [1, 0]);
  assertEquals([await read(mailbox), await read(mailbox), await read(mailbox)], [
    "system 1",
    "system 2",
    "user",
  ]);
  const waiting = read(mailbox);
  mailbox.offerSystem(envelope("system 3"));
  assertEquals(await waiting, "system 3");
});

Deno.test("Mailbox.next() refuses a second reader and serves the first", async () => {
  const mailbox = new Mailbox(1);
  const waiting = read(mailbox);
  await assertRejects(mailbox.next(), TypeError, "another reader is waiting");
  offer(mailbox, "a");
  assertEquals(await waiting, "a");
});

Deno.test("Mailbox.return() leaves it open: a loop can be left and begun again", async () => {
  const mailbox = new Mailbox(5);
  for (const message of [1, 2, 3, 4]) offer(mailbox, message);
  const seen: unknown[] = [];
  for (let i = 0; i < 2; i++) {
    for await (const { message } of mailbox) {
      seen.push(message);
      if (seen.length % 2 === 0) break;
    }
  }
  assertEquals(seen, [1, 2, 3, 4]);
  assertEquals(offer(mailbox, 5), "accepted");
});

Deno.test("Mailbox.drain() takes nothing more, but what is queued is still read", async () => {
  const mailbox = new Mailbox(5);
  offer(mailbox, "user");
  mailbox.offerSystem(envelope("system"));
  mailbox.drain();
  assertEquals(offer(mailbox, "late"), "terminated");
  mailbox.offerSystem(envelope("late system"));
  assertEquals(
    [await read(mailbox), await read(mailbox), await read(mailbox), await read(mailbox)],
    ["system", "late system", "user", "done"],
  );
});

Deno.test("Mailbox.drain() of an empty one ends the reader that waits", async () => {
  const mailbox = new Mailbox(5);
  const waiting = read(mailbox);
  mailbox.drain();
  assertEquals([await waiting, await read(mailbox)], ["done", "done"]);
});

Deno.test("Mailbox.close() gives back what was not read and ends the reader", async () => {
  const mailbox = new Mailbox(5);
  for (const message of [1, 2, 3]) offer(mailbox, message);
  mailbox.offerSystem(envelope("system"));
  await read(mailbox);
  await read(mailbox);
  assertEquals(mailbox.close().map(({ message }) => message), [2, 3]);
  mailbox.offerSystem(envelope("too late"));
  assertEquals([offer(mailbox, 4), await read(mailbox), mailbox.depth], ["terminated", "done", 0]);

  const empty = new Mailbox(5);
  const waiting = read(empty);
  assertEquals([empty.close(), await waiting], [[], "done"]);
});

/** Whether a promise of room has resolved by now. */
async function isResolved(room: Promise<void> | undefined): Promise<boolean> {
  let resolved = false;
  void room?.then(() => resolved = true);
  await Promise.resolve();
  return resolved;
}

Deno.test("Mailbox.capacity() is there up to half of the bound, and again at a quarter", async () => {
  const mailbox = new Mailbox(8);
  for (let i = 0; i < 4; i++) offer(mailbox, i);
  assertEquals(mailbox.capacity(), undefined);
  offer(mailbox, 4);
  const rooms = [mailbox.capacity(), mailbox.capacity()];
  for (let left = 4; left > 2; left--) {
    await read(mailbox);
    assertEquals([mailbox.depth, await isResolved(rooms[0])], [left, false]);
  }
  await read(mailbox);
  assertEquals([mailbox.depth, await isResolved(rooms[0]), await isResolved(rooms[1])], [
    2,
    true,
    true,
  ]);
  assertEquals(mailbox.capacity(), undefined);
});

Deno.test("Mailbox.capacity() resolves when the mailbox takes nothing more", async () => {
  for (const end of ["drain", "close"] as const) {
    const mailbox = new Mailbox(2);
    for (let i = 0; i < 2; i++) offer(mailbox, i);
    const room = mailbox.capacity();
    assertEquals(await isResolved(room), false);
    mailbox[end]();
    assertEquals([await isResolved(room), mailbox.capacity()], [true, undefined]);
  }
});

Deno.test("Mailbox.capacity() is no matter of system messages", () => {
  const mailbox = new Mailbox(2);
  for (let i = 0; i < 5; i++) mailbox.offerSystem(envelope(i));
  assertEquals(mailbox.capacity(), undefined);
});

/** Writes down what it is handed; `end` for the end. */
function createReceiver() {
  const taken: unknown[] = [];
  const receive = ({ message }: Envelope) => void taken.push(message);
  return { taken, receive, drained: () => void taken.push("end") };
}

Deno.test("Mailbox.handTo() hands over what waits and what comes, system messages first", async () => {
  const mailbox = new Mailbox(3);
  const receiver = createReceiver();
  offer(mailbox, "a");
  mailbox.offerSystem(envelope("system"));
  mailbox.handTo(receiver);
  assertEquals([offer(mailbox, "b"), offer(mailbox, "c"), offer(mailbox, "d")], [
    "accepted",
    "accepted",
    "full",
  ]);
  assertEquals([receiver.taken, mailbox.depth], [[], 3]);
  await settle();
  assertEquals([receiver.taken, mailbox.depth], [["system", "a", "b", "c"], 0]);
  offer(mailbox, "e");
  await settle();
  assertEquals(receiver.taken.at(-1), "e");
  await assertRejects(() => mailbox.next(), TypeError, "another reader");
});

Deno.test("Mailbox.handTo() in turn, each mailbox in the order of its first message", async () => {
  const receiver = createReceiver();
  const mailboxes = [new Mailbox(9), new Mailbox(9)] as const;
  for (const mailbox of mailboxes) mailbox.handTo(receiver);
  offer(mailboxes[1], "1a");
  offer(mailboxes[0], "0a");
  offer(mailboxes[1], "1b");
  await settle();
  assertEquals(receiver.taken, ["1a", "1b", "0a"]);
});

Deno.test("Mailbox.handTo() tells of the end once, after what was queued when it drained", async () => {
  const mailbox = new Mailbox(9);
  const receiver = createReceiver();
  mailbox.handTo(receiver);
  offer(mailbox, "a");
  mailbox.drain();
  mailbox.offerSystem(envelope("system"));
  assertEquals(offer(mailbox, "late"), "terminated");
  await settle();
  mailbox.close();
  await settle();
  assertEquals(receiver.taken, ["system", "a", "end"]);
});

Deno.test("Mailbox.handTo() tells of nothing more when it drained with nothing queued", async () => {
  const mailbox = new Mailbox(9);
  const receiver = createReceiver();
  mailbox.handTo(receiver);
  mailbox.drain();
  mailbox.offerSystem(envelope("system"));
  await settle();
  assertEquals(receiver.taken, ["end"]);
  const closed = new Mailbox(9);
  closed.close();
  closed.handTo(receiver);
  await settle();
  assertEquals(receiver.taken, ["end", "end"]);
});

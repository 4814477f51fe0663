/**
 * What the compiler refuses. Each misuse stands below the error that it has to be: where
 * it compiled, the check of this file would fail. What may be written is run as well.
 */

import {
  type Alias,
  type ConnectMessage,
  createNode,
  type FromConnection,
  isDown,
  keyed,
  type OutgoingMessage,
  type Pid,
  type Process,
  text,
} from "@troupe/troupe";
import { assertEquals } from "../helpers/assert.ts";

interface Add {
  readonly kind: "add";
  readonly count: number;
}

interface Say {
  readonly kind: "say";
  readonly words: string;
}

const add: Add = { kind: "add", count: 1 };

/** Answers a request with its kind. */
async function answering<M extends { readonly kind: string }>(self: Process<M>): Promise<void> {
  for await (const { message, reply } of self) reply?.(message.kind);
}

const adder = (self: Process<Add>) => answering(self);
const either = (self: Process<Add | Say>) => answering(self);

/** Compiled, and never called. */
function compiled(_misuses: (...args: never) => unknown): void {}

Deno.test("an address takes the messages of its process", async () => {
  await using node = createNode();
  const pid = node.spawn(adder);
  assertEquals(await node.call(pid, add), "add");
  compiled((self: Process, all: Set<Pid<Add>>) => {
    // @ts-expect-error -- another message
    node.send(pid, { kind: "say", words: "" });
    // @ts-expect-error -- a part is missing
    node.call(pid, { kind: "add" });
    // @ts-expect-error -- a text
    self.sendAll(all, "add");
    // @ts-expect-error -- a number
    self.sendAfter(pid, 5, 1);
  });
});

Deno.test("an address that takes more may stand for one that takes less", async () => {
  await using node = createNode();
  const wide = node.spawn(either);
  const narrow: Pid<Add> = wide;
  assertEquals(await node.call(narrow, add), "add");
  compiled((one: Pid<Add>, some: Pid<Add> | Pid<Say>, oneOrName: Pid<Add> | "room") => {
    // @ts-expect-error -- it takes no Say
    const all: Pid<Add | Say> = one;
    // @ts-expect-error -- it may be the one that takes Say only
    node.send(some, add);
    // @ts-expect-error -- it may be the process that takes Add only
    node.send(oneOrName, 5);
    return all;
  });
});

Deno.test("an address that knows nothing, and a name, take anything", async () => {
  await using node = createNode();
  const plain: Pid = node.spawn(adder, { name: "adder" });
  const typed: Pid<Add> = plain;
  assertEquals(await node.call(plain, { kind: "other" }), "other");
  assertEquals(await node.call(typed, add), "add");
  assertEquals(await node.call("adder", { kind: "named" }), "named");
  compiled((targets: readonly never[]) => (self: Process) => self.sendAll(targets, "nobody"));
});

Deno.test("a connection takes what can be sent over a WebSocket", () => {
  compiled((self: Process, { id }: ConnectMessage, all: Set<Alias<OutgoingMessage>>) => {
    self.send(id, text("hello"));
    self.send(id, { kind: "message", body: "hello" });
    self.sendAll(all, text("hello"));
    // @ts-expect-error -- a text is no message
    self.send(id, "hello");
    // @ts-expect-error -- no body
    self.send(id, { kind: "message" });
    // @ts-expect-error -- a text to connections
    self.sendAll(all, "hello");
  });
});

Deno.test("the messages of a process are told apart by their kind, all of them", () => {
  compiled(async (self: Process<FromConnection | Add>) => {
    for await (const envelope of self) {
      if (isDown(envelope)) {
        const target: string = envelope.message.target;
        self.log.info("{target} has ended", { target });
        continue;
      }
      const { message } = envelope;
      switch (message.kind) {
        case "connect":
          self.send(message.id, text(message.remoteAddr));
          break;
        case "message":
        case "disconnect":
          break;
        default: {
          const left: Add = message;
          // @ts-expect-error -- Add is left
          const none: never = message;
          self.log.info("{left} {none}", { left, none });
        }
      }
    }
  });
});

Deno.test("a process may say what accept gives along with each connection", () => {
  compiled(async (self: Process<FromConnection<{ readonly user: string }>>) => {
    for await (const { message } of self) {
      if (message.kind !== "connect") continue;
      const user: string = message.attributes.user;
      // @ts-expect-error -- accept gives no such attribute
      self.log.info("{user} {usr}", { user, usr: message.attributes.usr });
    }
  });
  compiled(({ attributes }: ConnectMessage) => {
    // @ts-expect-error -- there may be none
    return attributes.user;
  });
});

interface RoomEnv {
  readonly room: string;
}

/** Answers with its room. */
async function inRoom(self: Process<Add, RoomEnv>): Promise<void> {
  for await (const { reply } of self) reply?.(self.env.room);
}

Deno.test("a function is spawned with the env that it needs", async () => {
  await using node = createNode();
  const pid: Pid<Add> = node.spawn(inRoom, { env: { room: "lobby" } });
  assertEquals(await node.call(pid, add), "lobby");
  node.spawn(keyed("room", inRoom, { env: { room: "of a key" } }));
  assertEquals(await node.call("room/1", add), "of a key");
  compiled((self: Process) => {
    // @ts-expect-error -- a room is a text
    self.spawn(inRoom, { env: { room: 5 } });
    // @ts-expect-error -- it needs a room
    self.spawn(inRoom, { env: {} });
    // @ts-expect-error -- it needs an env
    self.spawn(inRoom);
    // @ts-expect-error -- a room is a text
    keyed("room", inRoom, { env: { room: 5 } });
    // @ts-expect-error -- it needs an env
    keyed("room", inRoom);
    // @ts-expect-error -- the process takes Add only
    const child: Pid<Add | Say> = self.spawn(inRoom, { env: { room: "" } });
    return child;
  });
});

/**
 * What subjects must do between two nodes, whatever lies in between.
 *
 * @module
 */

import type { Node, Subjects } from "../../src/actor/mod.ts";
import { assertEquals, assertRejects, assertThrows } from "../helpers/assert.ts";
import type { PeerStage } from "./peer_contract.ts";
import { createRecorder, idle } from "./stage.ts";

/** A space of subjects that keeps what it gets. */
export interface Listening {
  readonly subjects: Subjects;
  /** Members come and go. */
  join(subject: string): void;
  leave(subject: string): void;
  /** What was published on other nodes, with its subject. */
  readonly got: [subject: string, message: unknown][];
  /** Ends the process that has it open. */
  close(): Promise<void>;
}

/** Opens a space on a node. */
export async function openSpace(
  node: Node,
  name: string,
  first: readonly string[] = [],
): Promise<Listening> {
  const members = new Set(first);
  const got: [string, unknown][] = [];
  const opened = Promise.withResolvers<Subjects>();
  const pid = node.spawn(async (self) => {
    opened.resolve(self.openSubjects(name, {
      subjects: () => members,
      deliver(subject, message) {
        got.push([subject, message]);
        return members.has(subject) ? 10 : 0;
      },
    }));
    await idle(self);
  });
  const subjects = await opened.promise;
  return {
    subjects,
    got,
    join(subject) {
      members.add(subject);
      subjects.joined(subject);
    },
    leave(subject) {
      members.delete(subject);
      subjects.left(subject);
    },
    close: () => node.exit(pid),
  };
}

/** Registers the contract as tests. */
export function testSubjectsContract(
  what: string,
  open: () => Promise<PeerStage>,
  register: (name: string, run: () => Promise<void>) => void = Deno.test,
): void {
  const test = (does: string, run: (stage: PeerStage) => Promise<void>) => {
    register(`${what}: ${does}`, async () => {
      await using stage = await open();
      await run(stage);
    });
  };

  test("a publication reaches the members of its subject, in order, and nobody else", async ({ here, there, settle }) => {
    const one = await openSpace(here, "chat");
    const other = await openSpace(there, "chat", ["lobby"]);
    const stranger = await openSpace(there, "chat_2", ["lobby"]);
    other.join("attic");
    await settle();
    assertEquals(one.subjects.nodes, [there.name]);
    const sent = Array.from({ length: 1_000 }, (_, index) => index);
    for (const message of sent) assertEquals(one.subjects.publish("lobby", message), 1);
    assertEquals(one.subjects.publish("attic", { deep: [new Uint8Array([1]), null] }), 1);
    assertEquals(one.subjects.publish("cellar", "nobody"), 0);
    await settle();
    assertEquals(other.got, [
      ...sent.map((message): [string, unknown] => ["lobby", message]),
      ["attic", { deep: [new Uint8Array([1]), null] }],
    ]);
    assertEquals([one.got, stranger.got], [[], []]);
  });

  test("publications and messages arrive in the order in which they were sent", async ({ here, there, settle }) => {
    const one = await openSpace(here, "chat");
    const other = await openSpace(there, "chat", ["lobby"]);
    const { run, messages } = createRecorder();
    const to = there.spawn(async (self) => {
      for await (const { message } of self) messages.push([message, other.got.length]);
      await run(self);
    });
    await settle();
    for (let index = 0; index < 500; index++) {
      one.subjects.publish("lobby", { index, text: "x".repeat(index) });
      here.send(to, index);
    }
    await settle();
    assertEquals(other.got.map(([, message]) => (message as { index: number }).index).length, 500);
    assertEquals(messages.map((each) => (each as unknown[])[0]), [...Array(500).keys()]);
    // What came before a message had come when it did.
    for (const each of messages as [number, number][]) {
      assertEquals(each[1] >= each[0] + 1, true, `message ${each}`);
    }
  });

  test("whoever is told of a member can publish for it at once", async ({ here, there, settle }) => {
    const one = await openSpace(here, "chat");
    const other = await openSpace(there, "chat");
    await settle();
    const published = Promise.withResolvers<number>();
    const publisher = here.spawn(async (self) => {
      for await (const _ of self) published.resolve(one.subjects.publish("new", "welcome"));
    });
    other.join("new");
    there.send(publisher, "somebody has joined");
    assertEquals(await published.promise, 1);
    await settle();
    assertEquals(other.got, [["new", "welcome"]]);
  });

  test("what is no plain data is refused where it is published", async ({ here, there, settle }) => {
    const one = await openSpace(here, "chat");
    await openSpace(there, "chat", ["lobby"]);
    await settle();
    assertThrows(() => one.subjects.publish("lobby", () => {}), TypeError, "plain data");
  });

  test("publishCounted() tells how many it reached, here and there", async ({ here, there, settle }) => {
    const one = await openSpace(here, "chat");
    const other = await openSpace(there, "chat", ["lobby"]);
    await settle();
    assertEquals(await one.subjects.publishCounted("lobby", 1, 3), 13);
    assertEquals(await one.subjects.publishCounted("nobody", 2, 3), 3);
    assertEquals(await one.subjects.publishCounted("nobody", 2), 0);
    assertThrows(() => one.subjects.publishCounted("lobby", () => {}), TypeError, "plain data");
    assertEquals(other.got, [["lobby", 1]]);
  });

  test("a space ends with its process, and can be opened again", async ({ here, there, settle }) => {
    const one = await openSpace(here, "chat");
    const other = await openSpace(there, "chat", ["lobby"]);
    await settle();
    await other.close();
    await settle();
    assertEquals([one.subjects.nodes, one.subjects.publish("lobby", "late")], [[], 0]);
    const again = await openSpace(there, "chat", ["attic"]);
    await settle();
    assertEquals(["lobby", "attic"].map((each) => one.subjects.publish(each, each)), [0, 1]);
    await settle();
    assertEquals(again.got, [["attic", "attic"]]);
  });

  test("what a source throws ends nothing", async ({ here, there, settle }) => {
    const one = await openSpace(here, "chat");
    const got: unknown[] = [];
    there.spawn(async (self) => {
      self.openSubjects("chat", {
        subjects: () => ["lobby"],
        deliver(_, message) {
          got.push(message);
          throw new Error("on purpose");
        },
      });
      await idle(self);
    });
    await settle();
    for (const message of [1, 2]) one.subjects.publish("lobby", message);
    const counted = one.subjects.publishCounted("lobby", 3);
    await assertRejects(() => counted, Error, `${there.name} did not answer`);
    assertEquals(got, [1, 2, 3]);
  });
}

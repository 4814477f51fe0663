import {
  createNode,
  IncompleteAnswerError,
  type Node,
  type SubjectMessage,
} from "../../src/actor/mod.ts";
import { linkNodes, linkPort, type PortLink } from "../../src/cluster/mod.ts";
import { ManualClock, settle } from "../../src/testing/manual_clock.ts";
import { idle } from "../actor/stage.ts";
import { openSpace } from "../actor/subjects_contract.ts";
import { assert, assertEquals, assertRejects } from "../helpers/assert.ts";
import { linkLossy } from "./lossy_pair.ts";
import { eventually, settleBetween } from "./stage.ts";

/** Nodes of one clock; over memory links all is told in microtasks. */
function createNodes(...names: string[]) {
  const clock = new ManualClock();
  const nodes = names.map((name) => createNode({ name: `${name}@host`, clock }));
  return {
    clock,
    nodes,
    [Symbol.asyncDispose]: async () => {
      await Promise.all(nodes.map((node) => node.stop()));
    },
  };
}

/** Links nodes over ports; `ends` are those of the first one. */
function linkOverPorts(first: Node, ...others: Node[]) {
  const links = others.map((other) => {
    const { port1, port2 } = new MessageChannel();
    return [linkPort(first, other, port1), linkPort(other, first, port2)] as const;
  });
  return {
    ends: links.map(([end]) => end),
    [Symbol.dispose]: () => {
      for (const end of links.flat()) end.close();
    },
  };
}

Deno.test("a subject is wanted for 5 s after its last member has left, and then not any more", async () => {
  await using stage = createNodes("one", "two");
  const { nodes: [here, there], clock } = stage as typeof stage & { nodes: [Node, Node] };
  linkNodes(here, there);
  const one = await openSpace(here, "chat");
  const two = await openSpace(there, "chat");
  two.join("lobby");
  await settle();
  two.leave("lobby");
  await clock.advance(3_000);
  two.leave("attic");
  assertEquals(one.subjects.publish("lobby", 1), 1);
  await clock.advance(1_999);
  assertEquals(one.subjects.publish("lobby", 2), 1);
  await clock.advance(1);
  assertEquals(one.subjects.publish("lobby", 3), 0);
  // Whoever comes back in time is there all along.
  two.join("lobby");
  await settle();
  two.leave("lobby");
  await clock.advance(4_000);
  two.join("lobby");
  await clock.advance(60_000);
  assertEquals(one.subjects.publish("lobby", 4), 1);
  await settle();
  assertEquals(two.got.map(([, message]) => message), [1, 2, 4]);
});

Deno.test("what is left while a node is alone is not wanted when another comes", async () => {
  await using stage = createNodes("one", "two");
  const { nodes: [here, there], clock } = stage as typeof stage & { nodes: [Node, Node] };
  const one = await openSpace(here, "chat");
  const two = await openSpace(there, "chat", ["lobby"]);
  assertEquals([one.subjects.isAlone, one.subjects.nodes], [true, []]);
  two.leave("lobby");
  two.join("attic");
  const link = linkNodes(here, there);
  await settle();
  assertEquals([one.subjects.isAlone, one.subjects.nodes], [false, ["two@host"]]);
  assertEquals(["lobby", "attic"].map((each) => one.subjects.publish(each, 1)), [0, 1]);
  await settle();
  two.leave("attic");
  link.cut();
  assertEquals([one.subjects.isAlone, one.subjects.nodes], [true, []]);
  assertEquals(one.subjects.publish("attic", 2), 0);
  two.join("cellar");
  linkNodes(there, here);
  await settle();
  assertEquals(["attic", "cellar"].map((each) => one.subjects.publish(each, 3)), [0, 1]);
  await settle();
  assertEquals(two.got, [["attic", 1], ["cellar", 3]]);
  assertEquals(clock.pending, 0);
});

Deno.test("who comes while a subject is about to be given up hears of whoever joins it again", async () => {
  await using stage = createNodes("one", "two", "three");
  const [here, there, newcomer] = stage.nodes as [Node, Node, Node];
  linkNodes(here, there);
  await openSpace(there, "chat");
  const one = await openSpace(here, "chat", ["lobby"]);
  await settle();
  one.leave("lobby");
  linkNodes(here, newcomer);
  const late = await openSpace(newcomer, "chat");
  await settle();
  one.join("lobby");
  await stage.clock.advance(10_000);
  assertEquals(late.subjects.publish("lobby", 1), 1);
  await settle();
  assertEquals(one.got, [["lobby", 1]]);
});

Deno.test("without credit interest waits, and publications are refused and counted", async () => {
  await using stage = createNodes("one", "two");
  const { nodes: [here, there] } = stage as typeof stage & { nodes: [Node, Node] };
  linkNodes(here, there, { credit: 2 });
  const one = await openSpace(here, "chat");
  const two = await openSpace(there, "chat", ["lobby"]);
  await settle();
  assertEquals([1, 2, 3].map((each) => one.subjects.publish("lobby", each)), [1, 1, 0]);
  await settle();
  assertEquals(two.got.map(([, message]) => message), [1, 2]);
  const to = here.spawn(idle);
  for (const message of [1, 2]) there.send(to, message);
  two.join("attic");
  await settle();
  assertEquals(one.subjects.publish("attic", 1), 1);
});

/** A node that takes everything and answers nothing. */
function attachMute(node: Node, name: string) {
  const told: SubjectMessage[] = [];
  const attachment = node.attach({
    name,
    incarnation: "0",
    peer: () => {
      throw new Error("nobody is asked for");
    },
    named: () => {
      throw new Error("nobody is asked for");
    },
    answer() {},
    capacity: () => undefined,
    tell(message) {
      told.push(message);
      return "accepted";
    },
  });
  return { attachment, told };
}

Deno.test("publishCounted() misses who is lost, who takes nothing, and who tells nothing in 5 s", async () => {
  await using stage = createNodes("one", "two", "three");
  const [here, two, three] = stage.nodes as [Node, Node, Node];
  const one = await openSpace(here, "chat");
  const listeners = [
    await openSpace(two, "chat", ["lobby"]),
    await openSpace(three, "chat", ["lobby"]),
  ];
  const link = linkNodes(here, two);
  linkNodes(here, three);
  const { attachment, told } = attachMute(here, "mute@host");
  attachment.hear({ kind: "interest", space: "chat", add: ["lobby"], drop: [] });
  await settle();
  const counted = one.subjects.publishCounted("lobby", 1, 5);
  const outcome = counted.then(String, (error: IncompleteAnswerError) => error);
  link.cut();
  await settle();
  await stage.clock.advance(4_999);
  assertEquals(stage.clock.pending > 0, true);
  await stage.clock.advance(10);
  const error = await outcome as IncompleteAnswerError;
  assert(error instanceof IncompleteAnswerError);
  assertEquals([error.nodes, error.answer], [["two@host", "mute@host"], 15]);
  const publication = told.find(({ kind }) => kind === "publication");
  const { replyTo } = publication as Extract<SubjectMessage, { kind: "publication" }>;
  // A late answer, and one that nobody asked for.
  assertEquals(attachment.answer(replyTo!, { kind: "value", value: 1 }), false);
  const again = one.subjects.publishCounted("lobby", 2);
  await one.close();
  await assertRejects(() => again, IncompleteAnswerError, "mute@host");
  assertEquals([stage.clock.pending, listeners.map(({ got }) => got.length)], [0, [0, 2]]);
  attachment.detach();
});

Deno.test("a node without members receives nothing, as the counters of its link show", async () => {
  await using stage = createNodes("one", "two", "three");
  const [here, two, three] = stage.nodes as [Node, Node, Node];
  using links = linkOverPorts(here, two, three);
  const publisher = await openSpace(here, "chat");
  const listener = await openSpace(two, "chat", ["lobby"]);
  const stranger = await openSpace(three, "chat", ["attic"]);
  await settleBetween(here, two);
  await settleBetween(here, three);
  const [toTwo, toThree] = links.ends as [PortLink, PortLink];
  const before = [toTwo.meter.out, toThree.meter.out] as const;
  for (let count = 0; count < 100; count++) publisher.subjects.publish("lobby", { count });
  await eventually("all arrived", () => listener.got.length === 100);
  const after = [toTwo.meter.out, toThree.meter.out] as const;
  assertEquals([after[0] - before[0], after[1] - before[1]], [100, 0]);
  assertEquals(stranger.got, []);
});

Deno.test("a publication is encoded once, for however many nodes", async () => {
  await using stage = createNodes("one", "two", "three", "four");
  const [here, ...others] = stage.nodes as [Node, ...Node[]];
  using _links = linkOverPorts(here, ...others);
  const publisher = await openSpace(here, "chat");
  const listeners = await Promise.all(
    others.map((node, index) => openSpace(node, "chat", ["all", ...index === 0 ? ["one"] : []])),
  );
  for (const node of others) await settleBetween(here, node);
  const publish = async (subject: string): Promise<number> => {
    let reads = 0;
    const message = {
      get text() {
        reads++;
        return "hello";
      },
    };
    publisher.subjects.publish(subject, message);
    for (const node of others) await settleBetween(here, node);
    return reads;
  };
  const readsForOne = await publish("one");
  assert(readsForOne > 0);
  assertEquals(await publish("all"), readsForOne);
  assertEquals(await publish("nobody"), 0);
  assertEquals(listeners.map(({ got }) => got.length), [2, 1, 1]);
});

Deno.test("interest that was lost on the way is told again after the gap, and nothing comes twice", async () => {
  await using stage = createNodes("one", "two");
  const { nodes: [here, there] } = stage as typeof stage & { nodes: [Node, Node] };
  using link = linkLossy(here, there);
  const one = await openSpace(here, "chat", ["hall"]);
  const two = await openSpace(there, "chat", ["lobby", "attic"]);
  await settleBetween(here, there);
  assertEquals(one.subjects.publish("lobby", 1), 1);
  await settleBetween(here, there);
  await link.losing(() => {
    two.join("cellar");
    two.subjects.publish("hall", "lost");
    one.subjects.publish("lobby", "lost");
  }, 3);
  await settleBetween(here, there);
  assertEquals(["lobby", "attic", "cellar"].map((each) => one.subjects.publish(each, 2)), [
    1,
    1,
    1,
  ]);
  assertEquals(two.subjects.publish("hall", 3), 1);
  await settleBetween(here, there);
  assertEquals(two.got, [["lobby", 1], ["lobby", 2], ["attic", 2], ["cellar", 2]]);
  assertEquals(one.got, [["hall", 3]]);
  assertEquals(link.links.map(({ meter: { lost } }) => lost), [2, 1]);
});

Deno.test("a hundred thousand subjects are told of without filling the link", async () => {
  await using stage = createNodes("one", "two");
  const { nodes: [here, there] } = stage as typeof stage & { nodes: [Node, Node] };
  const one = await openSpace(here, "chat");
  const many = Array.from({ length: 100_000 }, (_, index) => `room ${index} of a long name`);
  await openSpace(there, "chat", many);
  using links = linkOverPorts(here, there);
  await eventually("all is told", () => one.subjects.publish(many.at(-1)!, 1) === 1);
  assertEquals(one.subjects.publish(many[50_000]!, 1), 1);
  assertEquals(links.ends.map(({ isOpen }) => isOpen), [true]);
});

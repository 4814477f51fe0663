import fc from "fast-check";
import { createNode } from "../../src/actor/mod.ts";
import { linkNodes, type MemoryLink } from "../../src/cluster/mod.ts";
import { ManualClock, settle } from "../../src/testing/manual_clock.ts";
import { type Listening, openSpace } from "../actor/subjects_contract.ts";
import { assert, assertEquals } from "../helpers/assert.ts";

const NODES = 3;
const SUBJECTS = ["", "a", "b"];

type Step =
  | { readonly do: "join" | "leave" | "publish"; readonly at: number; readonly subject: string }
  | { readonly do: "cut" | "link"; readonly at: number; readonly to: number }
  | { readonly do: "restart"; readonly at: number }
  | { readonly do: "wait"; readonly ms: number };

const at = fc.nat({ max: NODES - 1 });
const subject = fc.constantFrom(...SUBJECTS);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constantFrom("join" as const, "leave" as const, "publish" as const),
      at,
      subject,
    }),
  },
  fc.record({ do: fc.constantFrom("cut" as const, "link" as const), at, to: at }),
  fc.record({ do: fc.constant("restart" as const), at }),
  fc.record({ do: fc.constant("wait" as const), ms: fc.integer({ min: 1, max: 6_000 }) }),
);

/** Three nodes of one space, and the links that there are between them. */
class World {
  readonly clock = new ManualClock();
  readonly nodes = Array.from(
    { length: NODES },
    (_, index) => createNode({ name: `node${index}@host`, clock: this.clock }),
  );
  readonly spaces: Listening[] = [];
  readonly members = this.nodes.map(() => new Set<string>());
  /** Until when a subject may still be wanted, by node. */
  readonly lingering = this.nodes.map(() => new Map<string, number>());
  readonly links = new Map<string, MemoryLink>();
  readonly published: (readonly [message: number, from: number, subject: string])[] = [];
  #count = 0;

  async start(): Promise<void> {
    for (const node of this.nodes) this.spaces.push(await openSpace(node, "chat"));
    for (let one = 0; one < NODES; one++) {
      for (let other = 0; other < one; other++) this.#link(one, other);
    }
    await settle();
  }

  async run(next: Step): Promise<void> {
    switch (next.do) {
      case "join":
        if (this.members[next.at]!.has(next.subject)) return;
        this.members[next.at]!.add(next.subject);
        return this.spaces[next.at]!.join(next.subject);
      case "leave":
        if (!this.members[next.at]!.delete(next.subject)) return;
        this.lingering[next.at]!.set(next.subject, this.clock.now() + 5_000);
        return this.spaces[next.at]!.leave(next.subject);
      case "publish":
        return await this.#publish(next.at, next.subject);
      case "cut":
        return this.#cut(next.at, next.to);
      case "link":
        return this.#link(next.at, next.to);
      case "restart":
        await this.spaces[next.at]!.close();
        this.lingering[next.at]!.clear();
        this.spaces[next.at] = await openSpace(this.nodes[next.at]!, "chat", [
          ...this.members[next.at]!,
        ]);
        return;
      case "wait":
        await this.clock.advance(next.ms);
    }
  }

  /** A publication reaches each node that is linked and has a member, once, and at once. */
  async #publish(from: number, subject: string): Promise<void> {
    await settle();
    const message = this.#count++;
    const before = this.spaces.map(({ got }) => got.length);
    this.spaces[from]!.subjects.publish(subject, message);
    await settle();
    for (const [index, { got }] of this.spaces.entries()) {
      const news = got.slice(before[index]);
      const isLinked = index !== from && this.links.has(key(index, from));
      const isMember = this.members[index]!.has(subject);
      const mayLinger = (this.lingering[index]!.get(subject) ?? -1) > this.clock.now();
      const what = `${subject} of ${from} at ${index}`;
      if (isLinked && isMember) assertEquals(news, [[subject, message]], what);
      else if (isLinked && mayLinger) assert(news.length <= 1, what);
      else assertEquals(news, [], what);
    }
  }

  #link(one: number, other: number): void {
    if (one === other || this.links.has(key(one, other))) return;
    this.links.set(key(one, other), linkNodes(this.nodes[one]!, this.nodes[other]!));
  }

  #cut(one: number, other: number): void {
    this.links.get(key(one, other))?.cut();
    this.links.delete(key(one, other));
  }

  async stop(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.stop()));
  }
}

function key(one: number, other: number): string {
  return `${Math.min(one, other)} ${Math.max(one, other)}`;
}

Deno.test("however nodes are linked and cut, a publication reaches each member node once, and no other", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25, size: "max" }), async (steps) => {
      const world = new World();
      try {
        await world.start();
        for (const each of steps) await world.run(each);
        for (const subject of SUBJECTS) {
          for (let from = 0; from < NODES; from++) {
            await world.run({ do: "publish", at: from, subject });
          }
        }
      } finally {
        await world.stop();
      }
      assertEquals(world.clock.pending, 0);
    }),
    { numRuns: 60 },
  );
});

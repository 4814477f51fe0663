import fc from "fast-check";
import { type ActorRow, type ActorWindow, createNode } from "../../src/actor/mod.ts";
import type { Node, Pid, Process } from "../../src/actor/mod.ts";
import { WINDOW_LIMITS } from "../../src/actor/standing_windows.ts";
import { ManualClock } from "../../src/testing/mod.ts";
import { assertEquals } from "../helpers/assert.ts";

const ORDERS = ["name", "mailboxDepth", "accepted", "overflows", undefined] as const;

function windowsOf(limit: number, parent: string): ActorWindow[] {
  return ORDERS.flatMap((by) => [
    { id: `${by}`, by, limit, isMeant: by === "name" ? ({ name }) => name !== "" : undefined },
    { id: `${by} below`, by, limit, parent },
    { id: `${by} odd`, by, limit, isMeant: ({ name }) => name.includes("1") },
  ]);
}

const copy = ({ address, name, mailboxDepth, accepted, overflows }: ActorRow) => (
  { address, name, mailboxDepth, accepted, overflows }
);

/** The same by going through all of them. */
function bruteForce(node: Node, { by, limit, parent, isMeant }: ActorWindow) {
  const all: ReturnType<typeof copy>[] = [];
  for (const row of node.observer.rows()) {
    if (parent !== undefined && row.parent !== parent) continue;
    if (isMeant?.(row) ?? true) all.push(copy(row));
  }
  const compare = (one: ReturnType<typeof copy>, other: ReturnType<typeof copy>) =>
    by === undefined
      ? 0
      : by === "name"
      ? (one.name < other.name ? -1 : one.name > other.name ? 1 : 0)
      : other[by] - one[by];
  return all.toSorted(compare).slice(0, limit);
}

/** Actors that take messages when they are told to. */
class Crowd {
  readonly clock = new ManualClock();
  readonly node = createNode({ clock: this.clock });
  readonly pids: Pid[] = [];
  readonly #selves = new Map<Pid, Process>();
  #parent: Process | undefined;
  #names = 0;

  async begin(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<Process>();
    this.node.spawn((self) => {
      resolve(self);
      return new Promise<void>(() => {});
    }, { stopTimeoutMs: 1 });
    this.#parent = await promise;
  }

  get parent(): string {
    return this.#parent!.pid;
  }

  async spawn(isBelow: boolean): Promise<void> {
    const run = (self: Process) => {
      this.#selves.set(self.pid, self);
      return new Promise<void>(() => {});
    };
    const options = { mailboxSize: 3, stopTimeoutMs: 1 };
    this.pids.push(isBelow ? this.#parent!.spawn(run, options) : this.node.spawn(run, options));
    await Promise.resolve();
  }

  async act(kind: string, index: number): Promise<void> {
    if (kind === "spawn" || this.pids.length === 0) return await this.spawn(index % 2 === 0);
    const pid = this.pids[index % this.pids.length]!;
    if (kind === "send") this.node.send(pid, index);
    else if (kind === "take") await this.#take(pid);
    else if (kind === "name") this.node.register(`actor_${++this.#names % 40}_${index}`, pid);
    else {
      void this.node.exit(pid, "kill");
      this.pids.splice(this.pids.indexOf(pid), 1);
    }
  }

  async #take(pid: Pid): Promise<void> {
    const { mailboxDepth } = await this.node.inspect(pid);
    const self = this.#selves.get(pid);
    if (Number(mailboxDepth) > 0) await self?.[Symbol.asyncIterator]().next();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const pid of this.node.actors()) void this.node.exit(pid, "kill");
    await this.node.stop({ timeoutMs: 0 });
  }
}

const steps = fc.array(
  fc.tuple(
    fc.constantFrom("spawn", "spawn", "send", "send", "send", "take", "name", "kill", "look"),
    fc.nat(1_000),
  ),
  { minLength: 20, maxLength: 200 },
);

Deno.test("windows() shows what going through all actors would, whatever they do in between", async () => {
  await fc.assert(
    fc.asyncProperty(steps, fc.integer({ min: 1, max: 6 }), async (actions, limit) => {
      await using crowd = new Crowd();
      await crowd.begin();
      const windows = windowsOf(limit, crowd.parent);
      const look = () => {
        const shown = crowd.node.observer.windows(windows).map((rows) => rows.map(copy));
        assertEquals(shown, windows.map((window) => bruteForce(crowd.node, window)));
      };
      look();
      look();
      for (const [kind, index] of actions) {
        if (kind === "look") look();
        else await crowd.act(kind, index);
      }
      look();
    }),
    { numRuns: 40 },
  );
});

/** A look that counts how many actors were gone through. */
function countingLook(node: Node) {
  let seen = 0;
  const isMeant = () => ++seen > 0;
  const windows = [{ id: "all", by: "mailboxDepth", limit: 5, isMeant } as const];
  return () => {
    seen = 0;
    const [rows] = node.observer.windows(windows);
    return [rows!.length, seen];
  };
}

Deno.test("windows() goes through all actors twice, and not again while somebody looks", async () => {
  await using crowd = new Crowd();
  await crowd.begin();
  const count = 2_000;
  for (let index = 0; index < count; index++) await crowd.spawn(false);
  const look = countingLook(crowd.node);
  const all = [5, count + 1];
  assertEquals([look(), look()], [all, all]);
  for (let turn = 0; turn < 3; turn++) {
    crowd.node.send(crowd.pids[1_500 + turn]!, "one");
    // Those that are kept, and the one that has changed.
    assertEquals(look(), [5, 11 + turn]);
    await crowd.clock.advance(1_000);
  }
  // When too few of those that are kept are left, others come in.
  const [kept] = crowd.node.observer.windows([{ id: "all", by: "mailboxDepth", limit: 5 }]);
  for (const { address } of kept!) void crowd.node.exit(address, "kill");
  for (const pid of crowd.pids.slice(0, 10)) void crowd.node.exit(pid, "kill");
  assertEquals(look()[0], 5);
  await crowd.clock.advance(WINDOW_LIMITS.idleMs + 1);
  const fewer = [5, crowd.node.actors().length];
  assertEquals([look(), look()], [fewer, fewer]);
});

Deno.test("nobody is told of messages once nobody has looked for some seconds", async () => {
  await using crowd = new Crowd();
  await crowd.begin();
  await crowd.spawn(false);
  const { census } = crowd.node as unknown as { census: { changed?: unknown } };
  const look = countingLook(crowd.node);
  look();
  // One who asks once leaves nothing behind.
  assertEquals(census.changed, undefined);
  look();
  assertEquals(typeof census.changed, "function");
  const sendMany = () => {
    for (let left = WINDOW_LIMITS.changesBetweenLooks; left > 0; left--) {
      crowd.node.send(crowd.pids[0]!, "one");
    }
  };
  sendMany();
  assertEquals(typeof census.changed, "function");
  await crowd.clock.advance(WINDOW_LIMITS.idleMs + 1);
  sendMany();
  assertEquals(census.changed, undefined);
});

import { join as joinPath } from "node:path";
import { fileURLToPath } from "node:url";
import { isDown, type Node } from "../../src/actor/mod.ts";
import { assert, assertEquals, assertGreater } from "../helpers/assert.ts";
import { startCuttingProxy } from "../helpers/cutting_proxy.ts";
import { testWith } from "../helpers/needs.ts";
import { Program } from "../helpers/program.ts";
import { inProcess } from "../actor/stage.ts";
import { eventually, join, type Joined, NATS, withBroker } from "./stage.ts";

const PROGRAM = fileURLToPath(new URL("./node_program.ts", import.meta.url));
const LEASE_MS = 3_000;

interface Stage extends AsyncDisposable {
  readonly broker: { readonly url: string };
  /** A node of this process, which is one of the cluster. */
  readonly here: Joined;
  start(name: string, url?: string): Promise<Program>;
  /** What the global clock has written. */
  readTicks(): Promise<Tick[]>;
}

interface Tick {
  readonly ms: number;
  readonly name: string;
  readonly fence: number;
}

async function openStage(executable: string): Promise<Stage> {
  const stack = new AsyncDisposableStack();
  const folder = await Deno.makeTempDir();
  stack.defer(() => Deno.remove(folder, { recursive: true }));
  const file = joinPath(folder, "clock.log");
  await Deno.writeTextFile(file, "");
  const broker = stack.use(await withBroker(executable));
  const here = stack.use(await join("test@host", broker.url, { leaseMs: LEASE_MS }));
  return {
    broker,
    here,
    async start(name, url = broker.url) {
      const args = ["run", "-A", PROGRAM, name, url, String(LEASE_MS), file];
      const program = stack.use(new Program({ args }));
      await program.find("that it joined", (line) => line === "joined" || undefined);
      await here.cluster.whenUp(name);
      return program;
    },
    async readTicks() {
      const lines = (await Deno.readTextFile(file)).trimEnd().split("\n").filter(Boolean);
      return lines.map((line) => {
        const [ms, name, fence] = line.split(" ");
        return { ms: Number(ms), name: name!, fence: Number(fence) };
      }).toSorted((one, other) => one.ms - other.ms);
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

/** Never two at a time: the lines of each fence stand together, and each next one is higher. */
function assertOneAtATime(ticks: readonly Tick[]): void {
  for (const [index, { fence, name }] of ticks.entries()) {
    const before = ticks[index - 1];
    if (before === undefined) continue;
    assert(before.fence <= fence, `fence ${fence} was written after ${before.fence}`);
    if (before.fence === fence) assertEquals(name, before.name);
  }
}

/** Monitors the echo of a node; resolves with when and why it is told of its end. */
function watch(node: Node, name: string) {
  const watching = Promise.withResolvers<void>();
  const down = inProcess(node, async (self) => {
    const { id } = await self.inspect({ name: "echo", node: name });
    self.monitor(id as never);
    watching.resolve();
    for await (const envelope of self) {
      if (isDown(envelope)) return { atMs: performance.now(), reason: envelope.message.reason };
    }
    throw new Error("nobody told");
  });
  return { watching: watching.promise, down };
}

testWith(
  NATS,
  "a killed node is down within 4 s, and its global process elsewhere once its lease has ended",
  async (executable) => {
    await using stage = await openStage(executable);
    const programs = new Map<string, Program>();
    for (const name of ["one@host", "two@host"]) programs.set(name, await stage.start(name));
    await eventually("the clock ticks", async () => (await stage.readTicks()).length > 5);
    const [{ name: owner, fence }] = (await stage.readTicks()) as [Tick];
    const { watching, down } = watch(stage.here.node, owner);
    await watching;
    assertEquals(await stage.here.node.call({ name: "echo", node: owner }, "hello"), "hello");
    const killedMs = performance.now();
    const killed = Date.now();
    programs.get(owner)!.signal("SIGKILL");
    const { atMs, reason } = await down;
    assertEquals(reason, "noconnection");
    assertGreater(4_000, atMs - killedMs);
    await eventually(
      "another has it",
      async () => (await stage.readTicks()).some((tick) => tick.fence > fence),
    );
    const ticks = await stage.readTicks();
    assertOneAtATime(ticks);
    const next = ticks.find((tick) => tick.fence > fence)!;
    assert(next.name !== owner);
    assertGreater(LEASE_MS + 4_000, next.ms - killed);
    // On the same machine it has its name again, although nobody gave it back.
    await stage.start(owner);
  },
);

testWith(
  NATS,
  "a stopped node is down within 12 s, and writes nothing under an old fence when it goes on",
  async (executable) => {
    await using stage = await openStage(executable);
    const programs = new Map<string, Program>();
    for (const name of ["one@host", "two@host"]) programs.set(name, await stage.start(name));
    await eventually("the clock ticks", async () => (await stage.readTicks()).length > 5);
    const [{ name: owner, fence }] = (await stage.readTicks()) as [Tick];
    const { watching, down } = watch(stage.here.node, owner);
    await watching;
    const stoppedMs = performance.now();
    programs.get(owner)!.signal("SIGSTOP");
    await eventually(
      "it is suspect",
      () => stage.here.node.send({ name: "echo", node: owner }, 1) === "unreachable",
      5_000,
    );
    const { atMs } = await down;
    assertGreater(12_000, atMs - stoppedMs);
    assert((await stage.readTicks()).some((tick) => tick.fence > fence));
    programs.get(owner)!.signal("SIGCONT");
    await stage.here.cluster.whenUp(owner);
    assertEquals(await stage.here.node.call({ name: "echo", node: owner }, "back"), "back");
    assertOneAtATime(await stage.readTicks());
  },
);

testWith(
  NATS,
  "a node cut off from the broker is isolated, ends what is global, and comes back",
  async (executable) => {
    await using stage = await openStage(executable);
    await using proxy = startCuttingProxy(Number(new URL(stage.broker.url).port));
    const cut = await stage.start("cut@host", `nats://127.0.0.1:${proxy.port}`);
    await eventually("the clock ticks", async () => (await stage.readTicks()).length > 5);
    await stage.start("two@host");
    const { fence } = (await stage.readTicks())[0]!;
    proxy.cut();
    await cut.find("that it is isolated", (line) => line.includes("isolated") || undefined);
    await eventually(
      "another has it",
      async () => (await stage.readTicks()).some((tick) => tick.fence > fence),
    );
    proxy.mend();
    await stage.here.cluster.whenUp("cut@host");
    const isBack = async () =>
      await stage.here.node.call({ name: "echo", node: "cut@host" }, "back").catch(() => "") ===
        "back";
    await eventually("it answers", isBack);
    assertOneAtATime(await stage.readTicks());
  },
);

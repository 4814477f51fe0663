import { join as joinPath } from "node:path";
import { fileURLToPath } from "node:url";
import { assert, assertEquals, assertGreater } from "../../helpers/assert.ts";
import { testWith } from "../../helpers/needs.ts";
import { Program } from "../../helpers/program.ts";
import { eventually, join, type Joined, NATS, withBroker } from "../stage.ts";

const PROGRAM = fileURLToPath(new URL("./room_program.ts", import.meta.url));
const LEASE_MS = 3_000;
const SAY_MS = 5;

interface Stage extends AsyncDisposable {
  readonly here: Joined;
  start(name: string): Promise<Started>;
  /**
   * What rooms have written, in the order in which they asked whether they may: never two at a
   * time, if that is the order of the fences.
   */
  readFences(): Promise<number[]>;
}

interface Started {
  readonly program: Program;
  readonly url: string;
}

async function openStage(executable: string): Promise<Stage> {
  const stack = new AsyncDisposableStack();
  const folder = await Deno.makeTempDir();
  stack.defer(() => Deno.remove(folder, { recursive: true }));
  const file = joinPath(folder, "rooms.log");
  await Deno.writeTextFile(file, "");
  const broker = stack.use(await withBroker(executable));
  const here = stack.use(await join("test@host", broker.url, { leaseMs: LEASE_MS }));
  return {
    here,
    async start(name) {
      const args = ["run", "-A", PROGRAM, name, broker.url, String(LEASE_MS), file];
      const program = stack.use(new Program({ args }));
      const port = await program.port();
      await here.cluster.whenUp(name);
      return { program, url: `ws://127.0.0.1:${port}/rooms/lobby` };
    },
    async readFences() {
      const lines = (await Deno.readTextFile(file)).trimEnd().split("\n").filter(Boolean);
      return lines.map((line) => line.split(" "))
        .toSorted(([one], [other]) => Number(one) - Number(other))
        .map(([, , fence]) => Number(fence));
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

/** A client that says `NAME 1`, `NAME 2` and so on, and keeps what it hears. */
class Talker implements AsyncDisposable {
  readonly #socket: WebSocket;
  readonly #closed: Promise<void>;
  #said = 0;
  #saying: ReturnType<typeof setInterval> | undefined;
  readonly heard: string[] = [];
  closeCode: number | undefined;

  constructor(readonly name: string, url: string) {
    this.#socket = new WebSocket(url);
    this.#socket.onmessage = ({ data }) => this.heard.push(data);
    this.#closed = new Promise((resolve) =>
      this.#socket.onclose = ({ code }) => {
        this.stop();
        this.closeCode = code;
        resolve();
      }
    );
  }

  get said(): string[] {
    return Array.from({ length: this.#said }, (_, i) => `${this.name} ${i + 1}`);
  }

  start(): void {
    this.#saying = setInterval(() => this.#socket.send(`${this.name} ${++this.#said}`), SAY_MS);
  }

  stop(): void {
    clearInterval(this.#saying);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stop();
    this.#socket.close();
    await this.#closed;
  }
}

function saidBy(lines: readonly string[], name: string): string[] {
  return lines.filter((line) => line.startsWith(`${name} `));
}

async function openRooms(stage: Stage, names: readonly string[], stack: AsyncDisposableStack) {
  const programs = new Map<string, Started>();
  for (const name of names) programs.set(name, await stage.start(name));
  const talkers = names.map((name) =>
    stack.use(new Talker(name.split("@")[0]!, programs.get(name)!.url))
  );
  // Connections end before the programs: one that is stopped would not let go of its own.
  stack.defer(() => {
    for (const { program } of programs.values()) program.signalIfAlive("SIGCONT");
  });
  for (const { heard } of talkers) {
    await eventually("each is welcomed", () => heard.some((line) => line.startsWith("joined ")));
  }
  return { programs, talkers };
}

const NAMES = ["one@host", "two@host", "three@host"] as const;

testWith(
  NATS,
  "a room with connections on three processes is handed over on a clean stop, with its state",
  async (executable) => {
    await using stage = await openStage(executable);
    await using stack = new AsyncDisposableStack();
    const { programs, talkers } = await openRooms(stage, NAMES, stack);
    const { node } = stage.here;
    const ask = async () => await node.call("room/lobby", {}) as [string, string[]];
    for (const talker of talkers) talker.start();
    await eventually("they talk", () => talkers.every(({ heard }) => heard.length > 100));
    const [owner] = await ask();
    const { program } = programs.get(owner)!;
    program.signal("SIGTERM");
    assertEquals(await program.exitCode(), 0);
    const left = talkers.filter(({ name }) => !owner.startsWith(name));
    const heardMs = left.map(({ heard }) => heard.length);
    await eventually(
      "they go on",
      () => left.every((each, i) => each.heard.length > heardMs[i]! + 100),
    );
    for (const talker of left) talker.stop();
    // Nothing is lost or doubled, and each one's words are in their order.
    const isAllThere = async () => {
      const [, lines] = await ask();
      return left.every(({ name, said }) => saidBy(lines, name).length >= said.length);
    };
    await eventually("all is there", isAllThere);
    const [home, lines] = await ask();
    assert(home !== owner);
    for (const { name, said, closeCode, heard } of left) {
      assertEquals(saidBy(lines, name), said);
      assertEquals(closeCode, undefined);
      assertEquals(heard.filter((line) => line.startsWith("joined ")).length, 2);
    }
    const gone = talkers.find(({ name }) => owner.startsWith(name));
    assert(gone?.closeCode !== undefined);
    const fences = await stage.readFences();
    assertEquals(fences, fences.toSorted((a, b) => a - b));
    assertEquals(new Set(fences).size, 2);
  },
);

testWith(
  NATS,
  "of a killed owner another one takes over once its lease has ended, never two at a time",
  async (executable) => {
    await using stage = await openStage(executable);
    await using stack = new AsyncDisposableStack();
    const { programs, talkers } = await openRooms(stage, NAMES, stack);
    const { node } = stage.here;
    for (const talker of talkers) talker.start();
    await eventually("they talk", () => talkers.every(({ heard }) => heard.length > 100));
    const [owner] = await node.call("room/lobby", {}) as [string];
    const killedMs = performance.now();
    programs.get(owner)!.program.signal("SIGKILL");
    const left = talkers.filter(({ name }) => !owner.startsWith(name));
    const welcomes = () =>
      left.map(({ heard }) => heard.filter((line) => line.startsWith("joined ")));
    await eventually(
      "another one has it",
      () => welcomes().every(({ length }) => length > 1),
      15_000,
    );
    assertGreater(LEASE_MS + 6_000, performance.now() - killedMs);
    const [[, second]] = welcomes() as [[string, string]];
    // Its state ended with it.
    assert(!second.startsWith(`joined ${owner} `));
    assertEquals(left.map(({ closeCode }) => closeCode), [undefined, undefined]);
    const fences = await stage.readFences();
    assertEquals(fences, fences.toSorted((a, b) => a - b));
  },
);

testWith(
  NATS,
  "a room is told that the connections of a killed node are gone, also after it has moved",
  async (executable) => {
    await using stage = await openStage(executable);
    await using stack = new AsyncDisposableStack();
    const { programs } = await openRooms(stage, NAMES, stack);
    const { node } = stage.here;
    const ask = async () => await node.call("room/lobby", {}) as [string, string[], number];
    const [first] = await ask();
    programs.get(first)!.program.signal("SIGTERM");
    assertEquals(await programs.get(first)!.program.exitCode(), 0);
    await eventually("both are welcomed", async () => (await ask())[2] === 2);
    const [owner] = await ask();
    const other = NAMES.find((name) => name !== first && name !== owner)!;
    programs.get(other)!.program.signal("SIGKILL");
    await eventually("one is gone", async () => (await ask())[2] === 1);
    assertEquals((await ask())[0], owner);
  },
);

testWith(
  NATS,
  "an owner that was stopped for longer than its lease says nothing under it any more",
  async (executable) => {
    await using stage = await openStage(executable);
    await using stack = new AsyncDisposableStack();
    const { programs, talkers } = await openRooms(stage, NAMES, stack);
    const { node } = stage.here;
    for (const talker of talkers) talker.start();
    await eventually("they talk", () => talkers.every(({ heard }) => heard.length > 100));
    const [owner] = await node.call("room/lobby", {}) as [string];
    const { program } = programs.get(owner)!;
    const before = (await stage.readFences()).at(-1)!;
    program.signal("SIGSTOP");
    // Connections may be closed while it is suspect, as those of any target that is.
    const saying = setInterval(
      () => node.send("room/lobby", { kind: "message", body: "x" }),
      SAY_MS,
    );
    stack.defer(() => clearInterval(saying));
    const isNewer = async () => (await stage.readFences()).some((fence) => fence > before);
    await eventually("another one has it", isNewer, 20_000);
    program.signal("SIGCONT");
    await stage.here.cluster.whenUp(owner);
    await program.find("that it is isolated", (line) => line.includes("isolated") || undefined);
    // It is the first one for it again: the room comes back, under another fence.
    const isBack = async () => (await node.call("room/lobby", {}) as [string])[0] === owner;
    await eventually("it is back", isBack);
    const fences = await stage.readFences();
    assertEquals(fences, fences.toSorted((a, b) => a - b));
  },
);

testWith(
  NATS,
  "under a rolling restart what a room was sent is in it once and in order, or counted as lost",
  async (executable) => {
    await using stage = await openStage(executable);
    await using stack = new AsyncDisposableStack();
    const programs = new Map<string, Started>();
    const all: Program[] = [];
    const start = async (name: string) => {
      const started = await stage.start(name);
      programs.set(name, started);
      all.push(started.program);
    };
    for (const name of NAMES) await start(name);
    const { node } = stage.here;
    const ask = async () => await node.call("room/lobby", {}) as [string, string[]];
    await ask();
    let said = 0;
    let refused = 0;
    const saying = setInterval(() => {
      const result = node.send("room/lobby", { kind: "message", body: `here ${++said}` });
      if (result !== "accepted") refused++;
    }, SAY_MS);
    stack.defer(() => clearInterval(saying));
    const homes = new Set<string>();
    for (const name of NAMES) {
      homes.add((await ask())[0]);
      const { program } = programs.get(name)!;
      program.signal("SIGTERM");
      assertEquals(await program.exitCode(), 0);
      await start(name);
    }
    clearInterval(saying);
    await eventually("it is at rest", async () => {
      const [, before] = await ask();
      return before.at(-1) === `here ${said}`;
    });
    const [, lines] = await ask();
    const numbers = lines.map((line) => Number(line.slice("here ".length)));
    assertEquals(numbers, [...new Set(numbers)].toSorted((one, other) => one - other));
    // Where every node has heard the others in time, there was nothing to be lost.
    const inTime = !all.some(({ lines }) => lines.some((line) => /suspect|isolated/.test(line)));
    if (inTime) assertEquals([lines.length, refused], [said, 0]);
    assertGreater(homes.size, 1);
  },
);

import { eventually } from "../cluster/stage.ts";
import { assertEquals, assertGreater } from "../helpers/assert.ts";
import type { Program } from "../helpers/program.ts";
import { OPCODE } from "../../src/testing/frames.ts";
import { RawClient } from "../../src/testing/raw_client.ts";
import { NEVER_MS, startSharing } from "./machine_stage.ts";

/** Says on which node it is, on which the connection is, and how many it was asked before. */
const ROOM = `
export default async function room(self) {
  let count = self.handover ?? 0;
  self.onHandover(() => count);
  for await (const { message } of self) {
    if (message.kind !== "message") continue;
    if (message.body === "exit") Deno.exit(3);
    const here = /<([^/]+\\/\\d+@[^/]+)\\//.exec(message.id)[1];
    const { fence } = self.env;
    const body = JSON.stringify({ home: self.node, here, count: count++, fence });
    self.send(message.id, { kind: "message", type: message.type, body });
  }
}
`;

interface Said {
  /** Node of the process, and of the connection. */
  readonly home: string;
  readonly here: string;
  readonly count: number;
  readonly fence: number;
}

async function serveRooms(config: Record<string, unknown> = {}) {
  const started = await startSharing({
    node: { workers: 2 },
    processes: { room: { module: "./room.js", keyed: true } },
    endpoints: {
      "/rooms/:name": { target: "room/:name" },
      "/stay/:name": { target: "room/:name", targetLost: "next" },
    },
    ...config,
  }, { "room.js": ROOM });
  const { port } = started;
  return {
    ...started,
    url: `http://127.0.0.1:${port}`,
    open: (path: string) => RawClient.open({ port, path, timeoutMs: NEVER_MS }),
  };
}

async function ask(client: RawClient): Promise<Said> {
  await client.send({ opcode: OPCODE.text, payload: "who" });
  return JSON.parse(await client.readText());
}

/** A connection to a path on each of the two workers. */
async function openOnBoth(
  open: (path: string) => Promise<RawClient>,
  path: string,
  clients: AsyncDisposableStack,
): Promise<Map<string, RawClient>> {
  const byNode = new Map<string, RawClient>();
  for (let count = 0; byNode.size < 2 && count < 1_000; count++) {
    // A worker that does not know yet where a global process is refuses its connections.
    const client = await open(path).catch(() => undefined);
    if (client === undefined) continue;
    clients.use(client);
    byNode.set((await ask(client)).here, client);
  }
  return byNode;
}

/** What is kept for a process that moves is dropped after a while: then it is asked again. */
async function askUntilAnswered(client: RawClient): Promise<Said> {
  let isAnswered = false;
  const answer = client.readText();
  answer.then(() => isAnswered = true, () => isAnswered = true);
  while (!isAnswered) {
    await client.send({ opcode: OPCODE.text, payload: "who" });
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return JSON.parse(await answer);
}

/** Resolves when both workers have said what they have, and that is all there is. */
async function isSettled(program: Program): Promise<void> {
  await eventually("all shards are where they belong", () => {
    const owned = new Map<number, number>();
    for (const line of program.lines) {
      if (!/This node has \d+ of the 1024 shards/.test(line)) continue;
      const { worker, owned: count } = JSON.parse(line);
      owned.set(worker, count);
    }
    const [one = 0, other = 0] = owned.values();
    return one > 0 && other > 0 && one + other === 1_024;
  }, NEVER_MS);
}

/** What is answered at a path, once anybody is there to answer. */
async function firstAnswer(open: () => Promise<RawClient>): Promise<Said> {
  let said: Said | undefined;
  await eventually("somebody answers", async () => {
    try {
      await using client = await open();
      said = await ask(client);
    } catch {
      // Refused with 503, or closed since the process was on the worker that has ended.
    }
    return said !== undefined;
  }, NEVER_MS);
  return said!;
}

Deno.test("without a broker the process of a key is one for the workers of a machine", async () => {
  await using stage = await serveRooms();
  await using clients = new AsyncDisposableStack();
  await isSettled(stage.program);
  const homes = new Set<string>();
  for (let key = 0; homes.size < 2 && key < 50; key++) {
    const byNode = await openOnBoth(stage.open, `/rooms/${key}`, clients);
    assertEquals(byNode.size, 2);
    const [one, other] = [...byNode.values()] as [RawClient, RawClient];
    const first = await ask(one);
    const second = await ask(other);
    const third = await ask(one);
    assertEquals([second.count, third.count], [first.count + 1, first.count + 2]);
    homes.add(third.home);
  }
  assertEquals([...homes].toSorted(), ["troupe/1@localhost", "troupe/2@localhost"]);
  assertEquals(await (await fetch(`${stage.url}/health/ready`)).text(), "ready\n");
  stage.program.signal("SIGTERM");
  assertEquals(await stage.program.exitCode(), 0);
  const errors = stage.program.lines.filter((line) =>
    /"level":"error","logger":"troupe.cluster"/.test(line)
  );
  assertEquals(errors, []);
});

Deno.test("without a broker the keys of a worker that ends are placed again, and connections hear of it", async () => {
  await using stage = await serveRooms();
  await using clients = new AsyncDisposableStack();
  await isSettled(stage.program);
  // On both workers there is one of its connections.
  const rooms = await openOnBoth(stage.open, "/rooms/apples", clients);
  const stays = await openOnBoth(stage.open, "/stay/apples", clients);
  const { home, fence } = await ask([...stays.values()][0]!);
  const [other] = [...rooms.keys()].filter((node) => node !== home) as [string];
  await stays.get(home)!.send({ opcode: OPCODE.text, payload: "exit" });
  // Of the worker that ended, all connections end; on the other one, those that do not stay.
  await stays.get(home)!.readEnd();
  await rooms.get(home)!.readEnd();
  assertEquals((await rooms.get(other)!.readClose()).code, 1011);
  const after = await askUntilAnswered(stays.get(other)!);
  assertEquals(after.count, 0);
  assertGreater(after.fence, fence);
  // The next start takes its share again.
  await stage.program.find("again", (line) => line.includes("runs again") || undefined);
  await eventually("both have some", async () => {
    const homes = new Set<string>();
    for (let key = 0; key < 20; key++) {
      await using client = await stage.open(`/rooms/${key}`);
      homes.add((await ask(client)).home);
    }
    return homes.size === 2;
  }, NEVER_MS);
  const again = await openOnBoth(stage.open, "/rooms/apples", clients);
  assertEquals(again.size, 2);
  const said = [];
  for (const client of again.values()) said.push(await ask(client));
  assertEquals(said[1]!.count, said[0]!.count + 1);
});

Deno.test("without a broker a global process runs on one worker, and on another one when that ends", async () => {
  await using stage = await serveRooms({
    processes: { board: { module: "./room.js", scope: "global" } },
    endpoints: { "/board": { pool: ["board"] } },
  });
  await using clients = new AsyncDisposableStack();
  await firstAnswer(() => stage.open("/board"));
  const byNode = await openOnBoth(stage.open, "/board", clients);
  assertEquals(byNode.size, 2);
  const [one, other] = [...byNode.values()] as [RawClient, RawClient];
  const first = await ask(one);
  const second = await ask(other);
  assertEquals([second.home, second.count], [first.home, first.count + 1]);
  const stays = [...byNode].find(([node]) => node !== first.home)![1];
  await byNode.get(first.home)!.send({ opcode: OPCODE.text, payload: "exit" });
  await byNode.get(first.home)!.readEnd();
  assertEquals((await stays.readClose()).code, 1011);
  const after = await firstAnswer(() => stage.open("/board"));
  assertEquals(after.count, 0);
  assertGreater(after.fence, first.fence);
});

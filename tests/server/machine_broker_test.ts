import { eventually, NATS, withBroker } from "../cluster/stage.ts";
import { assertEquals, assertGreater } from "../helpers/assert.ts";
import { testWith } from "../helpers/needs.ts";
import type { NatsServer } from "../helpers/nats_server.ts";
import { OPCODE } from "../../src/testing/frames.ts";
import { RawClient } from "../../src/testing/raw_client.ts";
import { NEVER_MS, startSharing } from "./machine_stage.ts";

/** Tells on which node it is, ends its thread, or tells all members on all nodes. */
const WHO = `
export default async function who(self) {
  const members = new Set();
  const tell = (id, body) => self.send(id, { kind: "message", type: 1, body });
  const subjects = self.openSubjects("who", {
    subjects: () => members.size > 0 ? ["all"] : [],
    deliver: (_, body) => members.forEach((id) => tell(id, body)),
  });
  for await (const { message } of self) {
    if (message.kind !== "message") continue;
    const { id, body } = message;
    if (body === "exit") Deno.exit(3);
    if (body === "who") tell(id, self.node);
    else if (body === "join") {
      members.add(id);
      if (members.size === 1) subjects.joined("all");
      tell(id, "joined");
    } else subjects.publish("all", body);
  }
}
`;

async function serveMachine(name: string, servers: string) {
  const started = await startSharing({
    node: { name, workers: 2 },
    cluster: { nats: { servers } },
    processes: { who: { module: "./who.js" } },
    endpoints: { "/who": { pool: ["who"] } },
  }, { "who.js": WHO });
  const { program, port } = started;
  return {
    ...started,
    open: () => RawClient.open({ port, path: "/who", timeoutMs: NEVER_MS }),
    /** Resolves when it has said so often that some other node is up. */
    async heard(count: number) {
      await eventually(
        "all are up",
        () => program.lines.filter((line) => / is up"/.test(line)).length >= count,
        NEVER_MS,
      );
    },
  };
}

interface Connz {
  readonly connections: readonly {
    readonly name: string;
    readonly in_msgs: number;
    readonly out_msgs: number;
    readonly out_bytes: number;
    readonly subscriptions_list?: readonly string[];
  }[];
}

async function connectionsOf(broker: NatsServer): Promise<Connz["connections"]> {
  return (await broker.monitor("connz?subs=1") as Connz).connections;
}

async function say(client: RawClient, payload: string): Promise<string> {
  await client.send({ opcode: OPCODE.text, payload });
  return await client.readText();
}

/** Ends the worker that a connection happens to be on. */
async function endOneWorker(open: () => Promise<RawClient>): Promise<void> {
  await using client = await open();
  await client.send({ opcode: OPCODE.text, payload: "exit" });
  await client.readEnd();
}

testWith(
  NATS,
  "two machines of two workers have two connections to the broker, and each subject once",
  async (executable) => {
    await using stage = await withBroker(executable);
    await using one = await serveMachine("one@host", stage.url);
    await using two = await serveMachine("two@host", stage.url);
    await Promise.all([one.heard(4), two.heard(4)]);
    const connections = await connectionsOf(stage.broker);
    assertEquals(connections.map(({ name }) => name).toSorted(), ["one@host", "two@host"]);
    for (const { subscriptions_list = [] } of connections) {
      assertEquals(subscriptions_list.length, new Set(subscriptions_list).size);
      assertEquals(subscriptions_list.filter((each) => each === "troupe.troupe.hello").length, 1);
    }
    // A worker that ends takes only its own subscriptions along; the next one has them again.
    const before = linkSubjects(connections);
    assertEquals(before.length, 4);
    await endOneWorker(one.open);
    await one.program.find("again", (line) => line.includes("runs again") || undefined);
    await eventually("what it listened to is listened to again", async () => {
      const after = linkSubjects(await connectionsOf(stage.broker));
      const kept = after.filter((subject) => before.includes(subject));
      return after.length === 4 && kept.length === 3;
    }, NEVER_MS);
    assertEquals((await connectionsOf(stage.broker)).length, 2);
  },
);

function linkSubjects(connections: Connz["connections"]): string[] {
  return connections.flatMap(({ subscriptions_list = [] }) =>
    subscriptions_list.filter((each) => each.startsWith("troupe.troupe.link."))
  );
}

testWith(
  NATS,
  "the workers of a machine are not ready while its connection to the broker is away",
  async (executable) => {
    await using stage = await withBroker(executable);
    await using one = await serveMachine("one@host", stage.url);
    const ready = async () => {
      const response = await fetch(`http://127.0.0.1:${one.port}/health/ready`, {
        headers: { connection: "close" },
      });
      return `${response.status} ${await response.text()}`;
    };
    await eventually("it is ready", async () => (await ready()) === "200 ready\n", NEVER_MS);
    stage.broker.signal("SIGSTOP");
    const away = "503 not ready: the broker is away: the connection is lost\n";
    // Whichever worker is asked.
    for (let turn = 0; turn < 4; turn++) {
      await eventually("it is not ready", async () => (await ready()) === away, NEVER_MS);
    }
    stage.broker.signal("SIGCONT");
    let inARow = 0;
    await eventually("it is ready again", async () => {
      inARow = (await ready()) === "200 ready\n" ? inARow + 1 : 0;
      return inARow === 10;
    }, NEVER_MS);
    // One program, one connection: its main thread tells of it.
    const told = one.program.lines.filter((line) => line.includes("connection to the broker is"));
    assertGreater(told.length, 1);
    assertEquals(told.filter((line) => line.includes('"worker":')), []);
  },
);

testWith(
  NATS,
  "what is published for the members of a machine crosses to it once, however many workers have some",
  async (executable) => {
    await using stage = await withBroker(executable);
    await using one = await serveMachine("one@host", stage.url);
    await using two = await serveMachine("two@host", stage.url);
    await Promise.all([one.heard(4), two.heard(4)]);
    await using clients = new AsyncDisposableStack();
    const members = new Map<string, RawClient>();
    for (let count = 0; members.size < 2 && count < 200; count++) {
      const client = clients.use(await two.open());
      members.set(await say(client, "who"), client);
    }
    for (const client of members.values()) assertEquals(await say(client, "join"), "joined");
    const sender = clients.use(await one.open());
    const sizeBytes = 20_000;
    const count = 50;
    let got: readonly number[] = [];
    let copies = 0;
    // A busy machine may take a node for suspect, to which nothing is sent then.
    for (
      let round = 0;
      round < 20 && got.some((each) => each < count) || got.length === 0;
      round++
    ) {
      // A join is known elsewhere once the link has carried it.
      await sendUntilHeard(sender, `begin ${round}`, [...members.values()]);
      const before = await outOf(stage.broker, "two@host");
      for (let index = 0; index < count; index++) {
        const payload = `${round} ${index} `.padEnd(sizeBytes, "x");
        await sender.send({ opcode: OPCODE.text, payload });
      }
      const heard = await sendUntilHeard(sender, `end ${round}`, [...members.values()]);
      got = heard.map((texts) => texts.filter((text) => text.startsWith(`${round} `)).length);
      copies = (await outOf(stage.broker, "two@host") - before) / (count * sizeBytes);
    }
    assertEquals(got, [count, count]);
    assertGreater(1.5, copies);
    assertGreater(copies, 0.99);
  },
);

/** Says something again and again until all have heard it; what each has heard until then. */
async function sendUntilHeard(
  sender: RawClient,
  payload: string,
  clients: readonly RawClient[],
): Promise<string[][]> {
  let isHeard = false;
  const hearing = Promise.all(clients.map(async (client) => {
    const texts: string[] = [];
    while (texts.at(-1) !== payload) texts.push(await client.readText());
    return texts;
  }));
  hearing.then(() => isHeard = true, () => isHeard = true);
  while (!isHeard) {
    await sender.send({ opcode: OPCODE.text, payload });
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return await hearing;
}

/** Bytes that the broker has sent to a connection. */
async function outOf(broker: NatsServer, name: string): Promise<number> {
  const found = (await connectionsOf(broker)).find((each) => each.name === name);
  return found!.out_bytes;
}

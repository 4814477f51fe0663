import { fileURLToPath } from "node:url";
import { eventually, NATS, withBroker } from "../cluster/stage.ts";
import { assertEquals } from "../helpers/assert.ts";
import { testWith } from "../helpers/needs.ts";
import type { NatsServer } from "../helpers/nats_server.ts";
import { Program } from "../helpers/program.ts";
import { OPCODE } from "../../src/testing/frames.ts";
import { RawClient } from "../../src/testing/raw_client.ts";
import { temporaryFiles } from "./stage.ts";

const MAIN = fileURLToPath(new URL("../../main.ts", import.meta.url));

/** Tells on which node it is, and ends its thread. */
const WHO = `
export default async function who(self) {
  for await (const { message } of self) {
    if (message.kind !== "message") continue;
    if (message.body === "exit") Deno.exit(3);
    self.send(message.id, { kind: "message", type: message.type, body: self.node });
  }
}
`;

async function serveMachine(name: string, servers: string) {
  const stack = new AsyncDisposableStack();
  const files = stack.use(
    await temporaryFiles({
      "who.js": WHO,
      "troupe.json": JSON.stringify({
        node: { name, workers: 2 },
        listen: { port: 0 },
        log: { format: "json" },
        cluster: { nats: { servers } },
        processes: { who: { module: "./who.js" }, room: { behavior: "chat" } },
        endpoints: { "/who": { pool: ["who"] }, "/chat": { pool: ["room"] } },
      }),
    }),
  );
  const args = ["run", "-A", MAIN, "serve", "-c", "troupe.json"];
  const env = { XDG_STATE_HOME: files.path };
  const program = stack.use(new Program({ args, cwd: files.path, env }));
  const port = await program.port();
  await program.find("both", (line) => line.includes("workers share port") || undefined);
  return {
    program,
    port,
    /** Resolves when it has said so often that some other node is up. */
    async heard(count: number) {
      await eventually(
        "all are up",
        () => program.lines.filter((line) => / is up"/.test(line)).length >= count,
        20_000,
      );
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
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

async function who(port: number, say = "who"): Promise<string> {
  await using client = await RawClient.open({ port, path: "/who" });
  await client.send({ opcode: OPCODE.text, payload: say });
  if (say === "who") return await client.readText();
  await client.readEnd();
  return "";
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
    await who(one.port, "exit");
    await one.program.find("again", (line) => line.includes("runs again") || undefined);
    await two.heard(5);
    const after = await connectionsOf(stage.broker);
    assertEquals(after.length, 2);
    const kept = linkSubjects(after).filter((subject) => before.includes(subject));
    assertEquals([linkSubjects(after).length, kept.length], [4, 3]);
    for (const { program } of [one, two]) {
      const lost = program.lines.filter((line) =>
        line.includes("connection to the broker is lost")
      );
      assertEquals(lost, []);
    }
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
    await eventually("it is ready", async () => (await ready()) === "200 ready\n");
    stage.broker.signal("SIGSTOP");
    const away = "503 not ready: the broker is away: the connection is lost\n";
    // Whichever worker is asked.
    for (let turn = 0; turn < 4; turn++) {
      await eventually("it is not ready", async () => (await ready()) === away, 30_000);
    }
    stage.broker.signal("SIGCONT");
    let inARow = 0;
    await eventually("it is ready again", async () => {
      inARow = (await ready()) === "200 ready\n" ? inARow + 1 : 0;
      return inARow === 10;
    }, 30_000);
    // One program, one connection: it is told of once.
    const lines = (text: string) => one.program.lines.filter((line) => line.includes(text)).length;
    assertEquals(lines("connection to the broker is lost"), 1);
    assertEquals(lines("connection to the broker is back"), 1);
  },
);

import { join as joinPath } from "node:path";
import { parseConfig } from "../../src/config/mod.ts";
import { serve, type Server, ServerStartError } from "../../src/server/mod.ts";
import { ConfigError } from "../../src/config/mod.ts";
import { fileURLToPath } from "node:url";
import { createRecorder } from "../actor/stage.ts";
import { eventually, join, NATS, withBroker } from "../cluster/stage.ts";
import {
  assertEquals,
  assertGreater,
  assertRejects,
  assertStringIncludes,
} from "../helpers/assert.ts";
import { NatsServer } from "../helpers/nats_server.ts";
import { testWith } from "../helpers/needs.ts";
import { Program } from "../helpers/program.ts";
import { OPCODE } from "../../src/testing/frames.ts";
import { RawClient } from "../../src/testing/raw_client.ts";
import { temporaryFiles } from "./stage.ts";

const MAIN = fileURLToPath(new URL("../../main.ts", import.meta.url));

function start(
  name: string,
  servers: string,
  more: Record<string, unknown> = {},
  environment: Record<string, string> = {},
): Promise<Server> {
  const { nats = {}, ...rest } = more;
  const config = parseConfig({
    node: { name },
    listen: { port: 0 },
    cluster: { nats: { servers, ...nats as object } },
    drain: { timeout: "4s" },
    ...rest,
  });
  return serve(config, { environment });
}

async function ready({ addr }: Server): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${addr.port}/health/ready`);
  return `${response.status} ${(await response.text()).trim()}`;
}

testWith(
  NATS,
  "serve() makes its node a member: what is global runs once, and is reached from all",
  async (executable) => {
    await using broker = await withBroker(executable);
    const processes = { board: { behavior: "echo", scope: "global" } };
    const endpoints = { "/board": { pool: ["board"] } };
    await using one = await start("one@host", broker.url, { processes, endpoints });
    await using two = await start("two@host", broker.url, { processes, endpoints });
    await eventually(
      "board is known",
      () => [one, two].every(({ node }) => node.whereis("board") !== undefined),
    );
    assertEquals(one.node.whereis("board"), two.node.whereis("board"));
    // On one of the two the connection's process is on the other node.
    for (const { addr } of [one, two]) {
      const socket = new WebSocket(`ws://127.0.0.1:${addr.port}/board`);
      const { promise: answer, resolve } = Promise.withResolvers<string>();
      const closed = new Promise((done) => socket.onclose = done);
      socket.onopen = () => socket.send("hello");
      socket.onmessage = ({ data }) => resolve(data);
      assertEquals(await answer, "hello");
      socket.close();
      await closed;
    }
    assertEquals([await ready(one), await ready(two)], ["200 ready", "200 ready"]);
    const metrics = await (await fetch(`http://127.0.0.1:${one.addr.port}/metrics`)).text();
    for (
      const [name, least] of [["up", 1], ["messages_sent_total", 1], ["bytes_received_total", 9]]
    ) {
      const line = new RegExp(`^troupe_link_${name}\\{.*node="two@host".*\\} (\\d+)`, "m").exec(
        metrics,
      );
      assertGreater(Number(line?.[1]) + 1, Number(least), String(name));
    }
  },
);

testWith(
  NATS,
  "a server is not ready while the broker is away, says why, and serves what is local",
  async (executable) => {
    const storeDirectory = await Deno.makeTempDir();
    try {
      await using brokers = new AsyncDisposableStack();
      const broker = await NatsServer.start({ executable, storeDirectory });
      await using one = await start("one@host", broker.url);
      assertEquals(await ready(one), "200 ready");
      await broker[Symbol.asyncDispose]();
      await eventually("it notices", async () => (await ready(one)).startsWith("503"));
      assertStringIncludes(await ready(one), "503 not ready: the broker is away");
      const echo = one.node.whereis("echo_1");
      assertEquals(echo !== undefined && one.node.send(echo, "still here"), "accepted");
      brokers.use(
        await NatsServer.start({
          executable,
          storeDirectory,
          port: broker.port,
        }),
      );
      await eventually("it is back", async () => await ready(one) === "200 ready");
    } finally {
      await Deno.remove(storeDirectory, { recursive: true });
    }
  },
);

Deno.test("a server whose broker is away at the start serves what is local, and is not ready", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  await using one = await start("one@host", `nats://127.0.0.1:${port}`);
  assertStringIncludes(await ready(one), "503 not ready: the broker is away");
  await using client = await RawClient.open({ port: one.addr.port, path: "/ws" });
  await client.send({ opcode: OPCODE.text, payload: "local" });
  assertEquals(await client.readText(), "local");
});

testWith(
  NATS,
  "serve() takes rights from secrets, and refuses what it cannot use by name",
  async (executable) => {
    await using broker = await NatsServer.start({ executable, args: ["--auth", "right"] });
    const token = { nats: { token: "env:NATS_TOKEN" } };
    await using one = await start("one@host", broker.url, token, { NATS_TOKEN: "right" });
    assertEquals(one.cluster?.trouble, undefined);
    await assertRejects(
      () => start("two@host", broker.url, token),
      ConfigError,
      'Cannot use cluster.nats.token: environment variable "NATS_TOKEN" is not set',
    );
    await assertRejects(
      () => start("two@host", broker.url, token, { NATS_TOKEN: "wrong" }),
      ServerStartError,
      "Cannot join the cluster: the NATS server refuses this node",
    );
    const processes = { board: { behavior: "echo", scope: "global" } };
    await assertRejects(
      () => start("two@host", broker.url, { ...token, processes }, { NATS_TOKEN: "right" }),
      ServerStartError,
      "the NATS server has no JetStream",
    );
    await assertRejects(
      () => start("one@host", broker.url, token, { NATS_TOKEN: "right" }),
      ServerStartError,
      "Cannot join the cluster as one@host: a live node has that name since",
    );
  },
);

testWith(
  NATS,
  "connections of a node that was killed are told to a process of another as disconnected, once",
  async (executable) => {
    await using broker = await withBroker(executable);
    await using here = await join("here@host", broker.url, { name: "troupe" });
    const { run, messages } = createRecorder();
    here.cluster.spawnGlobal("board", run);
    await eventually("it runs", () => here.node.whereis("board") !== undefined);
    await using files = await temporaryFiles({
      "troupe.json": JSON.stringify({
        node: { name: "there@host" },
        listen: { port: 0 },
        cluster: { nats: { servers: broker.url } },
        processes: { board: { behavior: "echo", scope: "global" } },
        endpoints: { "/board": { pool: ["board"] } },
      }),
    });
    const args = ["run", "-A", MAIN, "serve", "-c", "troupe.json"];
    const env = { XDG_STATE_HOME: files.path };
    await using program = new Program({ args, cwd: files.path, env });
    const port = await program.port();
    await here.cluster.whenUp("there@host");
    await using stays = await openOnceKnown(port);
    await using leaves = await RawClient.open({ port, path: "/board" });
    await leaves.send({ opcode: OPCODE.close, payload: new Uint8Array([3, 232]) });
    await leaves.readEnd();
    const said = () => messages as { readonly kind: string; readonly id: string; code?: number }[];
    const ends = () => said().filter(({ kind }) => kind === "disconnect");
    await eventually("one has left", () => ends().length === 1);
    program.signal("SIGKILL");
    await stays.readEnd();
    await eventually("the other is told", () => ends().length === 2);
    const [first, second] = said().filter(({ kind }) => kind === "connect").map(({ id }) => id);
    assertEquals(ends().map(({ id, code }) => [id, code]), [[second, 1000], [first, 1006]]);
  },
);

/** The name of what is global is known on another node a moment later. */
async function openOnceKnown(port: number): Promise<RawClient> {
  for (;;) {
    const client = await RawClient.connect({ port });
    if ((await client.handshake({ path: "/board" })).status === 101) return client;
    await client[Symbol.asyncDispose]();
  }
}

const ROOM = `export default async function room(self) {
  const lines = self.handover ?? [];
  self.onHandover(() => lines);
  for await (const { message } of self) {
    if (message.kind !== "message") continue;
    lines.push(message.body);
    self.send(message.id, { kind: "message", body: [self.node, self.env.fence > 0, ...lines].join() });
  }
}
`;

/** A client that has said something; what it hears next, line by line. */
async function enter({ addr }: Server) {
  const socket = new WebSocket(`ws://127.0.0.1:${addr.port}/rooms/lobby`);
  const closed = new Promise<void>((done) => socket.onclose = () => done());
  await new Promise((done) => socket.onopen = done);
  return {
    say(text: string): Promise<string> {
      const answer = new Promise<string>((done) => socket.onmessage = ({ data }) => done(data));
      socket.send(text);
      return answer;
    },
    async [Symbol.asyncDispose]() {
      socket.close();
      await closed;
    },
  };
}

testWith(
  NATS,
  "serve() places keyed processes over its cluster, and hands them over when it drains",
  async (executable) => {
    await using broker = await withBroker(executable);
    await using files = await temporaryFiles({ "room.js": ROOM });
    const processes = {
      room: { module: joinPath(files.path, "room.js"), keyed: true, scope: "global" },
    };
    const endpoints = { "/rooms/:name": { target: "room/:name" } };
    await using one = await start("one@host", broker.url, { processes, endpoints });
    await using first = await enter(one);
    assertEquals(await first.say("a"), "one@host,true,a");
    await using two = await start("two@host", broker.url, { processes, endpoints });
    await using second = await enter(two);
    const [owner] = (await second.say("b")).split(",");
    await eventually("each has its share", async () => {
      const text = await (await fetch(`http://127.0.0.1:${two.addr.port}/metrics`)).text();
      const owned = /^troupe_shard_owned\{.*process="room".*\} (\d+)$/m.exec(text)?.[1];
      return Number(owned) > 400 && Number(owned) < 624;
    });
    assertStringIncludes(await second.say("c"), ",true,a,b,c");
    const home = (await second.say("d")).split(",")[0]!;
    assertStringIncludes("one@host two@host", owner!);
    const [leaving, left, client] = home === "one@host"
      ? [one, "two@host", second]
      : [two, "one@host", first];
    await leaving.drain({ delayMs: 0 });
    assertEquals(await client.say("e"), `${left},true,a,b,c,d,e`);
  },
);

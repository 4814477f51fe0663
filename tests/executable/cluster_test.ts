import { eventually, NATS, withBroker } from "../cluster/stage.ts";
import { assertEquals, assertLess } from "../helpers/assert.ts";
import { askOnce, type Folder, stop, testEverywhere } from "./stage.ts";

const FLAGS = ["--port", "0", "--log-format", "json"];

const ROOMS = { "/rooms/:name": { target: "room/:name" } };

/** A lease lasts ten seconds. */
const SHORTER_THAN_LEASE_MS = 9_000;

/** Says where it runs, and where the global process runs that it asks. */
const HERE = `
import { text } from "@troupe/troupe";

export default async function here(self) {
  for await (const { message, reply } of self) {
    if (reply !== undefined) reply(self.node);
    else if (message.kind === "message") {
      self.send(message.id, text(self.node.replace(/[0-9/]+/, "") + " " + (self.whereis("board") !== undefined)));
    }
  }
}
`;

async function write(
  folder: Folder,
  more: Record<string, unknown> = {},
  rooms: Record<string, unknown> = {},
): Promise<void> {
  await folder.write("here.ts", HERE);
  const processes = { here: { module: "./here.ts" }, ...more };
  const endpoints = { "/here": { pool: ["here"] }, ...rooms };
  await folder.write("troupe.json", JSON.stringify({ processes, endpoints }));
}

testEverywhere(
  "the executable serves with workers, and a module of the user in each",
  async (folder) => {
    await write(folder, { room: { module: "./here.ts", keyed: true } }, ROOMS);
    await using program = folder.start([...FLAGS, "--workers", "2"]);
    const port = await program.port();
    for (let count = 0; count < 8; count++) {
      assertEquals(await askOnce(port, "/here", "hello"), "troupe@localhost false");
      assertEquals(await askOnce(port, `/rooms/${count}`, "hello"), "troupe@localhost false");
    }
    await stop(program);
    await folder.assertPermitted(program.lines);
  },
);

testEverywhere(
  "the executable's workers are part of a cluster by one connection",
  async (folder, executable) => {
    await using broker = await withBroker(executable);
    const room = { module: "./here.ts", keyed: true, scope: "global" };
    await write(folder, { room }, ROOMS);
    const env = { XDG_STATE_HOME: `${folder.path}/state` };
    const args = [...FLAGS, "--workers", "2", "--nats", broker.url];
    await using program = folder.start(args, env);
    const port = await program.port();
    // A worker that joins may take the room over, and what is connected to it then is closed.
    await eventually("the room answers", async () => {
      const answer = await askOnce(port, "/rooms/lobby", "hello").catch(() => undefined);
      return answer === "troupe@localhost false";
    });
    const { num_connections } = await broker.broker.monitor("connz") as { num_connections: number };
    assertEquals(num_connections, 1);
    await stop(program);
    await folder.assertPermitted(program.lines);
  },
  NATS,
);

testEverywhere(
  "the executable is part of a cluster, and takes its name again after SIGKILL",
  async (folder, executable) => {
    await using broker = await withBroker(executable);
    await write(folder, {
      board: { behavior: "echo", scope: "global" },
      room: { module: "./here.ts", keyed: true, scope: "global" },
    }, ROOMS);
    const args = [...FLAGS, "--nats", broker.url, "--name", "one@host"];
    const env = { XDG_STATE_HOME: `${folder.path}/state` };
    await using stack = new AsyncDisposableStack();
    let program = stack.use(folder.start(args, env));
    const port = await program.port();
    await eventually(
      "board is known",
      async () => await askOnce(port, "/here", "hello") === "one@host true",
    );
    assertEquals(await askOnce(port, "/rooms/lobby", "hello"), "one@host true");
    let tookMs = Infinity;
    // A machine that is busy may take as long to start a program as a lease lasts.
    for (let tries = 0; tries < 4 && tookMs >= SHORTER_THAN_LEASE_MS; tries++) {
      program.signal("SIGKILL");
      await program.exitCode();
      const startedMs = performance.now();
      program = stack.use(folder.start(args, env));
      await askOnce(await program.port(), "/here", "hello");
      // Its keyed processes have no other node to go to, and do not wait for the lease either.
      await askOnce(await program.port(), "/rooms/lobby", "hello");
      tookMs = performance.now() - startedMs;
    }
    assertLess(tookMs, SHORTER_THAN_LEASE_MS);
    await stop(program);
    await folder.assertPermitted(program.lines);
  },
  NATS,
);

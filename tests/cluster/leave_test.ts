import { createNode } from "../../src/actor/mod.ts";
import { connect } from "../../src/cluster/nats/socket_transport.ts";
import { NatsStore } from "../../src/cluster/nats/store.ts";
import { joinCluster } from "../../src/cluster/mod.ts";
import { Subjects, toToken } from "../../src/cluster/nats/subjects.ts";
import { assertEquals } from "../helpers/assert.ts";
import { NatsServer } from "../helpers/nats_server.ts";
import { testWith } from "../helpers/needs.ts";
import { temporaryFiles } from "../server/stage.ts";
import { NATS } from "./stage.ts";

// What is left behind by a node that has left, such as a timer or a socket, is found by the runner.

const GREETING = `INFO ${
  JSON.stringify({ server_id: "x", version: "2.11.0", max_payload: 1024 })
}\r\n`;

/** What a server has said that says no more for now. */
const SAID = Object.freeze({ nothing: "", half: GREETING.slice(0, 20) });

for (const [what, said] of Object.entries(SAID)) {
  Deno.test(`a node that leaves while its broker has said ${what} gives that up`, async () => {
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    await using node = createNode({ name: "one@host" });
    const servers = `nats://127.0.0.1:${listener.addr.port}`;
    const joining = joinCluster(node, { name: "test", nats: { servers } });
    // The first attempt fails, so that the node tries again while it works.
    (await listener.accept()).close();
    const cluster = await joining;
    using again = await listener.accept();
    const write = (text: string) => again.write(new TextEncoder().encode(text));
    await write(said);
    await cluster.leave();
    await write(GREETING.slice(said.length)).catch(() => {});
    // Who still listened would answer.
    assertEquals(await again.read(new Uint8Array(1)).catch(() => null), null);
  });
}

testWith(
  NATS,
  "a node that leaves while it waits for its name gives that up at once",
  async (executable) => {
    await using files = await temporaryFiles({});
    const storage = { executable, storeDirectory: files.path };
    const broker = await NatsServer.start(storage);
    const { port } = broker;
    const connection = await connect({ servers: `127.0.0.1:${port}` });
    const store = await NatsStore.open(connection, new Subjects("test").bucket);
    const holder = { node: "one@host", incarnation: "gone", session: 1, pid: 1, sinceMs: 1 };
    await store.write(`n.${toToken("one@host")}`, holder, 0, 60_000);
    await connection.close();
    await broker[Symbol.asyncDispose]();

    await using node = createNode({ name: "one@host" });
    const nats = { servers: `nats://127.0.0.1:${port}` };
    const cluster = await joinCluster(node, { name: "test", nats, leaseMs: 60_000 });
    await using _back = await NatsServer.start({ ...storage, port });
    const spy = await connect({ servers: `127.0.0.1:${port}` });
    const looks = Promise.withResolvers<void>();
    spy.subscribe("$JS.API.DIRECT.GET.>", { callback: () => looks.resolve() });
    await looks.promise;
    await cluster.leave();
    await spy.close();
  },
);

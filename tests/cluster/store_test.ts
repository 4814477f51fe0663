import { connect } from "../../src/cluster/nats/socket_transport.ts";
import { NatsStore } from "../../src/cluster/nats/store.ts";
import { assertEquals } from "../helpers/assert.ts";
import { testWith } from "../helpers/needs.ts";
import { temporaryFiles } from "../server/stage.ts";
import { NATS } from "./stage.ts";
import type { NatsConnection } from "@nats-io/nats-core";
import { NatsServer } from "../helpers/nats_server.ts";

testWith(NATS, "a watch that is ended while it begins is never heard of", async (executable) => {
  await using storage = await temporaryFiles({});
  await using broker = await NatsServer.start({ executable, storeDirectory: storage.path });
  const connection = await connect({ servers: broker.url.slice("nats://".length) });
  try {
    const store = await NatsStore.open(connection, "watched");
    const told: unknown[] = [];
    const watcher = {
      change: (change: unknown) => void told.push(change),
      complete: () => void told.push("complete"),
    };
    const beginning = store.watch(watcher);
    store.unwatch();
    await beginning;
    await store.put("key", 1);
    assertEquals(told, []);
    // The last one of two is heard.
    const first = store.watch(watcher);
    const second = store.watch({ ...watcher, complete: () => void told.push("second") });
    await Promise.all([first, second]);
    while (!told.includes("second")) await new Promise((resolve) => setTimeout(resolve));
    assertEquals(told.includes("complete"), false);
    store.unwatch();
  } finally {
    await connection.close();
  }
});

/** Of the client: answers to these requests come as the connection is closed. */
const BEGINNING = ["$JS.API.STREAM.INFO", "$JS.API.CONSUMER.CREATE"] as const;

/** Closes a connection so many turns after the answer to a request of a kind. */
function closeAtAnswer(connection: NatsConnection, to: string, turns: number): Promise<void> {
  const request = connection.request.bind(connection);
  const closed = Promise.withResolvers<void>();
  connection.request = async (subject, ...more) => {
    const answer = await request(subject, ...more);
    if (!subject.startsWith(to)) return answer;
    void (async () => {
      for (let turn = 0; turn < turns; turn++) await undefined;
      await connection.close();
      closed.resolve();
    })();
    return answer;
  };
  return closed.promise;
}

async function follow(connection: NatsConnection): Promise<void> {
  for await (const _ of connection.status());
}

testWith(
  NATS,
  "a watch that begins while its connection is closed leaves no timer behind",
  async (executable) => {
    await using storage = await temporaryFiles({});
    await using broker = await NatsServer.start({ executable, storeDirectory: storage.path });
    const watcher = { change: () => {}, complete: () => {} };
    // What is left behind is found by the runner, which knows all timers.
    for (const to of BEGINNING) {
      for (let turns = 0; turns < 24; turns++) {
        const connection = await connect({ servers: broker.url.slice("nats://".length) });
        const store = await NatsStore.open(connection, "watched");
        // As a node listens to it: the client then takes some turns to close.
        const ended = follow(connection);
        const closed = closeAtAnswer(connection, to, turns);
        await store.watch(watcher).catch(() => {});
        await Promise.all([closed, ended]);
        assertEquals(connection.isClosed(), true);
      }
    }
  },
);

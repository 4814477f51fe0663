import { connect } from "../../src/cluster/nats/socket_transport.ts";
import { NatsStore } from "../../src/cluster/nats/store.ts";
import { assertEquals } from "../helpers/assert.ts";
import { testWith } from "../helpers/needs.ts";
import { temporaryFiles } from "../server/stage.ts";
import { NATS } from "./stage.ts";
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

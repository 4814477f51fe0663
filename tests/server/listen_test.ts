import { createNode, type Process } from "../../src/actor/mod.ts";
import { echo } from "../../src/behaviors/mod.ts";
import { createEventServer } from "../../src/events/mod.ts";
import { ServerStartError } from "../../src/http/mod.ts";
import { listen, type ListenOptions } from "../../src/server/mod.ts";
import { Inbox } from "../../src/testing/mod.ts";
import { RawClient } from "../../src/testing/raw_client.ts";
import {
  createHandler,
  type FromConnection,
  type HandlerOptions,
  isConnect,
} from "../../src/websocket/mod.ts";
import { assertEquals, assertRejects, assertStringIncludes } from "../helpers/assert.ts";
import { OPCODE } from "../../src/testing/frames.ts";

async function listening(handlerOptions: HandlerOptions, options: ListenOptions = {}) {
  const node = createNode();
  const handler = createHandler({ pool: ["echo"], ...handlerOptions });
  node.spawn(echo, { name: "echo" });
  const started = Promise.withResolvers<void>();
  node.spawn(async (self: Process) => {
    self.spawnMeta(handler);
    started.resolve();
    for await (const _ of self);
  });
  await started.promise;
  const listener = await listen({ "/ws": handler, "/game/:room": handler }, {
    port: 0,
    ...options,
  });
  return {
    node,
    listener,
    port: listener.addr.port,
    async [Symbol.asyncDispose]() {
      await node.stop();
      await listener.shutdown();
    },
  };
}

for (
  const [what, handlerOptions, options, engine, reason] of [
    ["nothing", {}, {}, "native", "on a loopback address"],
    ["compression", { compression: true }, {}, "ws", "it asks for compression"],
    ["ws", {}, { engine: "ws" }, "ws", "as configured"],
    ["native", { compression: true }, { engine: "native" }, "native", "as configured"],
    ["a proxy", {}, { trustProxy: ["127.0.0.1"] }, "ws", "behind a proxy"],
  ] as const
) {
  Deno.test(`listen() serves with engine ${engine} who asks for ${what}`, async () => {
    await using served = await listening(handlerOptions, options);
    assertEquals([served.listener.engine, served.listener.reason], [engine, reason]);
    await using client = await RawClient.open({ port: served.port });
    await client.send({ opcode: OPCODE.text, payload: "hello" });
    assertEquals(await client.readText(), "hello");
  });
}

for (const engine of ["native", "ws"] as const) {
  Deno.test(`listen() tells a handler what its path says, with engine ${engine}`, async () => {
    const inbox = new Inbox<FromConnection>();
    await using served = await listening({
      pool: ["inbox"],
      accept: ({ params }) => ({ attributes: params }),
    }, { engine });
    served.node.spawn(inbox.run, { name: "inbox" });
    await using _ = await RawClient.open({ port: served.port, path: "/game/caf%C3%A9" });
    const connect = await inbox.take("a connect", isConnect);
    assertEquals(connect.attributes, { room: "café" });
  });

  Deno.test(`listen() answers the rest by fetch, with engine ${engine}`, async () => {
    const fetched = ({ url }: Request) => new Response(`page of ${new URL(url).pathname}`);
    await using served = await listening({}, { engine, fetch: fetched });
    const url = `http://127.0.0.1:${served.port}`;
    assertEquals(await (await fetch(`${url}/ws`)).text(), "page of /ws");
    assertEquals(await (await fetch(`${url}/other`)).text(), "page of /other");
    await using client = await RawClient.connect({ port: served.port });
    assertEquals((await client.handshake({ path: "/ws" })).status, 101);
  });

  Deno.test(`listen() without fetch says what handlers expect, with engine ${engine}`, async () => {
    await using served = await listening({}, { engine });
    const url = `http://127.0.0.1:${served.port}`;
    const answers = [];
    for (const path of ["/ws", "/other", "/game/%FF"]) {
      const answer = await fetch(url + path);
      answers.push(answer.status);
      await answer.body?.cancel();
    }
    assertEquals(answers, [426, 404, 400]);
  });
}

Deno.test("listen() takes the endpoint of an event server", async () => {
  await using node = createNode();
  const server = createEventServer();
  server.onConnection((connection) => connection.emit("welcome", connection.id));
  const started = Promise.withResolvers<void>();
  node.spawn((self) => {
    queueMicrotask(started.resolve);
    return server.run(self);
  });
  await started.promise;
  await using listener = await listen({ "/chat": server.endpoint }, { port: 0 });
  await using client = await RawClient.open({ port: listener.addr.port, path: "/chat" });
  assertStringIncludes(await client.readText(), "m:welcome;");
  client.close();
  await node.stop();
});

Deno.test("listen() refuses what it cannot do, by name", async () => {
  const handler = createHandler({});
  for (
    const [handlers, options, text] of [
      [{}, {}, "there are no handlers"],
      [{ ws: handler }, {}, '"ws"'],
      [{ "/ws": handler }, { prt: 1 }, "prt"],
      [{ "/ws": handler }, { engine: "fast" }, '"fast"'],
      [{ "/ws": handler }, { trustProxy: ["nobody"] }, "nobody"],
    ] as const
  ) {
    const listening = () => listen(handlers as never, options as ListenOptions);
    assertStringIncludes((await assertRejects(listening, TypeError)).message, text);
  }
  const tls = { cert: "no-such-file.pem", key: "no-such-file.pem" };
  await assertRejects(
    () => listen({ "/ws": handler }, { tls, port: 0 }),
    ServerStartError,
    "no-such-file.pem",
  );
});

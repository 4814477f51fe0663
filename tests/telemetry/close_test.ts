import { createNode } from "../../src/actor/mod.ts";
import { parseConfig } from "../../src/config/mod.ts";
import { serve } from "../../src/server/mod.ts";
import { createTelemetry } from "../../src/telemetry/mod.ts";
import { createTopicsServer } from "../../src/topics/mod.ts";
import { assert, assertEquals, assertRejects } from "../helpers/assert.ts";
import { createCountingProvider } from "../helpers/counting_provider.ts";
import { RawClient } from "../../src/testing/raw_client.ts";

const LISTEN = { hostname: "127.0.0.1", port: 0 };

Deno.test("createTelemetry() keeps nothing in a provider from close() to reopen()", () => {
  const provider = createCountingProvider();
  const telemetry = createTelemetry({ meterProviders: [provider, provider] });
  const each = provider.callbacks.size;
  assert(each > 0);
  telemetry.endpoint("/ws").opened();
  telemetry.close();
  telemetry.close();
  assertEquals(provider.callbacks.size, 0);
  telemetry.reopen();
  telemetry.reopen();
  assertEquals(provider.callbacks.size, each);
  assertEquals(provider.read("troupe.connections"), [1, 1]);
  telemetry.close();
});

Deno.test("servers that have stopped leave nothing in the meter provider", async () => {
  const meterProvider = createCountingProvider();
  for (let i = 0; i < 3; i++) {
    const server = await serve(parseConfig({ listen: LISTEN }), { meterProvider });
    assert(meterProvider.callbacks.size > 0);
    await server[Symbol.asyncDispose]();
    assertEquals(meterProvider.callbacks.size, 0);
  }
  assertEquals(meterProvider.flushes, 3);
});

Deno.test("a server that does not start leaves nothing in the meter provider", async () => {
  const meterProvider = createCountingProvider();
  using taken = Deno.listen(LISTEN);
  const config = parseConfig({ listen: { ...LISTEN, port: taken.addr.port } });
  await assertRejects(() => serve(config, { meterProvider }), Error, "Cannot listen on");
  assertEquals(meterProvider.callbacks.size, 0);
});

Deno.test("a topics server is in its meter provider from start() to stop(), each time", async () => {
  const meterProvider = createCountingProvider();
  await using server = createTopicsServer({ listen: LISTEN, meterProvider });
  assertEquals(meterProvider.callbacks.size, 0);
  for (let i = 1; i <= 2; i++) {
    await server.start();
    await using client = await RawClient.open({ port: server.addr!.port });
    assertEquals(meterProvider.read("troupe.connections"), [i]);
    client.close();
    await server.stop();
    assertEquals(meterProvider.callbacks.size, 0);
  }
  using taken = Deno.listen(LISTEN);
  const listen = { ...LISTEN, port: taken.addr.port };
  const unable = createTopicsServer({ listen, meterProvider });
  await assertRejects(() => unable.start());
  assertEquals(meterProvider.callbacks.size, 0);
});

Deno.test("a provider whose flush hangs or fails holds nobody up", async () => {
  for (
    const flush of [() => Promise.reject(new Error("no receiver")), () => new Promise(() => {})]
  ) {
    const meterProvider = createCountingProvider(flush);
    const config = parseConfig({ listen: LISTEN, drain: { delay: "0s", timeout: "100ms" } });
    const server = await serve(config, { meterProvider });
    await server.drain();
    assertEquals([server.state, meterProvider.callbacks.size], ["stopped", 0]);
  }
});

Deno.test("nodes that have stopped leave no list of mailboxes", async () => {
  const provider = createCountingProvider();
  const telemetry = createTelemetry({ meterProviders: [provider] });
  for (let i = 0; i < 3; i++) {
    const node = createNode({ telemetry });
    node.spawn(async (self) => {
      for await (const _ of self);
    }, { name: "idle" });
    assertEquals(provider.read("troupe.mailbox.depth").length, 1);
    await node.stop();
    assertEquals(provider.read("troupe.mailbox.depth"), []);
  }
  telemetry.close();
});

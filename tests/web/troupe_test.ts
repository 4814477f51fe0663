import { EVENT_DEFAULTS, EventCodec } from "../../src/events/mod.ts";
import { Ws } from "../../src/web/troupe.js";
import { CLOSE_CODES } from "../../src/websocket/mod.ts";
import {
  assert,
  assertEquals,
  assertGreater,
  assertGreaterOrEqual,
  assertLessOrEqual,
  assertThrows,
} from "../helpers/assert.ts";
import { connected, disconnected, next, startStage } from "./troupe_stage.ts";

Deno.test("Ws.mayReconnect() agrees with the table of close codes", () => {
  for (const { code, name, reconnect } of Object.values(CLOSE_CODES)) {
    assertEquals(Ws.mayReconnect(code), reconnect, `${code} ${name}`);
  }
  for (let code = 4000; code <= 4999; code++) {
    assertEquals(Ws.mayReconnect(code), code < 4500, String(code));
  }
});

Deno.test("Ws.delayMs() doubles up to its bound and leaves half to chance", () => {
  const options = { minDelayMs: 100, maxDelayMs: 1_000 };
  const at = (random: number) => [0, 1, 2, 3, 4, 99].map((n) => Ws.delayMs(n, random, options));
  assertEquals(at(0), [50, 100, 200, 400, 500, 500]);
  assertEquals(at(1), [100, 200, 400, 800, 1_000, 1_000]);
  const delays = new Set(Array.from({ length: 20 }, () => Ws.delayMs(3)));
  assertGreater(delays.size, 10);
  for (const delay of delays) {
    assertGreaterOrEqual(delay, 2_000);
    assertLessOrEqual(delay, 4_000);
  }
});

Deno.test("Ws.DEFAULTS has the prefix of the server", () => {
  assertEquals(Ws.DEFAULTS.eventPrefix, EVENT_DEFAULTS.eventPrefix);
});

for (
  const data of ["text;x", "", 42, -1.5, true, false, null, { a: [1, "x;y"] }, undefined]
) {
  Deno.test(`Ws.Emit() sends ${Deno.inspect(data)} as the codec writes it, and reads it back`, async () => {
    await using stage = startStage();
    stage.server.onConnection((connection) => {
      connection.onMessage(() => {});
      connection.on("event", (value, text) => {
        connection.emit("told", text);
        connection.emit("back", value);
      });
    });
    const ws = stage.open();
    const [told, back] = [next(ws, "told"), next(ws, "back")];
    assertEquals(ws.Emit("event", data), true);
    const codec = new EventCodec({ eventPrefix: "m:", binaryMessages: false });
    const { text, data: value } = codec.decode(codec.encode("event", data).body)!;
    assertEquals((await told)[0], text);
    assertEquals(await back, [text, value]);
  });
}

Deno.test("Ws.Emit() and Ws.On() carry bytes that are no text", async () => {
  await using stage = startStage();
  stage.server.onConnection((connection) => {
    connection.on("bytes", (data) => connection.to(connection.id).emit("bytes", data));
  });
  const ws = stage.open();
  const bytes = new Uint8Array([0xff, 0x3b, 0]);
  const back = next(ws, "bytes");
  ws.Emit("bytes", bytes);
  assertEquals((await back)[1], bytes);
});

Deno.test("Ws.Emit() refuses names and data that cannot be sent", async () => {
  await using stage = startStage();
  const ws = stage.open();
  for (const name of ["", "a;b"]) assertThrows(() => ws.Emit(name), TypeError, "without");
  for (const data of [NaN, () => {}]) {
    assertThrows(() => ws.Emit("x", data), TypeError, "finite number");
  }
  await connected(ws);
});

Deno.test("Ws.OnMessage() gets native messages, as text and as bytes", async () => {
  await using stage = startStage();
  stage.server.onConnection((connection) => {
    connection.emitMessage("m:no event at all");
    connection.emitMessage(new Uint8Array([0xff]));
  });
  const ws = stage.open();
  const got: unknown[] = [];
  await new Promise<void>((resolve) =>
    ws.OnMessage((message) => {
      if (got.push(message) === 2) resolve();
    })
  );
  assertEquals(got[0], "m:no event at all");
  assertEquals(new Uint8Array(got[1] as ArrayBuffer), new Uint8Array([0xff]));
});

Deno.test("Ws.EmitMessage() sends a native message", async () => {
  await using stage = startStage();
  const got = Promise.withResolvers<unknown>();
  stage.server.onConnection((connection) => connection.onMessage(got.resolve));
  assertEquals(stage.open().EmitMessage("native"), true);
  assertEquals(await got.promise, "native");
});

Deno.test("Ws reads a server that sends binary messages", async () => {
  await using stage = startStage({ binaryMessages: true });
  stage.server.onConnection((connection) => connection.emit("event", { a: "ü" }));
  assertEquals(await next(stage.open(), "event"), ['{"a":"ü"}', { a: "ü" }]);
});

Deno.test("Ws.OnConnect() is called at once when it is connected", async () => {
  await using stage = startStage();
  const ws = stage.open();
  assertEquals(ws.isReady, false);
  await connected(ws);
  await Promise.resolve();
  assertEquals(ws.isReady, true);
  let isCalled = false;
  ws.OnConnect(() => void (isCalled = true));
  assertEquals(isCalled, true);
});

Deno.test("Ws reconnects after a loss and sends then what was queued, after OnConnect", async () => {
  await using stage = startStage();
  const got: string[] = [];
  const [first, all] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  stage.server.onConnection((connection) => {
    connection.on("say", (text: string) => {
      if (got.push(text) === 1) first.resolve();
      if (got.length === 4) all.resolve();
    });
  });
  const ws = stage.open();
  await connected(ws);
  ws.OnConnect(() => void ws.Emit("say", "hello"));
  await first.promise;
  const lost = disconnected(ws);
  stage.proxy.cut();
  const { code, reconnectInMs } = await lost;
  assertEquals(code, 1006);
  assert(reconnectInMs !== undefined && reconnectInMs <= 20);
  assertEquals([ws.Emit("say", "queued 1"), ws.Emit("say", "queued 2")], [true, true]);
  assertEquals(ws.queued, 2);
  stage.proxy.mend();
  await all.promise;
  assertEquals(got, ["hello", "hello", "queued 1", "queued 2"]);
  assertEquals(ws.queued, 0);
});

Deno.test("Ws tells a loss once, however often it tries again", async () => {
  await using stage = startStage();
  const ws = stage.open();
  await connected(ws);
  let losses = 0;
  ws.OnDisconnect(() => void losses++);
  const lost = disconnected(ws);
  stage.proxy.cut();
  await lost;
  const before = stage.proxy.accepted;
  while (stage.proxy.accepted < before + 3) await new Promise((resolve) => setTimeout(resolve, 1));
  assertEquals(losses, 1);
  stage.proxy.mend();
  await new Promise<void>((resolve) => ws.OnConnect(resolve));
});

Deno.test("Ws refuses what its queue has no room for", async () => {
  await using stage = startStage();
  stage.proxy.cut();
  const ws = stage.open({ queueSize: 2 });
  assertEquals([1, 2, 3].map((n) => ws.Emit("n", n)), [true, true, false]);
});

for (const code of [1000, 4503]) {
  Deno.test(`Ws gives up when the server closes with ${code}`, async () => {
    await using stage = startStage();
    const connection = stage.nextConnection();
    const ws = stage.open();
    const ended = disconnected(ws);
    (await connection).disconnect(code, "that was all");
    assertEquals(await ended, { code, reason: "that was all", reconnectInMs: undefined });
    assertEquals([ws.Emit("x"), ws.queued, ws.isReady, ws.isOver], [false, 0, false, true]);
  });
}

for (const code of [1012, 4002]) {
  Deno.test(`Ws comes back when the server closes with ${code}`, async () => {
    await using stage = startStage();
    const connection = stage.nextConnection();
    const ws = stage.open();
    const first = await connection;
    const second = stage.nextConnection();
    first.disconnect(code);
    assert((await second).id !== first.id);
    assert(ws.Emit("x"));
  });
}

Deno.test("Ws does not come back when it is told not to", async () => {
  await using stage = startStage();
  const ws = stage.open({ reconnect: false });
  await connected(ws);
  const lost = disconnected(ws);
  stage.proxy.cut();
  assertEquals((await lost).reconnectInMs, undefined);
});

Deno.test("Ws.Disconnect() ends it for good, also while it waits to try again", async () => {
  await using stage = startStage();
  const ws = stage.open({ minDelayMs: 60_000, maxDelayMs: 60_000 });
  await connected(ws);
  const lost = disconnected(ws);
  stage.proxy.cut();
  await lost;
  ws.Emit("x");
  const ended = new Promise((resolve) => ws.OnDisconnect(resolve));
  ws.Disconnect();
  assertEquals(await ended, { code: 1000, reason: "", reconnectInMs: undefined });
  assertEquals([ws.queued, ws.Emit("x")], [0, false]);
});

Deno.test("Ws.Disconnect() in an OnConnect listener ends it before the others are called", async () => {
  await using stage = startStage();
  const ws = stage.open();
  const seen: unknown[] = [];
  ws.OnConnect(() => {
    ws.Disconnect();
    queueMicrotask(() => seen.push(["after the listeners", ws.isReady, ws.isOver]));
  });
  ws.OnConnect(() => void seen.push("second listener"));
  assertEquals((await disconnected(ws)).reconnectInMs, undefined);
  assertEquals(seen, [["after the listeners", false, true]]);
});

Deno.test("Ws takes an option that is undefined for one that is not given", async () => {
  await using stage = startStage();
  const got = Promise.withResolvers<unknown>();
  stage.server.onConnection((connection) => connection.on("event", got.resolve));
  const ws = stage.open({ eventPrefix: undefined, queueSize: undefined });
  const all = Array.from({ length: Ws.DEFAULTS.queueSize + 1 }, (_, n) => ws.Emit("event", n));
  assertEquals(all.indexOf(false), Ws.DEFAULTS.queueSize);
  assertEquals(await got.promise, 0);
});

Deno.test("Ws takes options that are null for none", async () => {
  await using stage = startStage();
  const connection = stage.nextConnection();
  const ended = disconnected(new Ws(stage.endpoint, null, null as never));
  (await connection).disconnect();
  assertEquals((await ended).code, 1000);
});

Deno.test("Ws takes an endpoint without a scheme, as the original does", async () => {
  await using stage = startStage();
  const connection = stage.nextConnection();
  const ws = new Ws(stage.endpoint, null, { reconnect: false });
  const ended = disconnected(ws);
  (await connection).disconnect();
  assertEquals((await ended).code, 1000);
});

Deno.test("troupe.js is a script that defines the global Ws and nothing else", async () => {
  const text = await Deno.readTextFile(new URL("../../src/web/troupe.js", import.meta.url));
  const { runInNewContext } = await import("node:vm");
  const context: Record<string, unknown> = { TextEncoder, TextDecoder };
  runInNewContext(text, context);
  assertEquals(Object.keys(context), ["TextEncoder", "TextDecoder", "Ws"]);
  assertEquals(typeof context.Ws, "function");
});

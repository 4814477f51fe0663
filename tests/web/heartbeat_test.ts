import { HEARTBEAT_EVENTS } from "../../src/events/mod.ts";
import { createNode } from "../../src/actor/mod.ts";
import { createEventServer } from "../../src/events/mod.ts";
import type { WsEnd } from "../../src/web/troupe.js";
import { assert, assertEquals } from "../helpers/assert.ts";
import { FakePage } from "./fake_page.ts";
import { connected, disconnected, startStage } from "./troupe_stage.ts";

const PING = `m:${HEARTBEAT_EVENTS.ping};0;`;
const PONG = `m:${HEARTBEAT_EVENTS.pong};0;`;
const REASON = "no answer to a heartbeat";

/** A page with a client that is connected, and what `OnDisconnect` was told. */
function openPage(options = {}) {
  const page = new FakePage();
  const ws = page.open(options);
  const ends: WsEnd[] = [];
  ws.OnDisconnect((end) => void ends.push(end));
  page.socket.open();
  return { page, ws, ends };
}

/** The same, whose server has answered a heartbeat. */
function openAnswered(options = {}) {
  const opened = openPage(options);
  opened.page.advance(30_000);
  opened.page.socket.receive(PONG);
  opened.page.advance(30_000);
  return opened;
}

Deno.test("Ws asks a quiet server after heartbeatMs and not before", () => {
  const { page } = openPage();
  page.advance(29_999);
  assertEquals(page.socket.sent, []);
  page.advance(1);
  assertEquals(page.socket.sent, [PING]);
});

Deno.test("Ws asks nobody from whom something came", () => {
  const { page } = openPage();
  for (let n = 0; n < 10; n++) {
    page.advance(20_000);
    page.socket.receive("news");
  }
  assertEquals(page.socket.sent, []);
});

Deno.test("Ws connects anew when a heartbeat is not answered, and says why", () => {
  const { page, ends } = openAnswered();
  page.advance(30_000 + 30_000 + 1_000);
  assertEquals(page.sockets.length, 1);
  assertEquals(ends.map(({ code, reason }) => [code, reason]), [[1006, REASON]]);
  page.advance(500);
  assertEquals(page.sockets.length, 2);
});

Deno.test("Ws goes on with a server that answers each heartbeat", () => {
  const { page, ends } = openPage();
  const { socket } = page;
  for (let ms = 0, answered = 0; ms < 1_000_000; ms += 100) {
    page.advance(100);
    if (socket.sent.length > answered) {
      answered++;
      socket.receive(PONG);
    }
  }
  assertEquals([page.sockets.length, ends], [1, []]);
  assert(socket.sent.length > 15);
});

for (const heartbeatMs of [0, false] as const) {
  Deno.test(`Ws never asks with heartbeatMs ${heartbeatMs}`, () => {
    const { page } = openPage({ heartbeatMs });
    page.advance(1_000_000);
    assertEquals([page.sockets.length, page.socket.sent, page.pending], [1, [], 0]);
  });
}

Deno.test("Ws doubts a server that never answers a single time", () => {
  const { page } = openPage();
  page.advance(70_000);
  assertEquals(page.sockets.length, 2);
  page.socket.open();
  page.advance(10_000_000);
  assertEquals([page.sockets.length, page.socket.sent], [2, [PING]]);
});

Deno.test("Ws never doubts an older server that says something else than the answer", () => {
  const { page, ends } = openPage();
  page.advance(30_000);
  page.socket.receive("news");
  page.advance(10_000_000);
  assertEquals([page.sockets.length, ends], [1, []]);
});

Deno.test("Ws judges nobody for its own lateness", () => {
  const { page, ends } = openAnswered();
  const { socket } = page;
  page.advance(30_000);
  const asked = socket.sent.length;
  // Suspended while the answer is on its way; timers fire before what arrived is read.
  page.suspend(3_600_000);
  assertEquals([ends, socket.sent.length], [[], asked + 1]);
  page.advance(29_000);
  socket.receive(PONG);
  page.advance(40_000);
  assertEquals(ends, []);
});

Deno.test("Ws reads what arrived before it judges, also when it is late a second time", () => {
  const { page, ends } = openAnswered();
  page.advance(30_000);
  page.advance(30_000);
  // In the grace, whose own timer is late.
  page.suspend(5_000);
  page.socket.receive(PONG);
  page.advance(31_000);
  assertEquals(ends, []);
});

Deno.test("Ws judges in the end, also if its timers are late for ever", () => {
  const { page, ends } = openAnswered();
  for (let n = 0; n < 10; n++) page.suspend(60_000);
  assertEquals(ends.length, 1);
});

Deno.test("Ws shows no listener a heartbeat, sent back or answered", () => {
  const { page, ws } = openPage();
  const seen: unknown[] = [];
  ws.OnMessage((message) => void seen.push(message));
  for (const event of Object.values(HEARTBEAT_EVENTS)) ws.On(event, (text) => void seen.push(text));
  for (const message of [PING, PONG]) page.socket.receive(message);
  assertEquals(seen, []);
});

for (const event of ["online", "visibilitychange"]) {
  const tell = ({ window, document }: FakePage) =>
    (event === "online" ? window : document).dispatchEvent(new Event(event));

  Deno.test(`Ws does not wait out its back-off after ${event}`, () => {
    const { page } = openPage({ minDelayMs: 10, maxDelayMs: 600_000 });
    for (let n = 1; n < 14; n++) {
      page.socket.end(1006);
      while (page.sockets.length === n) page.advance(100);
    }
    page.socket.end(1006);
    page.advance(10_000);
    assertEquals(page.sockets.length, 14);
    tell(page);
    page.advance(10);
    assertEquals(page.sockets.length, 15);
  });

  Deno.test(`Ws asks at once after ${event}`, () => {
    const { page } = openPage();
    tell(page);
    tell(page);
    assertEquals(page.socket.sent, [PING]);
  });

  Deno.test(`Ws.Disconnect() hears no more of ${event}`, () => {
    const { page, ws } = openPage();
    ws.Disconnect();
    page.socket.end(1000);
    tell(page);
    page.advance(600_000);
    assertEquals([page.sockets.length, page.socket.sent, page.pending], [1, [], 0]);
  });
}

Deno.test("Ws does nothing when the page is hidden", () => {
  const { page } = openPage();
  page.document.visibilityState = "hidden";
  page.document.dispatchEvent(new Event("visibilitychange"));
  assertEquals(page.socket.sent, []);
});

Deno.test("Ws gives up an attempt that has no end", () => {
  const page = new FakePage();
  page.open();
  page.advance(31_000);
  assertEquals(page.sockets.length, 2);
});

Deno.test("Ws.Disconnect() tells the end although the network is dead", () => {
  const { page, ws, ends } = openPage();
  ws.Disconnect();
  page.advance(5_000);
  assertEquals(ends.map(({ code, reconnectInMs }) => [code, reconnectInMs]), [[1006, undefined]]);
  assertEquals(page.pending, 0);
});

Deno.test("Ws notices a network that forgot the connection, over real sockets", async () => {
  await using stage = startStage();
  const ws = stage.open({ heartbeatMs: 100 });
  await connected(ws);
  const lost = disconnected(ws);
  stage.proxy.freeze();
  assertEquals((await lost).reason, REASON);
  await connected(ws);
});

for (const binaryMessages of [false, true]) {
  Deno.test(`an event server answers a heartbeat ahead of its turn, binary ${binaryMessages}`, async () => {
    const server = createEventServer({ binaryMessages, eventPrefix: "ü:" });
    await using node = createNode();
    node.spawn(server.run);
    const hostname = "127.0.0.1";
    await using listener = Deno.serve({ hostname, port: 0, onListen: () => {} }, server.handler);
    const seen: unknown[] = [];
    server.onConnection((connection) => {
      connection.onMessage((body) => void seen.push(body));
      connection.on(HEARTBEAT_EVENTS.ping, (data) => void seen.push(data));
      // Never settles: what comes later waits for ever.
      return new Promise(() => {});
    });
    const socket = new WebSocket(`ws://${hostname}:${listener.addr.port}/`);
    socket.binaryType = "arraybuffer";
    const answers: string[] = [];
    const closed = new Promise((resolve) => socket.onclose = resolve);
    await new Promise<void>((resolve) => {
      const ping = PING.replace("m:", "ü:");
      socket.onopen = () => [ping, new TextEncoder().encode(ping)].forEach((m) => socket.send(m));
      socket.onmessage = ({ data }) => {
        answers.push(typeof data === "string" ? data : new TextDecoder().decode(data));
        if (answers.length === 2) resolve();
      };
    });
    socket.close();
    assertEquals(answers, Array(2).fill(PONG.replace("m:", "ü:")));
    assertEquals(seen, []);
    await node.stop();
    await closed;
  });
}

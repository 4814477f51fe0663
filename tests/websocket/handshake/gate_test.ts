import type { Pid } from "../../../src/actor/mod.ts";
import { type Admitted, Gate } from "../../../src/websocket/handshake/gate.ts";
import type { WebSocketConnection } from "../../../src/websocket/connection/connection.ts";
import {
  type Handshake,
  type Refusal,
  unavailable,
} from "../../../src/websocket/handshake/handshake.ts";
import {
  type Accept,
  type HandlerOptions,
  resolveOptions,
} from "../../../src/websocket/options.ts";
import { Population } from "../../../src/websocket/population.ts";
import { assert, assertEquals } from "../../helpers/assert.ts";
import { SAMPLE_KEY } from "../../../src/testing/handshake.ts";
import { ManualClock } from "../../../src/testing/manual_clock.ts";
import { echoes, Inbox } from "../inbox.ts";
import { captureLogs } from "../logs.ts";
import { serveHandler } from "../stage.ts";
import { serveWs } from "../ws_stage.ts";

const TARGET = "<a@b/0/1>" as Pid;

function handshake(headers: Record<string, string> = {}): Handshake {
  const url = "http://a.example/ws";
  const all = {
    host: "a.example",
    upgrade: "websocket",
    connection: "Upgrade",
    "sec-websocket-key": SAMPLE_KEY,
    "sec-websocket-version": "13",
    ...headers,
  };
  return { method: "GET", url, headers: all, toRequest: () => new Request(url, { headers: all }) };
}

/** A gate whose connections are those it has admitted. */
function openGate(options: HandlerOptions = {}) {
  const state = {
    connections: 0,
    closed: undefined as string | undefined,
    target: TARGET as Pid | undefined,
    asked: [] as (string | undefined)[],
  };
  const clock = new ManualClock();
  const population = new Population<WebSocketConnection>();
  const left: [address: string | undefined, leave: () => void][] = [];
  const gate = new Gate({
    clock,
    closedBecause: () => state.closed,
    population: {
      get total() {
        return state.connections;
      },
      totalOf: (address) => population.countOf(address),
    },
    findTarget: (name) => {
      state.asked.push(name);
      const { target } = state;
      return target === undefined ? unavailable("nobody is there", "no_process") : { pid: target };
    },
  }, resolveOptions(options));
  const enter = (answer: Refusal | Admitted): number => {
    if ("status" in answer) return answer.status;
    state.connections++;
    left.push([answer.address, population.expect(answer.address)]);
    return 101;
  };
  const ask = (address = "1.1.1.1", parts = handshake(), headerCount?: number) =>
    gate.admit(parts, { address, headerCount, remoteAddr: `${address}:5` }, enter);
  const leave = (address: string) => {
    const index = left.findIndex(([each]) => each === address);
    left.splice(index, 1)[0]![1]();
  };
  return { gate, state, ask, clock, leave };
}

Deno.test("Gate admits with the target and the subprotocol, at once", () => {
  const { gate } = openGate({ subprotocols: ["chat"] });
  const parts = handshake({ "sec-websocket-protocol": "x,chat" });
  const answer = gate.admit(parts, { address: "1.1.1.1" }, (admitted) => admitted);
  assertEquals(answer, { target: TARGET, protocol: "chat", address: "1.1.1.1" });
});

Deno.test("Gate refuses in order: closed, headers, handshake, origin, limits, target", () => {
  const { state, ask } = openGate({ maxConnections: 1, origins: "https://a.net" });
  const foreign = handshake({ origin: "https://evil.net" });
  state.closed = "the handler is not running";
  state.target = undefined;
  state.connections = 1;
  const bad = { ...foreign, method: "POST" };
  const answers = [ask("1.1.1.1", bad, 101)];
  state.closed = undefined;
  answers.push(ask("1.1.1.1", bad, 101), ask("1.1.1.1", bad, 100), ask("1.1.1.1", foreign));
  answers.push(ask());
  state.connections = 0;
  answers.push(ask());
  state.target = TARGET;
  answers.push(ask());
  assertEquals(answers, [503, 431, 405, 403, 503, 503, 101]);
});

Deno.test("Gate answers 429 beyond maxConnectionsPerIp, for that address alone", () => {
  const { leave, ask } = openGate({ maxConnectionsPerIp: 2 });
  assertEquals([ask("1.1.1.1"), ask("1.1.1.1"), ask("1.1.1.1")], [101, 101, 429]);
  assertEquals(ask("2.2.2.2"), 101);
  leave("1.1.1.1");
  assertEquals([ask("1.1.1.1"), ask("1.1.1.1")], [101, 429]);
});

Deno.test("Gate says what is wrong and when to come again", () => {
  const { gate, ask } = openGate({ maxConnectionsPerIp: 1 });
  ask();
  const refusal = gate.admit(handshake(), { address: "1.1.1.1" }, (answer) => answer);
  assertEquals(refusal, {
    status: 429,
    reason: "Cannot upgrade: 1 connections of 1.1.1.1 are open, expected at most 1",
    headers: { "retry-after": "5" },
  });
});

Deno.test("Gate keeps its limits when origin checks of several are answered in one turn", async () => {
  const gate = Promise.withResolvers<boolean>();
  for (const limits of [{ maxConnections: 2 }, { maxConnectionsPerIp: 2 }]) {
    const { ask } = openGate({ checkOrigin: () => gate.promise, ...limits });
    const answers = Array.from({ length: 5 }, () => ask());
    assert(answers.every((answer) => answer instanceof Promise));
    gate.resolve(true);
    const refused = "maxConnections" in limits ? 503 : 429;
    assertEquals(await Promise.all(answers), [101, 101, refused, refused, refused]);
  }
});

Deno.test("Gate asks accept after every check, once, and gives its attributes along", () => {
  const asked: string[] = [];
  const { gate, state, ask } = openGate({
    maxConnections: 1,
    accept: ({ request }) => {
      asked.push(request.url);
      return { attributes: { user: 1 } };
    },
  });
  const foreign = handshake({ origin: "https://evil.net" });
  assertEquals(ask("1.1.1.1", { ...handshake(), method: "POST" }), 405);
  assertEquals(ask("1.1.1.1", foreign), 403);
  state.connections = 1;
  assertEquals([ask(), asked], [503, []]);
  state.connections = 0;
  const answer = gate.admit(handshake(), { address: "1.1.1.1" }, (admitted) => admitted);
  const attributes = { user: 1 };
  assertEquals(answer, { target: TARGET, protocol: "", address: "1.1.1.1", attributes });
  assertEquals(asked, ["http://a.example/ws"]);
});

Deno.test("Gate answers 500 for an accept that throws or gives what is no answer, and logs why", async () => {
  await using logs = captureLogs();
  const attributes: unknown[] = [5, "text", null, ["list"], { f() {} }];
  const wrong: unknown[] = [
    ...attributes.map((value) => ({ attributes: value })),
    ...[5, true, false, "text", null, [], Promise.resolve(5)],
    // Each of these means a refusal, and says nothing that a welcome has.
    new Response("no", { status: 401 }),
    new Error("no"),
    { status: 401, text: "no" },
    { atributes: { user: 1 } },
    ...[5, ""].map((target) => ({ target })),
    ...[5, "a b"].map((protocol) => ({ protocol })),
    ...[
      5,
      [["set-cookie"]],
      { "set cookie": "a" },
      { "x-a": "a\r\nx-b: c" },
      { "x-a": 5 },
      { "x-a": "\u00e4" },
      { Upgrade: "h2c" },
      { "Sec-WebSocket-Accept": "x" },
      { "content-length": "5" },
    ].map((headers) => ({ headers })),
  ];
  const functions = [
    () => {
      throw new Error("no database");
    },
    () => Promise.reject(new Error("no database")),
    ...wrong.map((value) => () => value),
  ] as Accept[];
  for (const accept of functions) {
    assertEquals(await openGate({ accept }).ask(), 500, accept.toString());
  }
  assertEquals((await logs.lines("error")).length, functions.length);
});

Deno.test("Gate keeps its limits when several are accepted in one turn", async () => {
  for (const limits of [{ maxConnections: 2 }, { maxConnectionsPerIp: 2 }]) {
    const given = Promise.withResolvers<undefined>();
    const { ask } = openGate({ accept: () => given.promise, ...limits });
    const answers = Array.from({ length: 5 }, () => ask());
    given.resolve(undefined);
    const refused = "maxConnections" in limits ? 503 : 429;
    assertEquals(await Promise.all(answers), [101, 101, refused, refused, refused]);
  }
});

Deno.test("Gate waits for accept no longer than handshakeTimeoutMs, and aborts its signal", async () => {
  const never = new Promise<undefined>(() => {});
  const signals: AbortSignal[] = [];
  const accept: Accept = ({ signal }) => {
    signals.push(signal);
    return never;
  };
  const { ask, clock } = openGate({ handshakeTimeoutMs: 20, accept });
  const asked = ask();
  await clock.advance(19);
  assertEquals([clock.pending, signals.map(({ aborted }) => aborted)], [1, [false]]);
  await clock.advance(1);
  assertEquals([await asked, signals.map(({ aborted }) => aborted)], [408, [true]]);
  assertEquals(signals[0]!.reason.name, "TimeoutError");
});

Deno.test("Gate gives checkOrigin and accept one time together", async () => {
  const welcome = Promise.withResolvers<boolean>();
  const { ask, clock } = openGate({
    handshakeTimeoutMs: 20,
    checkOrigin: () => welcome.promise,
    accept: () => new Promise(() => {}),
  });
  const asked = ask();
  await clock.advance(15);
  welcome.resolve(true);
  await clock.advance(5);
  assertEquals(await asked, 408);
});

Deno.test("Gate asks checkOrigin in place of origins, and accept of whom it lets in", async () => {
  const seen: string[] = [];
  const { ask } = openGate({
    origins: "https://a.net",
    checkOrigin: ({ headers }) => headers.get("origin") === "https://b.net",
    accept: ({ remoteAddr }) => void seen.push(remoteAddr),
  });
  assertEquals(ask("1.1.1.1", handshake({ origin: "https://a.net" })), 403);
  assertEquals(ask("1.1.1.1", handshake()), 403);
  assertEquals(seen, []);
  assertEquals(await ask("1.1.1.1", handshake({ origin: "https://b.net" })), 101);
  assertEquals(seen, ["1.1.1.1:5"]);
});

Deno.test("Gate sends to the target that accept names, else to that of the endpoint", () => {
  const accept: Accept = ({ params }) => ({ target: params["vip"] });
  const { gate, state } = openGate({ target: "game/:room", accept });
  const ask = (params: Record<string, string>) =>
    gate.admit(
      handshake(),
      { address: "1.1.1.1", params },
      (answer) => "status" in answer ? answer.status : answer.targetName,
    );
  assertEquals(ask({ room: "a b" }), "game/a b");
  assertEquals(ask({ room: "a", vip: "lounge" }), "lounge");
  assertEquals(state.asked, ["game/a b", "lounge"]);
  state.target = undefined;
  assertEquals(ask({ room: "a" }), 503);
  assertEquals(ask({}), 500);
});

Deno.test("Gate tells two params of one target apart, whatever slashes are in them", () => {
  const { gate } = openGate({ target: "game/:room/:seat" });
  const ask = (params: Record<string, string>) =>
    gate.admit(
      handshake(),
      { address: "1.1.1.1", params },
      (answer) => "status" in answer ? answer.reason : answer.targetName,
    );
  assertEquals(ask({ room: "a", seat: "1" }), "game/a/1");
  assertEquals(
    ask({ room: "a/b", seat: "1" }),
    "Cannot upgrade: got a slash in room of the path, expected none",
  );
});

Deno.test("Gate takes the subprotocol of accept if it was offered, else it is a 400", () => {
  const { gate } = openGate({ subprotocols: ["a"], accept: () => ({ protocol: "b" }) });
  const ask = (offered: Record<string, string>) =>
    gate.admit(
      handshake(offered),
      { address: "1.1.1.1" },
      (answer) => "status" in answer ? answer.status : answer.protocol,
    );
  assertEquals(ask({ "sec-websocket-protocol": "a, b" }), "b");
  assertEquals([ask({ "sec-websocket-protocol": "a" }), ask({})], [400, 400]);
});

Deno.test("Gate counts addresses whether a limit holds or not, so that a new one sees them", () => {
  const { gate, leave, ask } = openGate();
  assertEquals([ask(), ask(), ask("2.2.2.2")], [101, 101, 101]);
  gate.reconfigure(resolveOptions({ maxConnectionsPerIp: 2 }));
  assertEquals([ask(), ask("2.2.2.2"), ask("2.2.2.2")], [429, 101, 429]);
  leave("1.1.1.1");
  assertEquals([ask(), ask()], [101, 429]);
});

Deno.test("Gate.reconfigure() takes new limits and origins, or none of them", () => {
  const { gate, ask } = openGate({ maxConnections: 1 });
  assertEquals([ask(), ask()], [101, 503]);
  gate.reconfigure(resolveOptions({ maxConnections: 2, origins: "https://a.net" }));
  assertEquals(ask("1.1.1.1", handshake({ origin: "https://evil.net" })), 403);
  assertEquals([ask(), ask()], [101, 503]);
});

for (const [engine, serve] of [["ws", serveWs], ["native", serveHandler]] as const) {
  Deno.test(`maxConnectionsPerIp on ${engine} that is set later sees those that are open`, async () => {
    await using served = await serve({});
    await using first = await served.open();
    await using _second = await served.open();
    served.handler.reconfigure({ maxConnectionsPerIp: 2 });
    assertEquals((await served.handshake()).status, 429);
    first.close();
    await served.parent.take("disconnect");
    assertEquals((await served.handshake()).status, 101);
  });

  Deno.test(`maxConnectionsPerIp on ${engine} holds for handshakes at one time, and is given back`, async () => {
    const options = { maxConnectionsPerIp: 3, parent: new Inbox(echoes) } as const;
    await using served = await serve(options);
    const answers = await Promise.allSettled(Array.from({ length: 8 }, () => served.open()));
    const clients = answers.flatMap((each) => each.status === "fulfilled" ? [each.value] : []);
    assertEquals(clients.length, 3);
    const { status, headers } = await served.refusal();
    assertEquals([status, headers.get("retry-after")], [429, "5"]);
    clients[0]!.close();
    await served.parent.take("disconnect");
    await using again = await served.open();
    assertEquals((await served.handshake()).status, 429);
    for (const client of [...clients, again]) client.close();
    await served.parent.count("disconnect", 4);
    assertEquals((await served.handshake()).status, 101);
  });
}

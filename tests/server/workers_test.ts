import { fileURLToPath } from "node:url";
import { SignJWT } from "jose";
import { askApi, TOKENS } from "../api/stage.ts";
import { eventually, join, NATS, withBroker } from "../cluster/stage.ts";
import { assertEquals, assertGreater, assertStringIncludes } from "../helpers/assert.ts";
import { testWith } from "../helpers/needs.ts";
import { Program } from "../helpers/program.ts";
import { OPCODE } from "../../src/testing/frames.ts";
import { RawClient } from "../../src/testing/raw_client.ts";
import { temporaryFiles } from "./stage.ts";

const MAIN = fileURLToPath(new URL("../../main.ts", import.meta.url));

/** Tells which worker it is on, asks the other one, and ends its thread. */
const WHO = `
export default async function who(self) {
  const other = self.node.includes("/1@") ? "troupe/2@localhost" : "troupe/1@localhost";
  for await (const { message, reply } of self) {
    if (reply !== undefined) reply(self.node);
    else if (message.kind === "message" && message.body === "exit") Deno.exit(3);
    else if (message.kind === "message" && message.body === "loop") for (;;);
    else if (message.kind === "message") {
      const there = await self.call({ name: "who", node: other }, "who").catch((error) => error.code);
      self.send(message.id, { kind: "message", type: message.type, body: self.node + " " + there });
    }
  }
}
`;

async function serveTwo(
  config: Record<string, unknown> = {},
  more: Record<string, string> = {},
) {
  const stack = new AsyncDisposableStack();
  const files = stack.use(
    await temporaryFiles({
      "who.js": WHO,
      ...more,
      "troupe.json": JSON.stringify({
        node: { workers: 2 },
        listen: { port: 0 },
        log: { format: "json" },
        processes: { who: { module: "./who.js" } },
        endpoints: { "/who": { pool: ["who"], maxConnections: 12 } },
        ...config,
      }),
    }),
  );
  const args = ["run", "-A", MAIN, "serve", "-c", "troupe.json"];
  const program = stack.use(
    new Program({ args, cwd: files.path, env: { XDG_STATE_HOME: files.path } }),
  );
  const port = await program.port();
  await program.find("both", (line) => line.includes("workers share port") || undefined);
  return {
    program,
    port,
    url: `http://127.0.0.1:${port}`,
    open: () => RawClient.open({ port, path: "/who" }),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

async function ask(client: RawClient): Promise<string[]> {
  await client.send({ opcode: OPCODE.text, payload: "who" });
  return (await client.readText()).split(" ");
}

async function activeOf(url: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(/^troupe_connections_active\{endpoint="\/who"\} (\d+)/m.exec(text)?.[1] ?? -1);
}

Deno.test("two workers share the port, reach each other, and are one program to the outside", async () => {
  await using stage = await serveTwo();
  const { program, port, url, open } = stage;
  await using clients = new AsyncDisposableStack();
  const nodes = new Set<string>();
  while (nodes.size < 2) {
    const client = clients.use(await open());
    const [here, there] = await ask(client);
    nodes.add(here!);
    assertEquals([here, there].toSorted(), ["troupe/1@localhost", "troupe/2@localhost"]);
    // The limit is that of both together.
    if (await activeOf(url) === 12) break;
  }
  assertEquals(nodes.size, 2);
  while (await activeOf(url) < 12) clients.use(await open());
  for (let attempt = 0; attempt < 6; attempt++) {
    await using client = await RawClient.connect({ port });
    assertEquals((await client.handshake({ path: "/who" })).status, 503);
  }
  const metrics = await (await fetch(`${url}/metrics`)).text();
  assertStringIncludes(metrics, 'troupe_started{worker="1"} 1');
  assertStringIncludes(metrics, 'troupe_started{worker="2"} 1');
  assertStringIncludes(metrics, 'troupe_connections_total{endpoint="/who"} 12');
  assertEquals(await (await fetch(`${url}/health/ready`)).text(), "ready\n");
  const startedMs = performance.now();
  program.signal("SIGTERM");
  assertEquals(await program.exitCode(), 0);
  assertGreater(8_500, performance.now() - startedMs);
  const workers = program.lines.flatMap((line) => /"worker":(\d)/.exec(line)?.[1] ?? []);
  assertEquals([...new Set(workers)].toSorted(), ["1", "2"]);
});

Deno.test("a worker that ends takes its own connections along, and is started again", async () => {
  await using stage = await serveTwo();
  const { open, port, url, program } = stage;
  await using clients = new AsyncDisposableStack();
  const byNode = new Map<string, RawClient>();
  while (byNode.size < 2) {
    const client = clients.use(await open());
    byNode.set((await ask(client))[0]!, client);
  }
  const [[, gone], [stays, client]] = [...byNode] as [[string, RawClient], [string, RawClient]];
  await gone.send({ opcode: OPCODE.text, payload: "exit" });
  await gone.readEnd();
  await eventually(
    "the other hears of it",
    async () => ["unreachable", "unknown"].includes((await ask(client))[1]!),
  );
  await eventually("it is there again", async () => {
    const [here, there] = await ask(client);
    return here === stays && there!.startsWith("troupe/");
  });
  await eventually("its counts are right", async () => await activeOf(url) >= 1);
  // Of those of the other one, the new one knows from its start.
  while (await activeOf(url) < 12) clients.use(await open());
  for (let attempt = 0; attempt < 6; attempt++) {
    await using late = await RawClient.connect({ port });
    assertEquals((await late.handshake({ path: "/who" })).status, 503);
  }
  assertEquals(program.lines.filter((line) => line.includes("has ended")).length, 1);
});

Deno.test("workers.killBlockedAfter ends a worker that loops, and the program if it loops on", async () => {
  await using stage = await serveTwo({ workers: { killBlockedAfter: "2s" } });
  const { open, program } = stage;
  await using clients = new AsyncDisposableStack();
  const byNode = new Map<string, RawClient>();
  while (byNode.size < 2) {
    const client = clients.use(await open());
    byNode.set((await ask(client))[0]!, client);
  }
  const [[here, looping], [, other]] = [...byNode] as [[string, RawClient], [string, RawClient]];
  await looping.send({ opcode: OPCODE.text, payload: "loop" });
  const line = await program.find("why", (line) => /it had not paused for 2 s/.exec(line)?.input);
  assertEquals(JSON.parse(line).index, Number(/\/(\d)@/.exec(here)![1]));
  assertEquals((await ask(other)).length, 2);
  assertEquals((await other.readClose()).code, 1001);
  assertEquals(await program.exitCode(), 1);
  assertStringIncludes(program.lines.join("\n"), "cannot be stopped");
});

testWith(
  NATS,
  "in a cluster each worker is a member, and the workers of one program reach each other",
  async (executable) => {
    await using broker = await withBroker(executable);
    await using other = await join("other@host", broker.url, { name: "troupe" });
    await using stage = await serveTwo({ cluster: { nats: { servers: broker.url } } });
    for (const index of [1, 2]) {
      const node = `troupe/${index}@localhost`;
      await other.cluster.whenUp(node);
      assertEquals(await other.node.call({ name: "who", node }, "who"), node);
    }
    await using client = await stage.open();
    assertEquals((await ask(client)).toSorted(), ["troupe/1@localhost", "troupe/2@localhost"]);
    assertEquals(stage.program.lines.filter((line) => line.includes('"level":"error"')), []);
  },
);

testWith(
  NATS,
  "in a cluster keyed processes are placed over the workers of all machines",
  async (executable) => {
    await using broker = await withBroker(executable);
    await using other = await join("other@host", broker.url, { name: "troupe" });
    await using stage = await serveTwo({
      cluster: { nats: { servers: broker.url } },
      processes: { room: { module: "./who.js", keyed: true, scope: "global" } },
      endpoints: { "/rooms/:name": { target: "room/:name" } },
    });
    const homes = new Map<string, string>();
    await eventually("both workers have some", async () => {
      for (let key = 0; key < 20; key++) {
        const home = await other.node.call(`room/${key}`, "who").catch(() => "");
        homes.set(`${key}`, String(home));
      }
      const found = new Set(homes.values());
      return found.size === 2 && !found.has("");
    });
    // Whichever worker a connection is on, its room is the one that there is.
    for (const name of [...homes.keys()].slice(0, 6)) {
      await using client = await RawClient.open({ port: stage.port, path: `/rooms/${name}` });
      // Shards may still be on their way to where they belong.
      await eventually("they agree", async () => {
        const [home] = await ask(client);
        return home === await other.node.call(`room/${name}`, "who");
      });
    }
  },
);

Deno.test("what keeps a worker from starting ends the program as it does without", async () => {
  await using files = await temporaryFiles({ "bad.js": "export const nothing = 1;" });
  const run = (config: Record<string, unknown>, ...more: string[]) => {
    Deno.writeTextFileSync(`${files.path}/troupe.json`, JSON.stringify(config));
    const args = ["run", "-A", MAIN, "serve", "--workers", "2", ...more];
    return new Program({ args, cwd: files.path });
  };
  const processes = { bad: { module: "./bad.js" } };
  const endpoints = { "/bad": { pool: ["bad"] } };
  await using module = run({ processes, endpoints }, "--port", "0");
  assertEquals(await module.exitCode(), 1);
  assertStringIncludes(module.lines.join("\n"), "its default export is missing");
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  await using busy = run({}, "--port", String(listener.addr.port));
  assertEquals(await busy.exitCode(), 1);
  assertStringIncludes(busy.lines.join("\n"), "the port is in use");
  await using native = run({}, "--engine", "native");
  assertEquals(await native.exitCode(), 2);
  assertStringIncludes(native.lines.join("\n"), 'is "native", which does not share its port');
});

Deno.test("the API of any worker reaches users and connections of all of them", async () => {
  const secret = "a secret of at least 32 characters";
  await using stage = await serveTwo({
    admin: { tokens: [{ name: "ops", token: TOKENS.admin, scopes: ["admin"] }] },
    endpoints: {
      "/who": { pool: ["who"], auth: { jwt: { secret, algorithms: ["HS256"] } } },
    },
  });
  const { port, url } = stage;
  const call = (method: string, path: string, body?: unknown) =>
    askApi(`${url}/api/v1`, method, path, { body });
  const token = await new SignJWT({}).setSubject("alice").setProtectedHeader({ alg: "HS256" })
    .sign(new TextEncoder().encode(secret));
  await using clients = new AsyncDisposableStack();
  const byNode = new Map<string, RawClient[]>();
  for (let count = 0; byNode.size < 2 && count < 100; count++) {
    const headers = { authorization: `Bearer ${token}` };
    const client = clients.use(await RawClient.open({ port, path: "/who", headers }));
    const [node] = await ask(client) as [string];
    byNode.set(node, [...byNode.get(node) ?? [], client]);
  }
  const all = [...byNode.values()].flat();
  // Whichever worker answers, it is the same.
  for (let turn = 0; turn < 4; turn++) {
    const sent = await call("POST", "/users/alice/send", { text: `news ${turn}` });
    assertEquals(sent.body, { nodes: 2, connections: all.length, missing: [] });
    for (const client of all) assertEquals(await client.readText(), `news ${turn}`);
  }
  const { body: { connections } } = await call("GET", "/connections?user=alice");
  assertEquals(connections.length, all.length);
  const nodes = new Set(connections.map(({ node }: { node: string }) => node));
  assertEquals([...nodes].toSorted(), ["troupe/1@localhost", "troupe/2@localhost"]);
  assertEquals((await call("GET", "/nodes")).body.nodes.length, 2);
  assertEquals((await call("DELETE", "/connections?user=alice")).body.closed, all.length);
  for (const client of all) assertEquals((await client.readClose()).code, 4503);
});

Deno.test("users.maxConnections is that of all workers together", async () => {
  const secret = "a secret of at least 32 characters";
  const users = { maxConnections: 3 };
  await using stage = await serveTwo({
    endpoints: {
      "/who": { pool: ["who"], users, auth: { jwt: { secret, algorithms: ["HS256"] } } },
    },
  });
  const token = await new SignJWT({}).setSubject("alice").setProtectedHeader({ alg: "HS256" })
    .sign(new TextEncoder().encode(secret));
  const headers = { authorization: `Bearer ${token}` };
  await using clients = new AsyncDisposableStack();
  /** The worker that has taken a connection, or the code that it was closed with. */
  const enter = async (): Promise<[RawClient, string | number]> => {
    const client = clients.use(await RawClient.open({ port: stage.port, path: "/who", headers }));
    await client.send({ opcode: OPCODE.text, payload: "who" });
    const { opcode, payload } = (await client.readFrame())!;
    if (opcode === OPCODE.close) return [client, new DataView(payload.buffer).getUint16(0)];
    return [client, new TextDecoder().decode(payload).split(" ")[0]!];
  };
  const kept = new Map<string, RawClient[]>();
  for (let count = 0; count < 300; count++) {
    const [client, at] = await enter();
    if (at === 4504) continue;
    const here = kept.get(String(at)) ?? [];
    const all = [...kept.values()].flat().length;
    // Two on the one, one on the other: neither of them has as many as may be.
    if (here.length === 0 || all === 1 || kept.size === 2) kept.set(String(at), [...here, client]);
    else client.close();
    if ([...kept.values()].flat().length === 3) break;
  }
  assertEquals([...kept.values()].map(({ length }) => length).toSorted(), [1, 2]);
  let refused = 0;
  // What one has taken the other hears of a moment later.
  for (let count = 0; count < 300 && refused < 12; count++) {
    const [client, at] = await enter();
    refused = at === 4504 ? refused + 1 : 0;
    if (at !== 4504) client.close();
  }
  assertEquals(refused, 12);
  for (const clients of kept.values()) for (const client of clients) await ask(client);
});

Deno.test("with several workers a receiver of webhooks is asked and told of each connection once", async () => {
  const got: { readonly id: string; readonly type: string; readonly connection: string }[] = [];
  let wake = () => {};
  await using receiver = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    async (request) => {
      const { type, data } = await request.json();
      got.push({ id: request.headers.get("webhook-id")!, type, connection: data.connection });
      wake();
      return new Response(null, { status: 204 });
    },
  );
  await using stage = await serveTwo({
    webhooks: {
      url: `http://127.0.0.1:${receiver.addr.port}/hook`,
      secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
      allowPrivate: true,
      events: ["connect", "disconnect"],
    },
  });
  const count = 10;
  for (let index = 0; index < count; index++) await (await stage.open())[Symbol.asyncDispose]();
  const of = (type: string) => got.filter((each) => each.type === type);
  while (of("disconnect").length < count) await new Promise<void>((resolve) => wake = resolve);
  // What a worker still has to say it says before it ends.
  stage.program.signal("SIGTERM");
  await stage.program.exitCode();
  assertEquals([of("connect").length, of("disconnect").length], [count, count]);
  assertEquals(new Set(got.map(({ id }) => id)).size, 2 * count);
  assertEquals(new Set(of("disconnect").map(({ connection }) => connection)).size, count);
});

Deno.test("levels of loggers are set on all workers, and what they log then is written", async () => {
  await using stage = await serveTwo({
    admin: { tokens: [{ name: "ops", token: TOKENS.admin, scopes: ["admin"] }] },
    processes: { who: { module: "./who.js" }, talker: { module: "./talker.js" } },
  }, {
    "talker.js": `
      export default async function talker(self) {
        for await (const { reply } of self) {
          self.log.debug("said on {node}", { node: self.node });
          reply?.(1);
        }
      }
    `,
  });
  const call = (method: string, path: string, body?: unknown) =>
    askApi(`${stage.url}/api/v1`, method, path, { body });
  const { body } = await call("PUT", "/log/level", { level: "debug" });
  assertEquals([body.nodes, body.missing], [2, []]);
  const nodes = ["troupe/1@localhost", "troupe/2@localhost"];
  const heard = new Set<string>();
  for (let turn = 0; heard.size < 2 && turn < 100; turn++) {
    await call("POST", "/actors/talker/ask", { message: 1 });
    for (const node of nodes) {
      const { body: { lines } } = await call("GET", `/log?node=${encodeURIComponent(node)}`);
      if (lines.some(({ text }: { text: string }) => text.includes(`said on ${node}`))) {
        heard.add(node);
      }
    }
  }
  assertEquals([...heard].toSorted(), nodes);
  for (const node of nodes) {
    await stage.program.find("said", (line) => line.includes(`said on ${node}`) || undefined);
  }
});

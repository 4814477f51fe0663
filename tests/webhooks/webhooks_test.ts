import { Webhook } from "standardwebhooks";
import { parseConfig } from "../../src/config/mod.ts";
import { serve } from "../../src/server/mod.ts";
import { OPCODE, RawClient } from "../../src/testing/mod.ts";
import { createWebhooks } from "../../src/webhooks/mod.ts";
import { WEBHOOK_DEFAULTS, WEBHOOK_LIMITS } from "../../src/webhooks/options.ts";
import { WebhookOutbox } from "../../src/webhooks/outbox.ts";
import { createPost, isPublicAddress } from "../../src/webhooks/post.ts";
import { ManualClock } from "../../src/testing/mod.ts";
import { NATS, withBroker } from "../cluster/stage.ts";
import { testWith } from "../helpers/needs.ts";
import { assert, assertEquals, assertRejects, assertThrows } from "../helpers/assert.ts";

const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

// deno-lint-ignore no-explicit-any -- whatever was sent
type Sent = { readonly id: string; readonly body: any };
type Answer = (sent: Sent) => Response | Promise<Response>;

/** A receiver that checks signatures. */
function startReceiver(answer: Answer = () => new Response(null, { status: 204 })) {
  const got: Sent[] = [];
  const waiting = new Set<() => void>();
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    const text = await request.text();
    const body = new Webhook(SECRET).verify(text, Object.fromEntries(request.headers));
    const sent = { id: request.headers.get("webhook-id")!, body };
    got.push(sent);
    for (const wake of waiting) wake();
    return await answer(sent);
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}/hook`,
    got,
    async until(isSo: (got: readonly Sent[]) => boolean) {
      while (!isSo(got)) await new Promise<void>((resolve) => waiting.add(resolve));
    },
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

function startServer(url: string, webhooks: Record<string, unknown> = {}) {
  return serve(parseConfig({
    listen: { port: 0 },
    processes: { echo: { behavior: "echo" }, chat: { behavior: "chat" } },
    endpoints: { "/ws": { pool: ["echo"] }, "/chat": { pool: ["chat"] } },
    webhooks: {
      url,
      secret: SECRET,
      events: ["connect", "disconnect", "occupied", "vacated"],
      allowPrivate: true,
      ...webhooks,
    },
  }));
}

/** Enters a room of the chat. */
async function join(port: number, room: string): Promise<RawClient> {
  const client = await RawClient.open({ port, path: "/chat" });
  await client.readText();
  await client.send({ opcode: OPCODE.text, payload: `m:join;0;${room}` });
  await client.readText();
  return client;
}

/** The events of some rooms or ends, as short texts. */
function tellings(got: readonly Sent[], ...types: readonly string[]): string[] {
  return got.filter(({ body }) => types.includes(body.type))
    .map(({ body: { type, data } }) => `${type} ${data.room ?? data.user ?? data.path}`);
}

async function statusOf(port: number, path = "/ws"): Promise<{ status: number; body: string }> {
  await using client = await RawClient.connect({ port });
  const { status } = await client.handshake({ path });
  return { status, body: "" };
}

Deno.test("a receiver is asked before the upgrade and may refuse, or say who gets the connection", async () => {
  let answer: unknown = { refuse: { status: 402, text: "pay first" } };
  await using receiver = startReceiver(() => Response.json(answer));
  await using server = await startServer(receiver.url);
  const { port } = server.addr;
  assertEquals((await statusOf(port, "/ws?token=hidden")).status, 402);
  const [{ body }] = receiver.got as [Sent];
  assertEquals([body.type, body.data.endpoint, body.data.path], ["connect", "/ws", "/ws"]);
  assert(!JSON.stringify(body).includes("hidden"));
  answer = { target: "chat", attributes: { plan: "gold" } };
  await using client = await RawClient.open({ port, path: "/ws" });
  assert((await client.readText()).startsWith("m:welcome"));
  const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  for (const outcome of ["refused", "accepted"]) {
    assert(metrics.includes(`troupe_webhooks_total{event="connect",outcome="${outcome}"`), outcome);
  }
});

for (const [onFailure, status] of [["refuse", 503], ["allow", 101]] as const) {
  Deno.test(`a receiver that is slow, down, redirects or talks garbage: ${onFailure} is ${status}`, async () => {
    await using elsewhere = startReceiver();
    const slow = Promise.withResolvers<Response>();
    const answers: readonly Answer[] = [
      () => new Response("no", { status: 500 }),
      () => Response.redirect(elsewhere.url),
      () => new Response("{nonsense"),
      () => Response.json({ refuse: { status: 200 } }),
      () => new Response("x".repeat(100_000)),
      () => slow.promise,
    ];
    for (const answer of answers) {
      await using receiver = startReceiver(answer);
      await using server = await startServer(receiver.url, {
        onFailure,
        timeout: "100ms",
        events: ["connect"],
      });
      assertEquals((await statusOf(server.addr.port)).status, status);
      if (answer === answers.at(-1)) slow.resolve(new Response());
    }
    await using server = await startServer("http://127.0.0.1:1/", {
      onFailure,
      events: ["connect"],
    });
    for (let count = 0; count <= WEBHOOK_LIMITS.breakAfter; count++) {
      assertEquals((await statusOf(server.addr.port)).status, status);
    }
    assertEquals(elsewhere.got, []);
  });
}

Deno.test("a receiver is told of ends and of rooms, in order, again until it takes them", async () => {
  let failures = 2;
  await using receiver = startReceiver(({ body }) =>
    new Response(null, { status: body.type === "occupied" && failures-- > 0 ? 500 : 204 })
  );
  await using server = await startServer(receiver.url, { retry: { delay: "1ms" } });
  const client = await RawClient.open({ port: server.addr.port, path: "/chat" });
  await client.readText();
  await client.send({ opcode: OPCODE.text, payload: "m:join;0;lobby" });
  await client.readText();
  await client.send({ opcode: OPCODE.text, payload: "m:leave;0;lobby" });
  await receiver.until((got) => got.some(({ body }) => body.type === "vacated"));
  const rooms = receiver.got.filter(({ body }) => body.data.room === "lobby");
  assertEquals(rooms.map(({ body }) => body.type), ["occupied", "occupied", "occupied", "vacated"]);
  // The same one again has the same id.
  assertEquals(new Set(rooms.map(({ id }) => id)).size, 2);
  await client[Symbol.asyncDispose]();
  await receiver.until((got) => got.some(({ body }) => body.type === "disconnect"));
  const end = receiver.got.find(({ body }) => body.type === "disconnect")!;
  assertEquals([end.body.data.path, end.body.data.code], ["/chat", 1006]);
});

Deno.test("WebhookOutbox is bounded, gives up after its attempts, and keeps the order of a subject", async () => {
  const clock = new ManualClock();
  const outcomes: string[] = [];
  const sent: string[] = [];
  let isDown = true;
  using outbox = new WebhookOutbox(
    (id) => {
      sent.push(id);
      return isDown ? Promise.reject(new Error("down")) : Promise.resolve({ text: "" });
    },
    { attempts: 3, retryDelayMs: 100 },
    clock,
    (_, outcome) => outcomes.push(outcome),
  );
  outbox.push("disconnect", "a", "1", "{}");
  outbox.push("disconnect", "a", "2", "{}");
  await clock.advance(99);
  assertEquals(sent, ["1"]);
  await clock.advance(1);
  await clock.advance(200);
  assertEquals([sent, outcomes], [["1", "1", "1", "2"], ["given_up"]]);
  isDown = false;
  await clock.advance(100);
  assertEquals([sent.slice(3), outcomes], [["2", "2"], ["given_up", "sent"]]);
  isDown = true;
  for (let count = 0; count <= WEBHOOK_LIMITS.queue; count++) outbox.push("x", "b", "3", "{}");
  assertEquals([outbox.size, outcomes.at(-1)], [WEBHOOK_LIMITS.queue, "dropped"]);
});

Deno.test("createPost() sends nothing to private addresses unless it may, and knows a bad secret", async () => {
  for (
    const [address, isPublic] of [
      ["93.184.216.34", true],
      ["2606:2800:220:1::1", true],
      ["127.0.0.1", false],
      ["10.1.2.3", false],
      ["169.254.169.254", false],
      ["::1", false],
      ["::ffff:127.0.0.1", false],
      ["fd00::1", false],
      ["0.0.0.0", false],
      ["100.64.0.1", false],
    ] as const
  ) {
    assertEquals(isPublicAddress(address), isPublic, address);
  }
  await using receiver = startReceiver();
  const options = {
    url: receiver.url,
    secret: SECRET,
    events: ["connect"],
    timeoutMs: 1_000,
    onFailure: "refuse",
    attempts: 1,
    retryDelayMs: 1,
    allowPrivate: false,
  } as const;
  await assertRejects(() => createPost(options)("1", "{}"), Error, "private address 127.0.0.1");
  const url = receiver.url.replace("127.0.0.1", "localhost");
  await assertRejects(() => createPost({ ...options, url })("1", "{}"), Error, "private address");
  assertEquals(receiver.got, []);
  assertThrows(
    () => createPost({ ...options, secret: "no base64 !" }),
    TypeError,
    "no key in base64",
  );
  await assertRejects(
    () => startServer(receiver.url, { secret: "no base64 !" }),
    Error,
    "no key in base64",
  );
});

Deno.test("a room is occupied once for all processes of a node, and vacated with the last, also if that crashes", async () => {
  await using receiver = startReceiver();
  await using server = await serve(parseConfig({
    listen: { port: 0 },
    processes: { chat: { behavior: "chat", instances: 2 } },
    endpoints: { "/chat": { pool: ["chat_1", "chat_2"] } },
    webhooks: {
      ...{ url: receiver.url, secret: SECRET, allowPrivate: true },
      events: ["occupied", "vacated", "disconnect"],
    },
  }));
  const { port } = server.addr;
  // The pool takes turns: each process has a member.
  const [one, two] = [await join(port, "lobby"), await join(port, "lobby")];
  await one.send({ opcode: OPCODE.text, payload: "m:leave;0;lobby" });
  await one.send({ opcode: OPCODE.text, payload: "m:join;0;kitchen" });
  await receiver.until((got) => tellings(got, "occupied").includes("occupied kitchen"));
  assertEquals(tellings(receiver.got, "occupied", "vacated"), [
    "occupied lobby",
    "occupied kitchen",
  ]);
  await server.node.exit(server.node.whereis("chat_2")!, "kill");
  await receiver.until((got) => tellings(got, "vacated").length === 1);
  assertEquals(tellings(receiver.got, "vacated"), ["vacated lobby"]);
  await one[Symbol.asyncDispose]();
  await two[Symbol.asyncDispose]();
  await receiver.until((got) => tellings(got, "vacated").length === 2);
  assertEquals(tellings(receiver.got, "occupied", "vacated").length, 4);
});

testWith(NATS, "on a cluster each event is told once, by the node where it is", async (nats) => {
  await using broker = await withBroker(nats);
  await using receiver = startReceiver();
  const start = (name: string) =>
    serve(parseConfig({
      node: { name },
      listen: { port: 0 },
      cluster: { nats: { servers: broker.url } },
      processes: { chat: { behavior: "chat" } },
      endpoints: { "/chat": { pool: ["chat"] } },
      webhooks: {
        ...{ url: receiver.url, secret: SECRET, allowPrivate: true },
        events: ["connect", "disconnect", "occupied", "vacated"],
      },
    }));
  await using one = await start("one@localhost");
  await using two = await start("two@localhost");
  await Promise.all([one.cluster!.whenUp("two@localhost"), two.cluster!.whenUp("one@localhost")]);
  const here = await join(one.addr.port, "lobby");
  const there = await join(two.addr.port, "lobby");
  await here[Symbol.asyncDispose]();
  await there[Symbol.asyncDispose]();
  await receiver.until((got) => tellings(got, "disconnect", "vacated").length === 4);
  const byNode = (type: string) =>
    receiver.got.filter(({ body }) => body.type === type).map(({ body }) => body.data.node)
      .toSorted();
  for (const type of ["disconnect", "occupied", "vacated"]) {
    assertEquals(byNode(type), ["one@localhost", "two@localhost"], type);
  }
  assertEquals(tellings(receiver.got, "connect").length, 2);
  assertEquals(new Set(receiver.got.map(({ id }) => id)).size, receiver.got.length);
});

Deno.test("after some failures in a row handshakes do not wait for the receiver, and each is counted", async () => {
  let asked = 0;
  const outcomes: string[] = [];
  const options = {
    ...WEBHOOK_DEFAULTS,
    ...{ url: "https://hooks.example/", secret: SECRET, events: ["connect"] as const },
  };
  using webhooks = createWebhooks(options, {
    tell: (event, outcome) => outcomes.push(`${event} ${outcome}`),
    post: () => {
      asked++;
      return Promise.reject(new Error("down"));
    },
  });
  const accept = webhooks.accept("/ws")!;
  const count = 3 * WEBHOOK_LIMITS.breakAfter;
  for (let index = 0; index < count; index++) {
    const { signal } = new AbortController();
    const request = new Request("http://localhost/ws");
    const answer = await accept({ request, remoteAddr: "127.0.0.1:1", params: {}, signal });
    assertEquals((answer as { status: number }).status, 503);
  }
  assertEquals(asked, WEBHOOK_LIMITS.breakAfter);
  assertEquals(outcomes, Array(count).fill("connect failed_refuse"));
});

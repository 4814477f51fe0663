import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from "jose";
import { parseConfig } from "../../src/config/mod.ts";
import { Ws } from "../../src/web/troupe.js";
import { OPCODE, RawClient } from "../../src/testing/mod.ts";
import { serve } from "../../src/server/mod.ts";
import { askApi, TOKENS } from "../api/stage.ts";
import { fetchMetrics } from "../helpers/prometheus.ts";
import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "../helpers/assert.ts";

const SECRET = "a secret of at least 32 characters";

function sign(user: string, lastsMs: number): Promise<string> {
  return new SignJWT({ exp: (Date.now() + lastsMs) / 1000 }).setSubject(user)
    .setProtectedHeader({ alg: "HS256" }).sign(new TextEncoder().encode(SECRET));
}

const JWT = { secret: SECRET, algorithms: ["HS256"], from: ["bearer", "query:token"] };

/** What became of a token, in the order of the documentation. */
const OUTCOMES = [
  "accepted",
  "renewed",
  "missing",
  "too_long",
  "malformed",
  "algorithm",
  "unknown_key",
  "signature",
  "expired",
  "not_yet_valid",
  "issuer",
  "audience",
  "subject",
  "keys_away",
];

async function startWithLogins(endpoint: Record<string, unknown> = {}) {
  const config = parseConfig({
    listen: { port: 0 },
    admin: { tokens: [{ name: "ops", token: TOKENS.admin, scopes: ["admin"] }] },
    processes: { echo: { behavior: "echo" } },
    endpoints: { "/ws": { pool: ["echo"], auth: { jwt: JWT }, ...endpoint } },
  });
  const server = await serve(config);
  const { port } = server.addr;
  const base = `http://127.0.0.1:${port}/api/v1`;
  return {
    server,
    port,
    ask: (method: string, path: string, body?: unknown) => askApi(base, method, path, { body }),
    open: (token: string) =>
      RawClient.open({ port, path: "/ws", headers: { authorization: `Bearer ${token}` } }),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

Deno.test("without a good token a handshake is 401 before the upgrade, and the metrics say why", async () => {
  await using stage = await startWithLogins();
  await using client = await RawClient.connect({ port: stage.port });
  const { status, headers } = await client.handshake({ path: "/ws" });
  assertEquals([status, headers.get("www-authenticate")], [401, "Bearer"]);
  const metrics = await (await fetch(`http://127.0.0.1:${stage.port}/metrics`)).text();
  assertStringIncludes(metrics, 'troupe_handshakes_refused_total{endpoint="/ws",reason="accept"');
  assert(!metrics.includes("alice"));
});

Deno.test("the connections of a user are found, sent to, and closed by the API", async () => {
  await using stage = await startWithLogins();
  await using one = await stage.open(await sign("alice", 60_000));
  await using two = await stage.open(await sign("alice", 60_000));
  await using _other = await stage.open(await sign("bob", 60_000));
  const { body } = await stage.ask("GET", "/connections?user=alice");
  assertEquals(body.connections.map(({ user }: { user: string }) => user), ["alice", "alice"]);
  const sent = await stage.ask("POST", "/users/alice/send", { json: { hello: "Alice" } });
  assertEquals(sent.body, { nodes: 1, connections: 2, missing: [] });
  assertEquals([await one.readText(), await two.readText()], [
    '{"hello":"Alice"}',
    '{"hello":"Alice"}',
  ]);
  assertEquals((await stage.ask("POST", "/users/eve/send", { text: "x" })).status, 404);
  assertEquals((await stage.ask("DELETE", "/connections?user=alice")).body.closed, 2);
  assertEquals(await one.readClose(), { code: 4503, reason: "kicked" });
  assertEquals((await stage.ask("GET", "/connections")).body.connections.length, 1);
});

Deno.test("a token in the query is left out of connect.url, and the rest of it stays", async () => {
  await using stage = await startWithLogins();
  const got = Promise.withResolvers<Record<string, unknown>>();
  const untap = stage.server.node.observer.tap((_, { message }) => {
    const { kind } = (message ?? {}) as { kind?: string };
    if (kind === "connect") got.resolve(message as Record<string, unknown>);
  });
  const token = await sign("alice", 60_000);
  await using _client = await RawClient.open({
    port: stage.port,
    path: `/ws?a=1&token=${token}&b=%20`,
  });
  const { url, user, attributes } = await got.promise;
  untap();
  assert((url as string).endsWith("/ws?a=1&b=%20"), String(url));
  assertEquals(user, "alice");
  assertEquals((attributes as { claims: { sub: string } }).claims.sub, "alice");
});

Deno.test("a connection is closed with 4001 when its token expires, unless a fresh one came", async () => {
  await using stage = await startWithLogins();
  const lastsMs = 700;
  const startMs = Date.now();
  const [expiring, renewed, given] = await Promise.all([
    stage.open(await sign("alice", lastsMs)),
    stage.open(await sign("alice", lastsMs)),
    stage.open(await sign("carol", lastsMs)),
  ]);
  const token = await sign("alice", 60_000);
  await renewed.send({ opcode: OPCODE.text, payload: JSON.stringify({ token }) });
  const { body } = await stage.ask("GET", "/connections?user=carol");
  const path = `/actors/${encodeURIComponent(body.connections[0].id)}/token`;
  assertEquals((await stage.ask("POST", path, { token: "bad" })).status, 502);
  assertEquals(
    (await stage.ask("POST", path, { token })).body.detail,
    "Cannot renew a login: the token is of another user",
  );
  assertEquals((await stage.ask("POST", path, { token: await sign("carol", 60_000) })).body, {
    renewed: true,
  });
  assertEquals((await stage.ask("POST", "/actors/echo/token", { token })).status, 422);
  assertEquals(await expiring.readClose(), { code: 4001, reason: "token expired" });
  const lateMs = Date.now() - startMs - lastsMs;
  assert(lateMs >= -1 && lateMs < 1_000, `${lateMs} ms late`);
  for (const client of [renewed, given]) {
    await client.send({ opcode: OPCODE.text, payload: "still here" });
    assertEquals(await client.readText(), "still here");
    await client[Symbol.asyncDispose]();
  }
  await expiring[Symbol.asyncDispose]();
});

Deno.test("a fresh token that is not good closes with 4500", async () => {
  await using stage = await startWithLogins();
  await using client = await stage.open(await sign("alice", 60_000));
  const token = await sign("mallory", 60_000);
  await client.send({ opcode: OPCODE.text, payload: JSON.stringify({ token }) });
  assertEquals(await client.readClose(), { code: 4500, reason: "bad token" });
});

Deno.test("SendToken of /troupe.js keeps a connection that would have expired", async () => {
  await using stage = await startWithLogins();
  const token = await sign("alice", 800);
  const ws = new Ws(`ws://127.0.0.1:${stage.port}/ws?token=${token}`, [], { heartbeatMs: 0 });
  const ends: unknown[] = [];
  const over = new Promise<void>((resolve) => {
    ws.OnDisconnect((end) => {
      ends.push(end.code);
      if (end.reconnectInMs === undefined) resolve();
    });
  });
  await new Promise<void>((resolve) => ws.OnConnect(resolve));
  ws.SendToken(await sign("alice", 60_000));
  // One that was not renewed shows when the first one's time is over.
  await using witness = await stage.open(await sign("alice", 900));
  assertEquals((await witness.readClose()).code, 4001);
  assertEquals(ends, []);
  ws.Disconnect();
  await over;
  assertEquals(ends, [1000]);
});

Deno.test("users.maxConnections closes one more with 4504, and no process hears of it", async () => {
  await using stage = await startWithLogins({ users: { maxConnections: 2 } });
  let connects = 0;
  const untap = stage.server.node.observer.tap((_, { message }) => {
    if ((message as { kind?: string } | null)?.kind === "connect") connects++;
  });
  const open = async (user: string) => stage.open(await sign(user, 60_000));
  await using first = await open("alice");
  await using _second = await open("alice");
  await using _other = await open("bob");
  await using third = await open("alice");
  assertEquals(await third.readClose(), { code: 4504, reason: "connection limit" });
  assertEquals(connects, 3);
  first.close();
  // Its place is free once the server has seen it go.
  for (let turn = 0; turn < 200; turn++) {
    const { body } = await stage.ask("GET", "/connections?user=alice");
    if (body.connections.length === 1) break;
  }
  await using fourth = await open("alice");
  await fourth.send({ opcode: OPCODE.text, payload: "in" });
  assertEquals(await fourth.readText(), "in");
  untap();
});

Deno.test("a configuration of logins that could let strangers in is refused", async () => {
  const root = (jwt: unknown) => ({
    listen: { port: 0 },
    processes: { echo: { behavior: "echo" } },
    endpoints: { "/ws": { pool: ["echo"], auth: { jwt } } },
  });
  for (
    const [jwt, text] of [
      [{ secret: SECRET }, "algorithms"],
      [{ secret: SECRET, algorithms: ["none"] }, "algorithms[0]"],
      [{ secret: SECRET, algorithms: ["RS256"] }, "does not go with a secret"],
      [{ jwks: "keys.json", algorithms: ["HS256"] }, "does not go with a public key"],
      [{ algorithms: ["HS256"] }, "exactly one of"],
      [{ ...JWT, from: ["header"] }, "from[0]"],
      [{ ...JWT, audiance: "x" }, "audiance"],
    ] as const
  ) {
    const error = assertThrows(() => parseConfig(root(jwt)), Error, text);
    assert(!error.message.includes(SECRET));
  }
  const pem = "-----BEGIN PUBLIC KEY-----\nMFkw\n-----END PUBLIC KEY-----";
  const start = (jwt: unknown) => serve(parseConfig(root(jwt)));
  await assertRejects(
    () => start({ secret: pem, algorithms: ["HS256"] }),
    Error,
    "is a key in PEM",
  );
  await assertRejects(
    () => start({ secret: "env:TROUPE_NO_SUCH_SECRET", algorithms: ["HS256"] }),
    Error,
    "is not set",
  );
  await assertRejects(
    () => start({ jwks: "nowhere.json", algorithms: ["ES256"] }),
    Error,
    "neither a URL nor a file",
  );
});

/** Serves a set of keys that the test changes, or 500 while there is none. */
function serveKeys() {
  let keys: readonly object[] | undefined;
  let asked = 0;
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, () => {
    asked++;
    return keys === undefined ? new Response(null, { status: 500 }) : Response.json({ keys });
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}/keys`,
    set: (next: readonly object[] | undefined) => void (keys = next),
    get asked() {
      return asked;
    },
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

async function makeKey(kid: string) {
  const { privateKey, publicKey } = await generateKeyPair("ES256");
  return {
    jwk: { ...await exportJWK(publicKey), kid, alg: "ES256" },
    sign: (claims: JWTPayload = {}) =>
      new SignJWT({ sub: "alice", ...claims }).setProtectedHeader({ alg: "ES256", kid })
        .sign(privateKey),
  };
}

Deno.test("each outcome of a login is counted under a name of its own, and the user is not in it", async () => {
  await using keys = serveKeys();
  const key = await makeKey("k1");
  const stranger = await makeKey("k2");
  const forger = await makeKey("k1");
  const jwt = { jwks: keys.url, algorithms: ["ES256"], issuer: "us", audience: "app" };
  const nowSeconds = Math.floor(Date.now() / 1000);
  const good = { iss: "us", aud: "app", exp: nowSeconds + 60 };
  const part = (value: unknown) => btoa(JSON.stringify(value)).replaceAll("=", "");
  const asSecret = await new SignJWT({ sub: "alice" }).setProtectedHeader({ alg: "HS256" })
    .sign(new TextEncoder().encode(JSON.stringify(key.jwk)));
  const counts = async ({ port }: { readonly port: number }) => {
    const metrics = await fetchMetrics(port);
    const read = (outcome: string) =>
      metrics.value("troupe_logins_total", { endpoint: "/ws", outcome }) ?? 0;
    return Object.fromEntries(OUTCOMES.map((outcome) => [outcome, read(outcome)]));
  };
  const cases: readonly (readonly [string, string | undefined, number])[] = [
    ["missing", undefined, 401],
    ["too_long", "x".repeat(13_000), 401],
    ["malformed", "not.a.token", 401],
    ["algorithm", `${part({ alg: "none" })}.${part({ sub: "alice" })}.`, 401],
    ["algorithm", asSecret, 401],
    ["unknown_key", await stranger.sign(good), 401],
    ["signature", await forger.sign(good), 401],
    ["expired", await key.sign({ ...good, exp: nowSeconds - 10 }), 401],
    ["not_yet_valid", await key.sign({ ...good, nbf: nowSeconds + 60 }), 401],
    ["issuer", await key.sign({ ...good, iss: "them" }), 401],
    ["audience", await key.sign({ ...good, aud: "them" }), 401],
    ["subject", await key.sign({ ...good, sub: "" }), 401],
    ["accepted", await key.sign(good), 101],
  ];
  const assertCounted = async (
    { port }: { readonly port: number },
    [outcome, token, expected]: typeof cases[0],
  ) => {
    const before = await counts({ port });
    await using client = await RawClient.connect({ port });
    const headers: Record<string, string> = token === undefined
      ? {}
      : { authorization: `Bearer ${token}` };
    const { status } = await client.handshake({ path: "/ws", headers });
    assertEquals(status, expected, outcome);
    assertEquals(await counts({ port }), { ...before, [outcome]: before[outcome]! + 1 });
  };
  {
    await using away = await startWithLogins({ auth: { jwt } });
    await assertCounted(away, ["keys_away", await key.sign(good), 503]);
  }
  keys.set([key.jwk]);
  await using stage = await startWithLogins({ auth: { jwt } });
  for (const each of cases) await assertCounted(stage, each);
  // One of 1 MB is no matter of logins: no header of any request may be that long.
  await using huge = await RawClient.connect({ port: stage.port });
  const authorization = `Bearer ${"x".repeat(1_000_000)}`;
  const { status } = await huge.handshake({ path: "/ws", headers: { authorization } });
  // The listeners of the two engines have parsers of their own.
  assert(status === 400 || status === 431, String(status));
  await using client = await stage.open(await key.sign(good));
  const { body } = await stage.ask("GET", "/connections?user=alice");
  const path = `/actors/${encodeURIComponent(body.connections.at(-1).id)}/token`;
  for (
    const [outcome, token, status] of [
      ["renewed", await key.sign(good), 200],
      ["too_long", "x".repeat(13_000), 502],
    ] as const
  ) {
    const before = await counts(stage);
    assertEquals((await stage.ask("POST", path, { token })).status, status);
    assertEquals(await counts(stage), { ...before, [outcome]: before[outcome]! + 1 });
  }
  client.close();
  const text = await (await fetch(`http://127.0.0.1:${stage.port}/metrics`)).text();
  assert(!text.includes("alice"));
});

import { SignJWT } from "jose";
import { parseConfig } from "../../src/config/mod.ts";
import { serve } from "../../src/server/mod.ts";
import { type HandshakeParts, OPCODE, RawClient } from "../../src/testing/mod.ts";
import { askApi, TOKENS } from "../api/stage.ts";
import { assert, assertEquals, assertStringIncludes } from "../helpers/assert.ts";

const SECRET = "a secret of at least 32 characters";

/** Where a token may be in a handshake. */
const WAYS: Readonly<Record<string, (token: string) => HandshakeParts>> = {
  bearer: (token) => ({ path: "/ws", headers: { authorization: `Bearer ${token}` } }),
  query: (token) => ({ path: `/ws?token=${token}` }),
  cookie: (token) => ({ path: "/ws", headers: { cookie: `session=${token}` } }),
  subprotocol: (token) => ({
    path: "/ws",
    headers: { "sec-websocket-protocol": `chat, bearer.${token}` },
  }),
};

const LOGIN = [401, "the token is longer than 12288 characters"] as const;

/** What is answered to a token of so many characters: by the login, or before it by the listener. */
const ANSWERS: Readonly<
  Record<string, Readonly<Record<number, Readonly<Record<string, readonly [number, string]>>>>>
> = {
  ws: {
    13_000: { bearer: LOGIN, query: LOGIN, cookie: LOGIN, subprotocol: LOGIN },
    20_000: { bearer: [431, ""], query: [431, ""], cookie: [431, ""], subprotocol: [431, ""] },
    1_000_000: { bearer: [431, ""], query: [431, ""], cookie: [431, ""], subprotocol: [431, ""] },
  },
  native: {
    13_000: { bearer: LOGIN, query: LOGIN, cookie: LOGIN, subprotocol: LOGIN },
    20_000: {
      bearer: [431, "expected at most 100 of 16384 bytes"],
      query: LOGIN,
      cookie: [431, "expected at most 100 of 16384 bytes"],
      subprotocol: [431, "expected at most 100 of 16384 bytes"],
    },
    1_000_000: { bearer: [400, ""], query: [400, ""], cookie: [400, ""], subprotocol: [400, ""] },
  },
};

async function serveLogins(engine: string) {
  const from = ["bearer", "query:token", "cookie:session", "subprotocol"];
  const jwt = { secret: SECRET, algorithms: ["HS256"], from };
  return await serve(parseConfig({
    listen: { port: 0 },
    admin: { tokens: [{ name: "ops", token: TOKENS.admin, scopes: ["admin"] }] },
    processes: { echo: { behavior: "echo" } },
    endpoints: { "/ws": { engine, pool: ["echo"], maxMessageSize: "4MiB", auth: { jwt } } },
  }));
}

/** The answer to a handshake; absent if the connection ended before all of it was written. */
async function answerTo(port: number, parts: HandshakeParts) {
  await using client = await RawClient.connect({ port });
  const writing = client.request(parts).catch(() => {});
  const answer = await client.readResponse().catch(() => undefined);
  client.close();
  await writing;
  return answer;
}

for (const [engine, bySize] of Object.entries(ANSWERS)) {
  Deno.test(`a token that is too long has its refusal on ${engine}, wherever it is`, async () => {
    await using server = await serveLogins(engine);
    for (const [size, byWay] of Object.entries(bySize)) {
      for (const [way, [status, text]] of Object.entries(byWay)) {
        const what = `${size} characters in ${way}`;
        const answer = await answerTo(server.addr.port, WAYS[way]!("x".repeat(Number(size))));
        // Who still writes a megabyte when he is refused may see the end alone.
        if (answer === undefined && Number(size) > 65_536) continue;
        assertEquals(answer?.status, status, what);
        assertStringIncludes(answer!.body, text, what);
      }
    }
  });

  Deno.test(`a fresh token of a megabyte is refused on ${engine}, in a message and by the API`, async () => {
    await using server = await serveLogins(engine);
    const { port } = server.addr;
    const token = await new SignJWT({}).setSubject("alice").setProtectedHeader({ alg: "HS256" })
      .sign(new TextEncoder().encode(SECRET));
    const long = "x".repeat(1_000_000);
    const ask = (method: string, path: string, body?: unknown) =>
      askApi(`http://127.0.0.1:${port}/api/v1`, method, path, { body });
    await using client = await RawClient.open({ port, ...WAYS["bearer"]!(token) });
    const { body: { connections } } = await ask("GET", "/connections?user=alice");
    const path = `/actors/${encodeURIComponent(connections[0].id)}/token`;
    const given = await ask("POST", path, { token: long });
    assertEquals([given.status, given.body.detail], [
      502,
      "Cannot renew a login: the token is longer than 16384",
    ]);
    // Longer than a body of the API may be.
    assertEquals((await ask("POST", path, { token: long + long.slice(0, 100_000) })).status, 413);
    assert(!JSON.stringify(given.body).includes("xxx"));
    await client.send({ opcode: OPCODE.text, payload: JSON.stringify({ token: long }) });
    assertEquals(await client.readClose(), { code: 4500, reason: "bad token" });
  });
}

import {
  exportJWK,
  exportSPKI,
  generateKeyPair,
  type JWTHeaderParameters,
  type JWTPayload,
  SignJWT,
} from "jose";
import { jwtAccept, type JwtOptions } from "../../src/auth/mod.ts";
import { JWKS_LIMITS } from "../../src/auth/keys.ts";
import { acceptTokens, createTokenReader } from "../../src/auth/jwt.ts";
import { resolveJwt } from "../../src/auth/options.ts";
import { assert, assertEquals, assertStringIncludes, assertThrows } from "../helpers/assert.ts";
import { ManualClock, OPCODE } from "../../src/testing/mod.ts";
import type { Accept, HandshakeRefusal } from "../../src/websocket/mod.ts";
import { serveHandler } from "../websocket/stage.ts";

const SECRET = "a secret of at least 32 characters";
const HS: JwtOptions = { secret: SECRET, algorithms: ["HS256"] };

type Key = Parameters<SignJWT["sign"]>[0];

function sign(
  claims: JWTPayload,
  key: Key = new TextEncoder().encode(SECRET),
  header: JWTHeaderParameters = { alg: "HS256" },
): Promise<string> {
  return new SignJWT({ sub: "alice", ...claims }).setProtectedHeader(header).sign(key);
}

function inSeconds(seconds: number): number {
  return Math.floor(Date.now() / 1000) + seconds;
}

async function ask(accept: Accept, headers: HeadersInit, url = "http://localhost/ws") {
  const request = new Request(url, { headers });
  const { signal } = new AbortController();
  const answer = await accept({ request, remoteAddr: "127.0.0.1:1", params: {}, signal });
  if (answer !== undefined && "status" in (answer as object)) {
    const { status, text, headers } = answer as HandshakeRefusal;
    return {
      status,
      text,
      challenge: new Headers(headers as [string, string][]).get("www-authenticate"),
    };
  }
  // deno-lint-ignore no-explicit-any -- a welcome of any shape
  return answer as any;
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

Deno.test("jwtAccept() gives claims and user of a good token, from each place that it may be in", async () => {
  const exp = inSeconds(60);
  const token = await sign({ exp, role: "x" });
  for (
    const [from, headers, query] of [
      ["bearer", bearer(token), ""],
      ["cookie:session", { cookie: `a=b; session="${token}"` }, ""],
      ["query:token", {}, `?token=${token}`],
      ["subprotocol", { "sec-websocket-protocol": `chat, bearer.${token}` }, ""],
    ] as const
  ) {
    const accept = jwtAccept({ ...HS, from: [from] });
    const welcome = await ask(accept, headers, `http://localhost/ws${query}`);
    assertEquals(welcome.attributes, { claims: { sub: "alice", exp, role: "x" } }, from);
    assertEquals([welcome.login.user, welcome.login.expiresAtMs], ["alice", exp * 1000]);
    const elsewhere = await ask(accept, { "x-token": token });
    assertEquals([elsewhere.status, elsewhere.challenge], [401, "Bearer"]);
  }
  const named = await ask(
    jwtAccept({ ...HS, claim: "email" }),
    bearer(await sign({ email: "a@b" })),
  );
  assertEquals([named.login.user, named.login.expiresAtMs], ["a@b", undefined]);
});

Deno.test("each fault of a token has a refusal of its own", async () => {
  const { privateKey, publicKey } = await generateKeyPair("ES256");
  const pem = await exportSPKI(publicKey);
  const jwk = { ...await exportJWK(publicKey), kid: "k1", alg: "ES256" };
  const es: JwtOptions = { publicKey: pem, algorithms: ["ES256"] };
  const set: JwtOptions = { jwks: JSON.stringify({ keys: [jwk] }), algorithms: ["ES256"] };
  const part = (value: unknown) => btoa(JSON.stringify(value)).replaceAll("=", "");
  const unsigned = `${part({ alg: "none" })}.${part({ sub: "alice" })}.`;
  const cases: readonly (readonly [JwtOptions, string, string])[] = [
    [HS, unsigned, "algorithm of the token is not allowed"],
    [es, unsigned, "algorithm of the token is not allowed"],
    // The classic: the public key as a shared secret.
    [es, await sign({}, new TextEncoder().encode(pem)), "algorithm of the token is not allowed"],
    [set, await sign({}, new TextEncoder().encode(pem)), "algorithm of the token is not allowed"],
    [HS, await sign({ exp: inSeconds(-10) }), "has expired"],
    [HS, await sign({ nbf: inSeconds(60) }), "not yet valid"],
    [{ ...HS, audience: "us" }, await sign({ aud: "them" }), "another audience"],
    [{ ...HS, audience: "us" }, await sign({}), "another audience"],
    [{ ...HS, issuer: ["us", "you"] }, await sign({ iss: "them" }), "another issuer"],
    [
      HS,
      await sign({}, new TextEncoder().encode("x".repeat(32))),
      "signature of the token is wrong",
    ],
    [set, await sign({}, privateKey, { alg: "ES256", kid: "k2" }), "key of the token is not known"],
    [HS, await sign({ sub: undefined }), "names no user"],
    [HS, await sign({ sub: "" }), "names no user"],
    [HS, "x".repeat(1_000_000), "longer than 12288"],
    [HS, "not.a.token", "no JSON Web Token"],
    [HS, "e30.e30", "no JSON Web Token"],
  ];
  for (const [options, token, text] of cases) {
    const refusal = await ask(jwtAccept(options), bearer(token));
    assertEquals(refusal.status, 401, text);
    assertStringIncludes(refusal.text, text);
    assertStringIncludes(
      refusal.challenge ?? "",
      'Bearer error="invalid_token", error_description="',
    );
    assert(!refusal.text.includes(token));
  }
  const good = await ask(jwtAccept(es), bearer(await sign({}, privateKey, { alg: "ES256" })));
  assertEquals(good.login.user, "alice");
  const late = jwtAccept({ ...HS, leewayMs: 20_000 });
  assertEquals((await ask(late, bearer(await sign({ exp: inSeconds(-10) })))).login.user, "alice");
});

Deno.test("jwtAccept() refuses options that could let a stranger in", async () => {
  const { publicKey } = await generateKeyPair("RS256");
  const pem = await exportSPKI(publicKey);
  for (
    const [options, text] of [
      [{ secret: SECRET, algorithms: [] }, "algorithms is empty"],
      [{ secret: SECRET, algorithms: ["none"] }, '"none" does not go with a secret'],
      [{ publicKey: pem, algorithms: ["none"] }, '"none" does not go with a public key'],
      [{ publicKey: pem, algorithms: ["RS256", "HS256"] }, '"HS256" does not go with a public key'],
      [{ secret: pem, algorithms: ["HS256"] }, "secret is a key in PEM"],
      [{ secret: SECRET, algorithms: ["RS256"] }, '"RS256" does not go with a secret'],
      [{ secret: "short", algorithms: ["HS256"] }, "expected at least 32"],
      [{ algorithms: ["HS256"] }, "exactly one of"],
      [{ ...HS, publicKey: pem }, "exactly one of"],
      [{ jwks: "http://keys.example/set", algorithms: ["RS256"] }, "no URL with https"],
      [{ publicKey: "x", algorithms: ["RS256"] }, "no public key in PEM"],
      [{ ...HS, from: ["header:x"] }, "expected bearer, subprotocol"],
      [{ ...HS, issuers: "x" }, "issuers"],
    ] as const
  ) {
    assertThrows(() => jwtAccept(options as never), TypeError, text);
  }
});

Deno.test("a set of keys is fetched once, again for a new key, and known keys work while it is away", async () => {
  const pairs = await Promise.all(["k1", "k2"].map(async (kid) => {
    const { privateKey, publicKey } = await generateKeyPair("ES256");
    return { kid, privateKey, jwk: { ...await exportJWK(publicKey), kid, alg: "ES256" } };
  }));
  const [one, two] = pairs as [typeof pairs[0], typeof pairs[0]];
  const token = ({ privateKey, kid }: typeof one) => sign({}, privateKey, { alg: "ES256", kid });
  let keys: unknown[] | undefined;
  let fetched = 0;
  const options = resolveJwt({ jwks: "https://keys.example/set", algorithms: ["ES256"] });
  const make = () =>
    acceptTokens(
      createTokenReader(options, {
        fetchText: () => {
          fetched++;
          if (keys === undefined) return Promise.reject(new Error("away"));
          return Promise.resolve(JSON.stringify({ keys }));
        },
      }),
      options,
    );
  const away = await ask(make(), bearer(await token(one)));
  assertEquals([away.status, fetched], [503, 1]);
  assertStringIncludes(away.text, "keys of tokens cannot be had");

  keys = [one.jwk];
  const accept = make();
  const statuses = await Promise.all(
    [1, 2, 3].map(async () => ask(accept, bearer(await token(one)))),
  );
  assertEquals([statuses.map(({ login }) => login.user), fetched], [
    ["alice", "alice", "alice"],
    2,
  ]);
  // A key that is not in it: not more often than now and then, as strangers make such tokens.
  assertEquals((await ask(accept, bearer(await token(two)))).status, 401);
  assertEquals((await ask(accept, bearer(await token(two)))).status, 401);
  assertEquals(fetched, 2);
  assert(JWKS_LIMITS.cooldownMs >= 10_000);
  keys = undefined;
  assertEquals((await ask(accept, bearer(await token(one)))).login.user, "alice");
});

Deno.test("keys rotated while somebody is connected: he stays, new tokens pass, old ones do not, and the set is asked for now and then", async () => {
  const make = async (kid: string) => {
    const { privateKey, publicKey } = await generateKeyPair("ES256");
    const jwk = { ...await exportJWK(publicKey), kid, alg: "ES256" };
    return { jwk, token: await sign({ exp: inSeconds(60) }, privateKey, { alg: "ES256", kid }) };
  };
  const [old, next, unknown] = [await make("k1"), await make("k2"), await make("k3")];
  let keys = [old.jwk];
  let fetched = 0;
  const clock = new ManualClock();
  const fetchText = () => {
    fetched++;
    return Promise.resolve(JSON.stringify({ keys }));
  };
  const options = resolveJwt({ jwks: "https://keys.example/set", algorithms: ["ES256"] });
  const accept = acceptTokens(createTokenReader(options, { fetchText, clock }), options);
  await using served = await serveHandler({ accept });
  await using client = await served.open({ headers: bearer(old.token) });
  assertEquals(fetched, 1);

  keys = [next.jwk];
  await clock.advance(JWKS_LIMITS.cooldownMs);
  // All of them at once have it fetched once.
  const statuses = await Promise.all(
    [next, next, unknown].map(async ({ token }) =>
      (await served.handshake({ headers: bearer(token) })).status
    ),
  );
  assertEquals([statuses, fetched], [[101, 101, 401], 2]);
  assertEquals((await served.handshake({ headers: bearer(old.token) })).status, 401);
  for (let count = 0; count < 20; count++) {
    assertEquals((await served.handshake({ headers: bearer(unknown.token) })).status, 401);
  }
  assertEquals(fetched, 2);
  await clock.advance(JWKS_LIMITS.cooldownMs);
  assertEquals((await served.handshake({ headers: bearer(unknown.token) })).status, 401);
  assertEquals(fetched, 3);
  await client.send({ opcode: OPCODE.text, payload: "still here" });
  assertEquals((await served.parent.take("message")).body, "still here");
});

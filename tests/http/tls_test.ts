import { generateKeyPairSync } from "node:crypto";
import { join } from "node:path";
import { parseConfig } from "../../src/config/mod.ts";
import { ServerStartError } from "../../src/http/mod.ts";
import type { Server } from "../../src/server/mod.ts";
import { assert, assertEquals, assertRejects } from "../helpers/assert.ts";
import { RawClient } from "../../src/testing/raw_client.ts";
import { captureLogs, startServer, temporaryFiles } from "../server/stage.ts";

const read = (name: string) => Deno.readTextFile(new URL(`testdata/${name}.pem`, import.meta.url));
const [firstCert, firstKey, secondCert, secondKey] = await Promise.all(
  ["first.cert", "first.key", "second.cert", "second.key"].map(read),
) as [string, string, string, string];

/** No certificate, in the shape of one. */
const BROKEN = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";

const USABLE = "expected RSA of at least 2048 bits, P-256, P-384, P-521 or Ed25519";

/** A new private key on a curve, or of RSA, in PEM. */
function newKey(options: { namedCurve: string } | { modulusLength: number }): string {
  const { privateKey } = "namedCurve" in options
    ? generateKeyPairSync("ec", options)
    : generateKeyPairSync("rsa", options);
  return privateKey.export({ type: "pkcs8", format: "pem" }).toString();
}

const TLS = { cert: "cert.pem", key: "key.pem" };

function rootFor(engine: string): Record<string, unknown> {
  return {
    listen: { hostname: "127.0.0.1", port: 0, tls: TLS },
    processes: { echo: { behavior: "echo" } },
    endpoints: { "/ws": { pool: ["echo"], engine, origins: "*" } },
  };
}

/** Connects with one trusted certificate; resolves with the echo, or with `undefined`. */
async function echoOver(server: Server, caCert: string): Promise<string | undefined> {
  using client = Deno.createHttpClient({ caCerts: [caCert] });
  const options = { client } as unknown as string[];
  const socket = new WebSocket(`wss://localhost:${server.addr.port}/ws`, options);
  const answer = Promise.withResolvers<string | undefined>();
  const closed = Promise.withResolvers<void>();
  socket.onopen = () => socket.send("hello");
  socket.onmessage = ({ data }) => {
    answer.resolve(data);
    socket.close(1000);
  };
  socket.onerror = () => answer.resolve(undefined);
  socket.onclose = () => closed.resolve();
  await closed.promise;
  return await answer.promise;
}

async function statusOver(server: Server, caCert: string, path: string): Promise<number> {
  using client = Deno.createHttpClient({ caCerts: [caCert] });
  const response = await fetch(`https://localhost:${server.addr.port}${path}`, { client });
  await response.body?.cancel();
  return response.status;
}

for (const engine of ["ws", "native"]) {
  Deno.test(`serve() with engine ${engine} serves wss and https with certificate files`, async () => {
    await using logs = captureLogs();
    await using files = await temporaryFiles({ "cert.pem": firstCert, "key.pem": firstKey });
    await using server = await startServer(rootFor(engine), files.path);
    assertEquals(await echoOver(server, firstCert), "hello");
    assertEquals(await statusOver(server, firstCert, "/health/live"), 200);
    assertEquals(await echoOver(server, secondCert), undefined);
    const { url } = await logs.find("Listening on");
    assertEquals(url, `https://127.0.0.1:${server.addr.port}/`);
  });
}

Deno.test("reconfigure() takes another certificate for new connections and keeps the open ones", async () => {
  await using files = await temporaryFiles({ "cert.pem": firstCert, "key.pem": firstKey });
  await using server = await startServer(rootFor("auto"), files.path);
  using client = Deno.createHttpClient({ caCerts: [firstCert] });
  const url = `wss://localhost:${server.addr.port}/ws`;
  const socket = new WebSocket(url, { client } as unknown as string[]);
  await new Promise((resolve) => socket.onopen = resolve);

  await Deno.writeTextFile(join(files.path, "cert.pem"), secondCert);
  await Deno.writeTextFile(join(files.path, "key.pem"), secondKey);
  await server.reconfigure(parseConfig(rootFor("auto")));
  assertEquals(await echoOver(server, secondCert), "hello");
  assertEquals(await echoOver(server, firstCert), undefined);

  const echoed = new Promise((resolve) => socket.onmessage = ({ data }) => resolve(data));
  socket.send("from before");
  assertEquals(await echoed, "from before");
  const closed = new Promise((resolve) => socket.onclose = resolve);
  socket.close();
  await closed;
});

Deno.test("reconfigure() refuses a certificate that cannot be used, and changes nothing", async () => {
  await using files = await temporaryFiles({ "cert.pem": firstCert, "key.pem": firstKey });
  await using server = await startServer(rootFor("ws"), files.path);
  const unusable = [
    [secondCert, 'Cannot use certificate "cert.pem" with key "key.pem": they do not match'],
    [firstCert + BROKEN, 'Cannot use certificate "cert.pem": number 2 in it is no certificate'],
  ] as const;
  for (const [cert, text] of unusable) {
    await Deno.writeTextFile(join(files.path, "cert.pem"), cert);
    const reconfigured = () => server.reconfigure(parseConfig(rootFor("ws")));
    await assertRejects(reconfigured, ServerStartError, text);
  }
  assertEquals(await echoOver(server, firstCert), "hello");
});

Deno.test("reconfigure() with engine native says that a certificate waits for the next start", async () => {
  await using logs = captureLogs();
  await using files = await temporaryFiles({ "cert.pem": firstCert, "key.pem": firstKey });
  await using server = await startServer(rootFor("native"), files.path);
  await server.reconfigure(parseConfig(rootFor("native")));
  assertEquals((await logs.find("waits for the next start")).level, "warning");
});

Deno.test("serve() rejects on a certificate that cannot be used, naming the files", async () => {
  const cases: [Record<string, string>, string][] = [
    [
      { "cert.pem": firstCert, "key.pem": secondKey },
      'Cannot use certificate "cert.pem" with key "key.pem": they do not match, ' +
      "expected the private key of the certificate",
    ],
    [{ "key.pem": firstKey }, 'Cannot read certificate "cert.pem": there is no such file'],
    [{ "cert.pem": firstCert }, 'Cannot read key "key.pem": there is no such file'],
    [
      { "cert.pem": "no\n", "key.pem": firstKey },
      'Cannot use certificate "cert.pem": there is no certificate in it, expected certificates in PEM',
    ],
    ...[BROKEN, firstCert.slice(0, -40)].map((last): [Record<string, string>, string] => [
      { "cert.pem": `${firstCert}${last}`, "key.pem": firstKey },
      'Cannot use certificate "cert.pem": number 2 in it is no certificate, ' +
      "expected certificates in PEM",
    ]),
    [
      { "cert.pem": firstCert, "key.pem": newKey({ namedCurve: "secp256k1" }) },
      `Cannot use key "key.pem": it is of type ec secp256k1, ${USABLE}`,
    ],
    [
      { "cert.pem": firstCert, "key.pem": newKey({ modulusLength: 1_024 }) },
      `Cannot use key "key.pem": it is of type RSA of 1024 bits, ${USABLE}`,
    ],
    [
      { "cert.pem": firstCert, "key.pem": firstCert },
      'Cannot use key "key.pem": it is no private key, expected one in PEM without a passphrase',
    ],
  ];
  for (const engine of ["ws", "native"]) {
    for (const [contents, text] of cases) {
      await using files = await temporaryFiles(contents);
      const error = await assertRejects(
        () => startServer(rootFor(engine), files.path),
        ServerStartError,
      );
      assertEquals([error.code, error.message], ["certificate_failed", text]);
    }
  }
});

Deno.test("serve() closes a TLS connection on which nothing comes within handshakeTimeout", async () => {
  await using files = await temporaryFiles({ "cert.pem": firstCert, "key.pem": firstKey });
  const root = rootFor("ws");
  const endpoints = { "/ws": { pool: ["echo"], engine: "ws", handshakeTimeout: "300ms" } };
  await using server = await startServer({ ...root, endpoints }, files.path);
  const { port } = server.addr;
  const start = performance.now();
  await using silent = await RawClient.connect({ port });
  await silent.readEnd();
  assert(
    performance.now() - start < 5_000,
    "a third of the default of handshakeTimeout has passed",
  );
});

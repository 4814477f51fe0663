import { createNode } from "../../src/actor/mod.ts";
import { ClusterError, type ClusterErrorCode, joinCluster } from "../../src/cluster/mod.ts";
import type { NatsOptions } from "../../src/cluster/mod.ts";
import { configureLogs } from "../../src/telemetry/mod.ts";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "../helpers/assert.ts";
import { LogCapture } from "../helpers/log_capture.ts";
import { NatsServer } from "../helpers/nats_server.ts";
import { testWith } from "../helpers/needs.ts";
import { createOperator, createUserKey, pathOf } from "./rights.ts";
import { eventually, NATS, withBroker } from "./stage.ts";

type Rights = Omit<NatsOptions, "servers">;
type Wrong = readonly [what: string, rights: Rights, code: ClusterErrorCode, text: string];

interface Case {
  readonly what: string;
  /** Configuration of the broker. */
  readonly broker: string;
  readonly right: Rights;
  readonly wrong: readonly Wrong[];
}

const REFUSES = "Cannot join the cluster: the NATS server refuses this node: Authorization";
const UNUSABLE = "Cannot join the cluster: the NATS server cannot be used: ";
const [user, other] = [createUserKey(), createUserKey()];
const operator = createOperator();
const credentials = createOperator().createCredentials();
const read = (name: string) => Deno.readTextFileSync(pathOf(name));
const [ca, stranger, cert, key, strangersKey] = [
  "ca.cert",
  "stranger.cert",
  "node.cert",
  "node.key",
  "stranger.key",
].map(read);
const files = `cert_file: "${pathOf("broker.cert")}", key_file: "${pathOf("broker.key")}"`;

const nobody: Wrong = ["no rights", {}, "broker_refused", REFUSES];

const CASES: readonly Case[] = [
  {
    what: "a token",
    broker: 'authorization { token: "r1ght-token" }',
    right: { token: "r1ght-token" },
    wrong: [["another", { token: "wr0ng-token" }, "broker_refused", REFUSES], nobody],
  },
  {
    what: "user and password",
    broker: 'authorization { user: troupe, password: "r1ght" }',
    right: { user: "troupe", password: "r1ght" },
    wrong: [
      ["another password", { user: "troupe", password: "wr0ng" }, "broker_refused", REFUSES],
      ["another user", { user: "nobody", password: "r1ght" }, "broker_refused", REFUSES],
      nobody,
    ],
  },
  {
    what: "an nkey",
    broker: `authorization { users: [ { nkey: ${user.publicKey} } ] }`,
    right: { nkey: user.seed },
    wrong: [
      ["another key", { nkey: other.seed }, "broker_refused", REFUSES],
      ["the public key", { nkey: user.publicKey }, "rights_invalid", "nkey is no seed of a user"],
      ["half a seed", { nkey: user.seed.slice(0, 30) }, "rights_invalid", "nkey is no seed"],
      nobody,
    ],
  },
  {
    what: "a credentials file",
    broker: operator.config,
    right: { credentials: operator.createCredentials() },
    wrong: [
      ["that of another operator", { credentials }, "broker_refused", REFUSES],
      [
        "a file without a JWT",
        { credentials: credentials.slice(200) },
        "rights_invalid",
        "credentials are not the content of a credentials file",
      ],
      nobody,
    ],
  },
  {
    what: "TLS with an authority of one's own",
    broker: `tls { ${files} }`,
    right: { tls: { ca } },
    wrong: [
      ["another authority", { tls: { ca: stranger } }, "broker_refused", `${UNUSABLE}TLS fails: `],
      ["those of the system", { tls: {} }, "broker_refused", `${UNUSABLE}TLS fails: `],
      ["no TLS", {}, "broker_refused", `${UNUSABLE}TLS fails: `],
      ["no PEM", { tls: { ca: "nonsense" } }, "rights_invalid", "tls.ca is not usable"],
    ],
  },
  {
    what: "TLS with a certificate of the client",
    broker: `tls { ${files}, ca_file: "${pathOf("ca.cert")}", verify: true }`,
    right: { tls: { ca, cert, key } },
    wrong: [
      [
        "no certificate",
        { tls: { ca } },
        "broker_refused",
        "as servers do that want a certificate",
      ],
      [
        "another's key",
        { tls: { ca, cert, key: strangersKey } },
        "rights_invalid",
        "tls.key is not",
      ],
      ["no key", { tls: { ca, cert } }, "rights_invalid", "expected both"],
      ["no PEM", { tls: { ca, cert, key: "x" } }, "rights_invalid", "tls.key is no private key"],
    ],
  },
];

/** Everything in some rights that nobody may see. */
function secretsOf({ token, password, nkey, credentials, tls }: Rights): string[] {
  const ofFile = (text: string | undefined) => text?.split("\n").filter((line) => /^\w/.test(line));
  return [token, password, nkey, ...ofFile(credentials) ?? [], ...ofFile(tls?.key) ?? []]
    .filter((text) => text !== undefined && text.length > 4) as string[];
}

for (const { what, broker: text, right, wrong } of CASES) {
  testWith(
    NATS,
    `a broker with ${what} lets in who has it, refuses others by name, and no secret is told`,
    async (executable) => {
      const capture = new LogCapture();
      await using _logs = configureLogs({ level: "debug", format: "json", write: capture.write });
      await using broker = await withBroker(executable, text);
      await using node = createNode({ name: "one@host" });
      const joining = (rights: Rights) =>
        joinCluster(node, { name: "test", nats: { servers: broker.url, ...rights } });
      const told: string[] = [];
      for (const [what, rights, code, text] of wrong) {
        const error = await assertRejects(() => joining(rights), ClusterError);
        assertEquals([what, error.code], [what, code]);
        assertStringIncludes(error.message, text, what);
        told.push(error.message, String(error.cause), Deno.inspect(error));
      }
      await using cluster = await joining(right);
      assertEquals(cluster.trouble, undefined);
      const all = [...told, JSON.stringify(capture.lines)].join("\n");
      for (const rights of [right, ...wrong.map(([, rights]) => rights)]) {
        for (const secret of secretsOf(rights)) assert(!all.includes(secret), `${secret} is told`);
      }
    },
  );
}

testWith(
  NATS,
  "a node whose rights were taken away says so while it is not let in",
  async (executable) => {
    await using brokers = new AsyncDisposableStack();
    const first = await NatsServer.start({ executable, args: ["--auth", "before"] });
    await using node = createNode({ name: "one@host" });
    const nats = { servers: first.url, token: "before" };
    await using cluster = await joinCluster(node, { name: "test", nats });
    await first[Symbol.asyncDispose]();
    const args = ["--auth", "after"];
    brokers.use(await NatsServer.start({ executable, port: first.port, args }));
    await eventually(
      "it says so",
      () => cluster.trouble === "the broker is away: the NATS server says: Authorization Violation",
    );
  },
);

/** A server that speaks as far as its greeting. */
function startGreeter(greeting: string) {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const open = new Set<Deno.Conn>();
  const serving = (async () => {
    for await (const connection of listener) {
      open.add(connection);
      await connection.write(new TextEncoder().encode(greeting));
      void answerPings(connection).catch(() => {});
    }
  })();
  return {
    url: `nats://127.0.0.1:${listener.addr.port}`,
    async [Symbol.asyncDispose]() {
      listener.close();
      for (const connection of open) connection.close();
      await serving;
    },
  };
}

async function answerPings(connection: Deno.Conn): Promise<void> {
  const buffer = new Uint8Array(4_096);
  for (;;) {
    const count = await connection.read(buffer);
    if (count === null) return;
    if (new TextDecoder().decode(buffer.subarray(0, count)).includes("PING")) {
      await connection.write(new TextEncoder().encode("PONG\r\n"));
    }
  }
}

const INFO = { server_id: "x", max_payload: 1_048_576, proto: 1, headers: true };

for (const version of ["2.10.29", "2.9.10", "1.4.1"]) {
  Deno.test(`a NATS server of version ${version} is refused by name, with what is needed`, async () => {
    await using broker = startGreeter(`INFO ${JSON.stringify({ ...INFO, version })}\r\n`);
    await using node = createNode({ name: "one@host" });
    const nats = { servers: broker.url };
    const error = await assertRejects(
      () => joinCluster(node, { name: "test", nats }),
      ClusterError,
      `the NATS server has version ${version}, expected 2.11 or newer`,
    );
    assertEquals(error.code, "broker_too_old");
  });
}

Deno.test("a server that does not speak NATS is refused by name", async () => {
  await using broker = startGreeter("SSH-2.0-OpenSSH_9.2\r\n");
  await using node = createNode({ name: "one@host" });
  const error = await assertRejects(
    () => joinCluster(node, { name: "test", nats: { servers: broker.url } }),
    ClusterError,
    `${UNUSABLE}it does not speak NATS`,
  );
  assertEquals(error.code, "broker_refused");
});

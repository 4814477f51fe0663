import { join } from "node:path";
import { createUserKey, pathOf } from "../cluster/rights.ts";
import { NATS } from "../cluster/stage.ts";
import { assert, assertEquals, assertStringIncludes } from "../helpers/assert.ts";
import { NatsServer } from "../helpers/nats_server.ts";
import { testWith } from "../helpers/needs.ts";
import { runTroupe, temporaryDirectory } from "./stage.ts";

const SECRET = "wr0ng-pa55word";
const { seed } = createUserKey();

/** Rights that the broker does not accept, and what is said about them. */
const WRONG: readonly (readonly [what: string, nats: object, text: string])[] = [
  ["a token", { token: SECRET }, "refuses this node: Authorization Violation"],
  ["a token of the environment", { token: "env:SECRET" }, "refuses this node"],
  ["a password of a file", { user: "me", password: "file:secret" }, "refuses this node"],
  ["an nkey", { nkey: seed }, "refuses this node"],
  ["an nkey that is none", { nkey: SECRET }, "nkey is no seed of a user"],
  ["credentials that are none", { credentials: "file:secret" }, "credentials are not the content"],
  ["TLS where there is none", { token: SECRET, tls: {} }, "it does not offer TLS"],
  [
    "keys that do not match",
    { token: SECRET, tls: { cert: pathOf("node.cert"), key: pathOf("stranger.key") } },
    "tls.key is not that of tls.cert",
  ],
];

testWith(
  NATS,
  "troupe serve ends in 1 on rights that the broker refuses, and shows none of them",
  async (executable) => {
    await using broker = await NatsServer.start({ executable, args: ["--auth", "right"] });
    await using directory = await temporaryDirectory();
    await Deno.writeTextFile(join(directory.path, "secret"), SECRET);
    const file = join(directory.path, "troupe.json");
    for (const [what, nats, text] of WRONG) {
      const cluster = { nats: { servers: broker.url, ...nats } };
      await Deno.writeTextFile(file, JSON.stringify({ listen: { port: 0 }, cluster }));
      const stage = { directory: directory.path, environment: { SECRET } };
      const served = await runTroupe(["serve", "-c", file], stage);
      assertEquals([what, served.code], [what, 1]);
      assertStringIncludes(served.stderr, text, what);
      const checked = await runTroupe(["check", "-c", file], stage);
      assertEquals([what, checked.code], [what, 0]);
      const shown = [served, checked].map(({ stdout, stderr }) => stdout + stderr).join("");
      assert(!shown.includes(SECRET) && !shown.includes(seed), what);
    }
  },
);

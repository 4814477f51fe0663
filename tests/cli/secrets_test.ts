import { join } from "node:path";
import { createConnection, DialError } from "../../src/websocket/mod.ts";
import { createNode, type Node } from "../../src/actor/mod.ts";
import { assert, assertEquals, assertInstanceOf } from "../helpers/assert.ts";
import { ROOT, sourceFiles } from "../structure/source_tree.ts";
import { runTroupe, temporaryDirectory } from "./stage.ts";

const SECRET = "pa55word";
const USER = `user:${SECRET}`;

/** Ways to give a secret to a command that then has something to say. */
const COMMANDS: readonly (readonly string[])[] = [
  ["connect", `ws://${USER}@127.0.0.1:1/`],
  ["connect", `ws://127.0.0.1:1/?access_token=${SECRET}`],
  ["connect", `ws://${USER}@127.0.0.1:1/#fragment`],
  ["connect", `ftp://${USER}@host/`],
  ["connect", `ws://user:pa55/${SECRET}@host/`],
  ["connect", `${USER}@host`],
  ["connect", "ws://127.0.0.1:1/", "-H", `Authorization Bearer ${SECRET}`],
  ["connect", "ws://127.0.0.1:1/", "-H", `Bad Token Name: ${SECRET}`],
  ["connect", "ws://127.0.0.1:1/", "-H", `Cookie: ${SECRET}\n`, "-H", `X-Api-Key:\u0000${SECRET}`],
  ["connect", "ws://127.0.0.1:1/", "-s", `ws://${USER}@host`],
  ["connect", "ws://127.0.0.1:1/", "--ca", `https://${USER}@host/ca.pem`],
  ["connect", "ws://127.0.0.1:1/", `ws://${USER}@host/`],
  [`ws://${USER}@host/`],
  ["help", `ws://${USER}@host/`],
  ["init", `/dev/null/ws://${USER}@host/`],
  ["check", "-c", `https://${USER}@host/troupe.json`],
  ["serve", "-c", `https://${USER}@host/troupe.json`],
  ["serve", "--hostname", `http://${USER}@host/`],
  ["serve", "--origin", `https://${USER}@host`],
  ["serve", "--set", `ws://${USER}@host`],
  ["serve", "--set", `listen.hostname=http://${USER}@host/?token=${SECRET}`],
];

for (const args of COMMANDS) {
  Deno.test(`troupe ${args.join(" ").slice(0, 60)} shows no secret`, async () => {
    await using directory = await temporaryDirectory();
    const { code, stdout, stderr } = await runTroupe(args, { directory: directory.path });
    assert(code !== 0);
    assert(stderr.length > 0);
    assert(!(stdout + stderr).includes(SECRET), stderr);
  });
}

for (
  const config of [
    { listen: { hostname: `http://${USER}@host/` } },
    { endpoints: { "/ws": { pool: ["echo"], origins: [`https://${USER}@host`] } } },
    { processes: { echo: { module: `https://${USER}@host/m.ts?token=${SECRET}`, behavior: 1 } } },
    { listen: { hostname: { url: `ws://${USER}@host` } } },
  ]
) {
  Deno.test(`troupe check shows no secret of ${Object.keys(config)}`, async () => {
    await using directory = await temporaryDirectory();
    const file = join(directory.path, "troupe.json");
    await Deno.writeTextFile(file, JSON.stringify(config));
    const { stdout, stderr, code } = await runTroupe(["check", "-c", file]);
    assertEquals(code, 2);
    assert(!(stdout + stderr).includes(SECRET), stderr);
  });
}

Deno.test("connect.url and errors of createConnection() have no user and no password", async () => {
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    (request) => {
      const { socket, response } = Deno.upgradeWebSocket(request);
      socket.onmessage = () => socket.close(1000);
      return response;
    },
  );
  const connection = await createConnection({
    url: `ws://${USER}@127.0.0.1:${server.addr.port}/?a=1`,
  });
  await using node: Node = createNode();
  const told = Promise.withResolvers<unknown>();
  const ended = Promise.withResolvers<void>();
  node.spawn(async (self) => {
    const id = self.spawnMeta(connection);
    for await (const { message } of self) {
      const { kind, url } = message as { kind?: string; url?: string };
      if (kind === "connect") {
        told.resolve(url);
        self.send(id, { kind: "message", body: "end" });
      }
      if (kind === "disconnect") break;
    }
    ended.resolve();
  });
  assertEquals(await told.promise, `ws://127.0.0.1:${server.addr.port}/?a=1`);
  await ended.promise;
  const error = await createConnection({ url: `ws://${USER}@127.0.0.1:1/?token=${SECRET}` })
    .catch((error: unknown) => error);
  assertInstanceOf(error, DialError);
  assert(!(error.message + error.url).includes(SECRET), error.message);
});

/** Files that take a URL apart or make one, and show none. */
const MAY_USE_HREF = [
  "src/config/cluster.ts",
  "src/server/process_modules.ts",
  "src/text/redact.ts",
  "src/websocket/dial/target.ts",
  "src/websocket/engines/ws_dial.ts",
  "src/cli/connect_command.ts",
];

Deno.test("the whole text of a URL is used only by files that are known to show none", async () => {
  const files = await Promise.all(
    sourceFiles("src").map(async (path) => ({
      path,
      code: (await Deno.readTextFile(join(ROOT, path))).replaceAll(
        /\/\*[\s\S]*?\*\/|\/\/.*$/gm,
        "",
      ),
    })),
  );
  const users = files.filter(({ code }) => /\.href\b|\.(password|username)\b/.test(code));
  assertEquals(users.map(({ path }) => path).filter((path) => !MAY_USE_HREF.includes(path)), []);
});

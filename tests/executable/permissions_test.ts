import { assert, assertEquals, assertMatch, assertStringIncludes } from "../helpers/assert.ts";
import { OPCODE } from "../../src/testing/frames.ts";
import { deflateRawSync } from "node:zlib";
import type { Program } from "../helpers/program.ts";
import { RawClient } from "../../src/testing/raw_client.ts";
import { Ws } from "../../src/web/troupe.js";
import { askOnce, type Folder, stop, testEverywhere } from "./stage.ts";

const ENGINES = ["native", "ws"] as const;
const FLAGS = ["--port", "0", "--log-format", "json", "--log-level", "debug"];

const read = (name: string) =>
  Deno.readTextFile(new URL(`../http/testdata/${name}.pem`, import.meta.url));

/** Enters a room of the chat as a browser does, and resolves with what the room is told. */
async function enterRoom(port: number): Promise<unknown> {
  const client = new Ws(`ws://127.0.0.1:${port}/chat`, [], { reconnect: false });
  const ended = new Promise<void>((resolve) => client.OnDisconnect(() => resolve()));
  try {
    return await new Promise((resolve) => {
      client.On("joined", (_, value) => resolve(value.room));
      client.OnConnect(() => client.Emit("join", "lobby"));
    });
  } finally {
    client.Disconnect();
    await ended;
  }
}

async function bodyOf(port: number, path: string): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`);
  assertEquals(response.status, 200, path);
  return await response.text();
}

async function useEverything(port: number): Promise<void> {
  assertEquals(await askOnce(port, "/ws", "héllo"), "héllo");
  const request = JSON.stringify({ type: "echo_request", reqId: "1", echo: "héllo" });
  assertStringIncludes(await askOnce(port, "/topics", request), "echo_response");
  assertStringIncludes(await bodyOf(port, "/"), "</html>");
  assertStringIncludes(await bodyOf(port, "/troupe.js"), "class Ws");
  await bodyOf(port, "/health/live");
  await bodyOf(port, "/health/ready");
}

async function assertDrains(program: Program, port: number): Promise<void> {
  await using client = await RawClient.open({ port, path: "/ws" });
  program.signal("SIGTERM");
  assertEquals((await client.readClose()).code, 1001);
  await client.send({ opcode: OPCODE.close, payload: new Uint8Array([3, 233]) });
  assertEquals(await program.exitCode(), 0);
}

for (const engine of ENGINES) {
  testEverywhere(
    `the executable serves everything on every address with engine ${engine}`,
    async (folder) => {
      await using program = folder.start([
        ...FLAGS,
        "--engine",
        engine,
        "--hostname",
        "0.0.0.0",
        "--set",
        "page=true",
        "--origin",
        "*",
      ]);
      const port = await program.port();
      await useEverything(port);
      assertEquals(await enterRoom(port), "lobby");
      await assertDrains(program, port);
      await folder.assertPermitted(program.lines);
    },
  );
}

async function withCertificate(folder: Folder, which: "first" | "second"): Promise<string> {
  const certificate = await read(`${which}.cert`);
  await folder.write("cert.pem", certificate);
  await folder.write("key.pem", await read(`${which}.key`));
  return certificate;
}

/** What `troupe connect` says of a server whose certificate it is to trust. */
async function connect(folder: Folder, port: number, certificate: string) {
  await folder.write("ca.pem", certificate);
  const url = `wss://localhost:${port}/ws`;
  return await folder.run(["connect", url, "--ca", "ca.pem", "--compression"], "héllo\n");
}

for (const engine of ENGINES) {
  testEverywhere(
    `the executable serves TLS with engine ${engine}, and reads it again at SIGHUP`,
    async (folder) => {
      const first = await withCertificate(folder, "first");
      await folder.write(
        "troupe.json",
        JSON.stringify({
          listen: { port: 0, tls: { cert: "cert.pem", key: "key.pem" } },
          processes: { echo: { behavior: "echo" } },
          endpoints: { "/ws": { pool: ["echo"], engine, origins: "*" } },
        }),
      );
      await using program = folder.start(FLAGS);
      const port = await program.port();
      const good = { code: 0, stdout: "héllo\n", stderr: "" };
      assertEquals(await connect(folder, port, first), good);
      const second = await withCertificate(folder, "second");
      program.signal("SIGHUP");
      await program.find("the reload", (line) => line.includes("Re-read") || undefined);
      const after = engine === "ws" ? second : first;
      assertEquals(await connect(folder, port, after), good);
      await stop(program);
      await folder.assertPermitted(program.lines);
    },
  );
}

testEverywhere("the executable compresses, and believes a proxy", async (folder) => {
  await folder.write(
    "troupe.yaml",
    "listen: { port: 0, trustProxy: [127.0.0.1] }\n" +
      "processes: { echo: { behavior: echo }, who: { module: ./who.ts } }\n" +
      "endpoints: { /ws: { pool: [echo], compression: true }, /who: { pool: [who] } }\n",
  );
  await folder.write(
    "who.ts",
    `import { CallError, isConnect, type Process } from "@troupe/troupe";
    export default async function who(self: Process): Promise<void> {
      const error = await self.call("nobody", {}).catch((error) => error);
      for await (const { message } of self) {
        if (!isConnect(message)) continue;
        const body = \`\${message.remoteAddr} \${error instanceof CallError}\`;
        self.send(message.id, { kind: "message", body });
      }
    }`,
  );
  await using program = folder.start(FLAGS);
  const port = await program.port();
  {
    const headers = { "X-Forwarded-For": "203.0.113.7" };
    await using client = await RawClient.open({ port, path: "/who", headers });
    // The class of the error is the one that the server knows.
    assertMatch(await client.readText(), /^203\.0\.113\.7.* true$/);
  }
  await using client = await RawClient.connect({ port });
  const { headers } = await client.handshake({
    headers: { "Sec-WebSocket-Extensions": "permessage-deflate" },
  });
  assertStringIncludes(headers.get("sec-websocket-extensions") ?? "", "permessage-deflate");
  const payload = deflateRawSync("hello ".repeat(1000), { finishFlush: 2 }).subarray(0, -4);
  await client.send({ opcode: OPCODE.text, payload: new Uint8Array(payload), rsv: 4 });
  const frame = await client.readFrame();
  assert(frame !== undefined && frame.payload.length < 1000, "the answer is not compressed");
  client.close();
  await stop(program);
  await folder.assertPermitted(program.lines);
});

for (const engine of ENGINES) {
  testEverywhere(
    `the executable has a door and keyed processes with engine ${engine}`,
    async (folder) => {
      await folder.write(
        "troupe.yaml",
        "listen: { port: 0 }\nprocesses: { room: { module: ./room.ts, keyed: true } }\n" +
          `endpoints: { "/": { target: room/lobby, engine: ${engine} },\n` +
          '  "/room/:name": { target: "room/:name", accept: ./accept.ts } }\n',
      );
      await folder.write(
        "accept.ts",
        `import { type Accept, refuse } from "@troupe/troupe";
      const accept: Accept = ({ request, params }) => {
        const user = new URL(request.url).searchParams.get("user");
        if (user === null) return refuse(401, "who are you?");
        return { attributes: { user }, target: "room/" + params.name };
      };
      export default accept;`,
      );
      await folder.write(
        "room.ts",
        `import { type FromConnection, type Process, text } from "@troupe/troupe";
      export default async function room(self: Process<FromConnection>): Promise<void> {
        for await (const { message } of self) {
          if (message.kind !== "connect") continue;
          self.send(message.id, text(self.key + " " + message.attributes?.user));
        }
      }`,
      );
      await using program = folder.start(FLAGS);
      const port = await program.port();
      {
        await using client = await RawClient.open({ port, path: "/room/blue?user=ada" });
        assertEquals(await client.readText(), "blue ada");
      }
      {
        await using client = await RawClient.open({ port, path: "/" });
        assertEquals(await client.readText(), "lobby undefined");
      }
      assertStringIncludes(await bodyOf(port, "/"), "</html>");
      assertStringIncludes(await bodyOf(port, "/metrics"), "troupe_connections_total");
      const refused = await fetch(`http://127.0.0.1:${port}/room/blue`);
      assertEquals(refused.status, 426);
      await refused.body?.cancel();
      await using client = await RawClient.connect({ port });
      assertEquals((await client.handshake({ path: "/room/blue" })).status, 401);
      client.close();
      await stop(program);
      await folder.assertPermitted(program.lines);
    },
  );
}

testEverywhere(
  "the executable runs what init wrote, and every command that ends by itself",
  async (folder) => {
    const outputs: string[] = [];
    for (
      const [args, expected] of [
        [["init", "new"], "Wrote troupe.jsonc and board.ts"],
        [["check", "-c", "new/troupe.jsonc"], "new/troupe.jsonc is valid"],
        [["schema"], '"$schema"'],
        [["version"], "commit "],
        [["-V"], "troupe 0."],
        [["completions", "bash"], "complete -F _troupe troupe"],
        [["help"], "troupe connect URL"],
        [["help", "serve"], "--log-level"],
      ] as const
    ) {
      const { code, stdout, stderr } = await folder.run(args);
      assertEquals([code, stderr], [0, ""], args.join(" "));
      assertStringIncludes(stdout, expected);
      outputs.push(stdout, stderr);
    }
    await using program = folder.start(["serve", "-c", "new/troupe.jsonc", ...FLAGS]);
    const port = await program.port();
    assertEquals(await askOnce(port, "/board", "héllo"), "héllo");
    const { code, stdout } = await folder.run(["connect", `ws://127.0.0.1:${port}/ws`], "héllo\n");
    assertEquals([code, stdout], [0, "héllo\n"]);
    const health = await folder.run(["health", "--port", String(port)]);
    assertEquals(health, { code: 0, stdout: "ready\n", stderr: "" });
    await stop(program);
    await folder.assertPermitted([...outputs, ...program.lines]);
  },
);

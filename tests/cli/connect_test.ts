import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";
import { join } from "node:path";
import { exitCodeOf, parseHeaders } from "../../src/cli/connect_command.ts";
import { runCli } from "../../src/cli/mod.ts";
import { parseConfig } from "../../src/config/mod.ts";
import { serve } from "../../src/server/mod.ts";
import { assertEquals, assertStringIncludes } from "../helpers/assert.ts";
import { ROOT } from "../structure/source_tree.ts";
import { type CliStage, createIo, runTroupe } from "./stage.ts";

/** A server on which the test talks to each client by itself. */
async function startPeer(talk: (socket: WebSocket, headers: Record<string, unknown>) => void) {
  const http: Server = createServer();
  const peer = new WebSocketServer({
    server: http,
    perMessageDeflate: true,
    handleProtocols: (offered) => offered.has("chat") ? "chat" : false,
  });
  peer.on("connection", (socket, request) => talk(socket, request.headers));
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const { port } = http.address() as AddressInfo;
  return {
    url: `ws://127.0.0.1:${port}/`,
    async [Symbol.asyncDispose]() {
      for (const client of peer.clients) client.terminate();
      await new Promise<void>((resolve) => http.close(() => resolve()));
    },
  };
}

const echo = (socket: WebSocket) =>
  socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary }));

/** Standard input of these pieces, that ends after them or stays open. */
function input(pieces: readonly string[], staysOpen = false): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const piece of pieces) controller.enqueue(new TextEncoder().encode(piece));
      if (!staysOpen) controller.close();
    },
  });
}

function connect(url: string, stage: CliStage, ...flags: string[]) {
  return runTroupe(["connect", url, "--wait", "100ms", ...flags], stage);
}

Deno.test("troupe connect sends lines, prints messages, and closes with 1000 at the end", async () => {
  const closed = Promise.withResolvers<number>();
  await using peer = await startPeer((socket) => {
    echo(socket);
    socket.on("close", closed.resolve);
  });
  const pieces = ["on", "e\ntwo\r\n\nthree ✓\nlast"];
  const result = await connect(peer.url, { input: input(pieces) });
  assertEquals(result, { code: 0, stdout: "one\ntwo\n\nthree ✓\nlast\n", stderr: "" });
  assertEquals(await closed.promise, 1000);
});

Deno.test("troupe connect sends all of a long input, in order, to a peer that reads slowly", async () => {
  const lines = Array.from({ length: 300 }, (_, i) => `${i} ${"x".repeat(10_000)}`);
  let received = 0;
  await using peer = await startPeer((socket) => {
    socket.pause();
    setTimeout(() => socket.resume(), 200);
    socket.on("message", (data) => {
      if (data.toString() === lines[received]) received++;
    });
  });
  const { code } = await connect(peer.url, { input: input([lines.join("\n")]) });
  assertEquals([code, received], [0, lines.length]);
});

Deno.test("troupe connect --binary sends the bytes of lines and prints bytes", async () => {
  const kinds: boolean[] = [];
  await using peer = await startPeer((socket) => {
    socket.on("message", (_, isBinary) => kinds.push(isBinary));
    echo(socket);
  });
  const { code, stdout } = await connect(peer.url, { input: input(["a\r\nb\n"]) }, "--binary");
  assertEquals([code, stdout, kinds], [0, "a\r\nb\n", [true, true]]);
});

Deno.test("troupe connect --header, --subprotocol and --compression go into the handshake", async () => {
  const seen = Promise.withResolvers<unknown[]>();
  await using peer = await startPeer((socket, headers) => {
    seen.resolve([headers["x-a"], headers.cookie, socket.protocol, socket.extensions]);
  });
  const flags = ["-H", "X-A: 1", "--header", "Cookie: a=b:c", "-s", "v2", "-s", "chat"];
  const { code } = await connect(peer.url, {}, ...flags, "--compression");
  assertEquals([code, await seen.promise], [0, ["1", "a=b:c", "chat", "permessage-deflate"]]);
});

Deno.test("troupe connect --ping pings a quiet server, and gives up one that is not heard", async () => {
  const pinged = Promise.withResolvers<void>();
  await using peer = await startPeer((socket) => socket.on("ping", () => pinged.resolve()));
  const { io, signal } = createIo({ input: input([], true) });
  const code = runCli(["connect", peer.url, "--ping", "100ms"], io);
  await pinged.promise;
  signal("SIGINT");
  assertEquals(await code, 0);

  await using deaf = await startPeer((socket) => socket.pause());
  const result = await connect(deaf.url, { input: input([], true) }, "--ping", "100ms");
  assertEquals(result.code, 3);
  assertStringIncludes(result.stderr, "The connection ended with 4003");
});

Deno.test("troupe connect ends with an exit code by close code, and says why", async () => {
  const cases: [number, string, number, string][] = [
    [1000, "", 0, ""],
    [1001, "going away", 3, 'The connection ended with 1001 "going away"\n'],
    [1009, "too \u001b[2Jbig", 4, 'The connection ended with 1009 "too \\u001b[2Jbig"\n'],
    [1011, "", 5, "The connection ended with 1011\n"],
  ];
  for (const [closeCode, reason, code, stderr] of cases) {
    await using peer = await startPeer((socket) => socket.close(closeCode, reason));
    const result = await connect(peer.url, { input: input([], true) });
    assertEquals(result, { code, stdout: "", stderr });
  }
  await using peer = await startPeer((socket) => socket.terminate());
  assertEquals((await connect(peer.url, { input: input([], true) })).code, 5);
});

Deno.test("exitCodeOf() tells success, try again, refused and broken apart", () => {
  const codes = [
    1000,
    1005,
    1001,
    1012,
    1013,
    4000,
    4499,
    1002,
    1007,
    1008,
    4500,
    4999,
    1006,
    1011,
  ];
  assertEquals(codes.map(exitCodeOf), [0, 0, 3, 3, 3, 3, 3, 4, 4, 4, 4, 4, 5, 5]);
});

Deno.test("troupe connect ends in 1 with one line when there is no connection", async () => {
  using free = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = free.addr as Deno.NetAddr;
  const late = await connect(`ws://127.0.0.1:${port}/`, {}, "--timeout", "100ms");
  assertEquals(late.code, 1);
  assertStringIncludes(late.stderr, "the handshake took over 100 ms");
  free.close();
  const refused = await connect(`ws://127.0.0.1:${port}/`, {});
  assertEquals(refused.code, 1);
  assertStringIncludes(refused.stderr, `Cannot connect to ws://127.0.0.1:${port}/: `);
  await using http = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    () => new Response("no", { status: 403 }),
  );
  const status = await connect(`ws://127.0.0.1:${http.addr.port}/`, {});
  assertEquals([status.code, status.stderr.trimEnd().includes("\n")], [1, false]);
  assertStringIncludes(status.stderr, "the server answered 403, expected 101");
});

Deno.test("troupe connect ends in 2 on wrong use, naming it", async () => {
  const cases: [string[], string][] = [
    [[], 'Cannot connect to "": it is no URL of a WebSocket'],
    [["http://localhost/"], 'Cannot connect to "http://localhost/": it is no URL of a WebSocket'],
    [["ws://localhost/", "--header", "nope"], 'Cannot use --header "nope": expected "Name: value"'],
    [
      ["ws://localhost/", "--header", "A: \u20ac"],
      'Cannot use --header "A: \u20ac": expected "Name: ',
    ],
    [["ws://localhost/", "--header", "A: \u0001"], 'Cannot use --header "A: \\u0001": expected'],
    [["ws://localhost/#a"], 'Cannot connect to "ws://localhost/#a": it has a fragment'],
    [["ws://localhost/", "-s", "a b"], 'Cannot use --subprotocol "a b": it is no token, expected'],
    [["ws://localhost/", "-s", "a", "-s", "a"], 'Cannot use --subprotocol "a": it is there twice'],
    [["ws://localhost/", "--ping", "2000000000"], 'Cannot use --ping "2000000000": no timer waits'],
    [["ws://localhost/", "--ping", "0"], 'Cannot use --ping "0": expected a duration'],
    [["ws://localhost/", "--wait", "soon"], 'Cannot use --wait "soon": expected a duration'],
  ];
  for (const [args, text] of cases) {
    const { code, stderr } = await runTroupe(["connect", ...args]);
    assertEquals(code, 2);
    assertStringIncludes(stderr, text);
  }
});

Deno.test("troupe connect on a terminal says how it stands and escapes what a stranger sends", async () => {
  await using peer = await startPeer((socket) => {
    socket.send("a\u001b[2J\nb");
    socket.send(new Uint8Array([0, 255]));
  });
  const { code, stdout, stderr } = await connect(peer.url, { isTerminal: true });
  assertEquals([code, stdout], [0, "a\\u001b[2J\nb\n(2 bytes) 00ff\n"]);
  assertStringIncludes(stderr, `Connected to ${peer.url}. Each line is sent`);
});

Deno.test("parseHeaders() joins values of one name", () => {
  assertEquals(parseHeaders(["A: 1", "b:2", "a: 3"]), { a: "1, 3", b: "2" });
});

/** Runs the program itself with this input. */
async function runInPipe(url: string, input: string, env: Record<string, string> = {}) {
  const command = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", join(ROOT, "main.ts"), "connect", url],
    env: { NO_COLOR: "1", ...env },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  });
  await using child = command.spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(input));
  await writer.close();
  const { code, stdout, stderr } = await child.output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

Deno.test("troupe connect works in a pipe", async () => {
  await using peer = await startPeer(echo);
  const result = await runInPipe(peer.url, "hi\nthere\n");
  assertEquals(result, { code: 0, stdout: "hi\nthere\n", stderr: "" });
});

Deno.test("troupe connect trusts the certificate of DENO_CERT, and no other", async () => {
  const testdata = join(ROOT, "tests/http/testdata");
  const tls = { cert: "first.cert.pem", key: "first.key.pem" };
  const config = parseConfig({ listen: { port: 0, tls } });
  await using server = await serve(config, { baseDirectory: testdata });
  const url = `wss://localhost:${server.addr.port}/ws`;
  const trusted = await runInPipe(url, "hi\n", { DENO_CERT: join(testdata, tls.cert) });
  assertEquals(trusted, { code: 0, stdout: "hi\n", stderr: "" });
  const stranger = await runInPipe(url, "hi\n", { DENO_CERT: "" });
  assertEquals([stranger.code, stranger.stdout], [1, ""]);
  assertStringIncludes(stranger.stderr, `Cannot connect to ${url}: self-signed certificate`);
});

import { assertEquals, assertMatch, assertStringIncludes } from "../helpers/assert.ts";
import { parseConfig, serve } from "../../src/doors/server.ts";
import { runTroupe, temporaryDirectory } from "./stage.ts";

const ENDPOINTS = { endpoints: {}, processes: {} };

Deno.test("troupe health asks the server of the configuration", async () => {
  await using server = await serve(parseConfig({ listen: { port: 0 }, ...ENDPOINTS }));
  const port = String(server.addr.port);
  await using directory = await temporaryDirectory();
  await Deno.writeTextFile(`${directory.path}/troupe.json`, `{"listen":{"port":${port}}}`);
  const ready = { code: 0, stdout: "ready\n", stderr: "" };
  for (
    const [args, stage] of [
      [[], { directory: directory.path }],
      [["-c", `${directory.path}/troupe.json`], {}],
      [["--port", port], {}],
      // Whoever listens on every address is asked on this machine.
      [["--port", port, "--hostname", "0.0.0.0"], {}],
      [["--set", `listen.port=${port}`], {}],
      [[], { environment: { TROUPE_LISTEN_PORT: port } }],
      [[`http://127.0.0.1:${port}`], {}],
      [[`http://user:secret@127.0.0.1:${port}/any?query`], {}],
    ] as const
  ) {
    assertEquals(await runTroupe(["health", ...args], stage), ready, args.join(" "));
  }
  assertEquals(await runTroupe(["health", "--live", "-p", port]), { ...ready, stdout: "live\n" });
});

/** Answers as a server does that drains. */
function startDraining() {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
    const status = request.url.endsWith("/health/ready") ? 503 : 200;
    return new Response("text", { status });
  });
  return { port: String(server.addr.port), [Symbol.asyncDispose]: () => server.shutdown() };
}

Deno.test("troupe health says that a server drains, and that it lives while it does", async () => {
  await using server = startDraining();
  assertEquals(await runTroupe(["health", "-p", server.port]), {
    code: 1,
    stdout: "",
    stderr: `http://127.0.0.1:${server.port} is not ready: status 503\n`,
  });
  assertEquals((await runTroupe(["health", "--live", "-p", server.port])).code, 0);
});

Deno.test("troupe health tells who does not answer, and does not wait for ever", async () => {
  const silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const connections: Deno.Conn[] = [];
  const accepting = (async () => {
    for await (const connection of silent) connections.push(connection);
  })();
  const port = String(silent.addr.port);
  assertEquals(await runTroupe(["health", "-p", port, "--timeout", "50ms"]), {
    code: 1,
    stdout: "",
    stderr: `Cannot ask http://127.0.0.1:${port}: there is no answer within 50 ms\n`,
  });
  silent.close();
  await accepting;
  for (const connection of connections) connection.close();
  const { code, stderr } = await runTroupe(["health", "-p", port]);
  assertEquals(code, 1);
  assertMatch(stderr, /^Cannot ask http:\/\/127\.0\.0\.1:\d+: .*ECONNREFUSED.*\n$/);
});

Deno.test("troupe health asks a server by TLS whatever name its certificate has", async () => {
  const testdata = new URL("../http/testdata/", import.meta.url).pathname;
  const tls = { cert: `${testdata}first.cert.pem`, key: `${testdata}first.key.pem` };
  await using directory = await temporaryDirectory();
  for (const engine of ["native", "ws"]) {
    const endpoints = { "/ws": { pool: ["echo"], engine } };
    const processes = { echo: { behavior: "echo" } };
    const config = parseConfig({ listen: { port: 0, tls }, processes, endpoints });
    await using server = await serve(config);
    const { port } = server.addr;
    await Deno.writeTextFile(
      `${directory.path}/troupe.json`,
      JSON.stringify({ listen: { port, tls } }),
    );
    const own = await runTroupe(["health"], { directory: directory.path });
    assertEquals(own, { code: 0, stdout: "ready\n", stderr: "" });
    const named = await runTroupe(["health", `https://127.0.0.1:${port}`]);
    assertEquals(named.code, 1);
    assertStringIncludes(named.stderr, `Cannot ask https://127.0.0.1:${port}: `);
  }
});

for (
  const [args, why] of [
    [["--port", "0"], "the system chose the port, expected --port or the server's URL"],
    [["localhost:8080"], "expected a URL that starts with http:// or https://"],
    [["ws://localhost"], "expected a URL that starts with http:// or https://"],
    [["--timeout", "soon"], 'Cannot use --timeout "soon": expected a duration such as 2s'],
    [["--timeout", "0"], 'Cannot use --timeout "0": expected a duration such as 2s'],
    [["--workers", "2"], 'Cannot use flag "--workers"'],
  ] as const
) {
  Deno.test(`troupe health ${args.join(" ")} is wrong use`, async () => {
    const { code, stderr } = await runTroupe(["health", ...args]);
    assertEquals(code, 2);
    assertStringIncludes(stderr, why);
  });
}

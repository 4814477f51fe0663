import { join } from "node:path";
import { assertEquals, assertStringIncludes } from "../helpers/assert.ts";
import { OPCODE } from "../../src/testing/frames.ts";
import { RawClient } from "../../src/testing/raw_client.ts";
import { runCli } from "../../src/cli/mod.ts";
import { ROOT } from "../structure/source_tree.ts";
import { createIo, runTroupe, temporaryDirectory } from "./stage.ts";

const LOCAL = ["--port", "0", "--hostname", "127.0.0.1"];

Deno.test("troupe serve lets flags win over environment over file", async () => {
  await using directory = await temporaryDirectory();
  await Deno.writeTextFile(
    join(directory.path, "troupe.yaml"),
    "node: { name: file@host }\nlisten: { port: 1 }\nlog: { level: error }\n",
  );
  const environment = {
    TROUPE_LISTEN_PORT: "2",
    TROUPE_NODE_NAME: "environment@host",
    TROUPE_LOG_LEVEL: "info",
    TROUPE_SERVICE_HOST: "10.0.0.1",
  };
  const { io, signal, findLog, result } = createIo({ directory: directory.path, environment });
  const code = runCli([...LOCAL, "--name", "flag@host"], io);
  const { node, port } = await findLog("Listening on");
  assertEquals(node, "flag@host");
  assertEquals(Number(port) > 2, true);
  // What an orchestrator injects is worth a warning, not a refusal.
  const warning = await findLog("TROUPE_SERVICE_HOST");
  assertEquals(warning.level, "warning");
  signal("SIGTERM");
  assertEquals(await code, 0);
  assertEquals(result(), { stdout: "", stderr: "" });
});

Deno.test("troupe serve --engine and --origin hold for every endpoint", async () => {
  await using directory = await temporaryDirectory();
  const { io, signal, findLog } = createIo({ directory: directory.path });
  const code = runCli([...LOCAL, "--engine=native", "--origin", "https://a.example"], io);
  const port = Number((await findLog("Listening on")).port);
  const status = async (origin: string) => {
    await using client = await RawClient.connect({ port });
    return (await client.handshake({ path: "/ws", headers: { origin } })).status;
  };
  assertEquals(await status("https://a.example"), 101);
  assertEquals(await status("https://b.example"), 403);
  signal("SIGTERM");
  assertEquals(await code, 0);
});

Deno.test("troupe serve on a port in use ends in 1 with one line", async () => {
  await using directory = await temporaryDirectory();
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  const { io, result } = createIo({ directory: directory.path });
  assertEquals(await runCli(["-p", String(port), "--hostname", "127.0.0.1"], io), 1);
  assertEquals(
    result().stderr,
    `Cannot listen on 127.0.0.1:${port}: the port is in use, expected a free one\n`,
  );
});

Deno.test("troupe serve ends in 1 on a module that does not load, naming it", async () => {
  await using directory = await temporaryDirectory();
  await Deno.writeTextFile(join(directory.path, "bad.ts"), "export default 1;");
  await Deno.writeTextFile(
    join(directory.path, "troupe.json"),
    '{"processes":{"bad":{"module":"./bad.ts"}}}',
  );
  const { code, stderr } = await runTroupe(["--log-format", "json"], { directory: directory.path });
  assertEquals(code, 1);
  assertStringIncludes(stderr, 'Cannot load process module "./bad.ts": its default export is');
  assertEquals(stderr.trimEnd().includes("\n"), false);
});

Deno.test("SIGHUP re-reads log level, origins and limits, and keeps the old at a bad file", async () => {
  await using directory = await temporaryDirectory();
  const write = (level: string, size: string, more = "") =>
    Deno.writeTextFile(
      join(directory.path, "troupe.json"),
      `{"processes":{"echo":{"behavior":"echo"}},"log":{"level":"${level}"},"endpoints":` +
        `{"/ws":{"pool":["echo"],"maxMessageSize":"${size}"${more}}}}`,
    );
  await write("info", "64KiB");
  const { io, signal, findLog, logs } = createIo({ directory: directory.path });
  const code = runCli(LOCAL, io);
  const port = Number((await findLog("Listening on")).port);
  const answerTo = async (length: number) => {
    await using client = await RawClient.open({ port, path: "/ws" });
    await client.send({ opcode: OPCODE.text, payload: "x".repeat(length) });
    return (await client.readFrame())?.opcode;
  };
  assertEquals(await answerTo(100), OPCODE.text);

  await write("warning", "10B", ',"targetLost":"next"');
  signal("SIGHUP");
  const later = await findLog("wait for the next start");
  assertEquals(later.keys, ["endpoints./ws.targetLost"]);
  assertEquals(await answerTo(100), OPCODE.close);

  await write("loud", "1B");
  signal("SIGHUP");
  const refused = await findLog("was not reloaded");
  assertStringIncludes(JSON.stringify(refused.error), "log.level");
  assertEquals(await answerTo(5), OPCODE.text);
  assertEquals(logs.some((line) => String(line.message).startsWith("Re-read")), false);

  await write("info", "10B");
  signal("SIGHUP");
  await findLog("Re-read");
  signal("SIGTERM");
  assertEquals(await code, 0);
});

const testdata = (name: string) =>
  Deno.readTextFile(join(ROOT, "tests/http/testdata", `${name}.pem`));

/** A directory with a configuration for TLS and the files that it names. */
async function directoryWithTls(cert: string, key: string) {
  const directory = await temporaryDirectory();
  const write = async (file: string, source: string) =>
    await Deno.writeTextFile(join(directory.path, file), await testdata(source));
  await write("cert.pem", cert);
  await write("key.pem", key);
  await Deno.writeTextFile(
    join(directory.path, "troupe.json"),
    '{"listen":{"tls":{"cert":"cert.pem","key":"key.pem"}}}',
  );
  return { directory, write };
}

Deno.test("troupe serve ends in 1 on a certificate that does not match its key, in one line", async () => {
  const { directory } = await directoryWithTls("first.cert", "second.key");
  await using _directory = directory;
  const { code, stdout, stderr } = await runTroupe(LOCAL, { directory: directory.path });
  assertEquals([code, stdout], [1, ""]);
  assertEquals(
    stderr,
    'Cannot use certificate "cert.pem" with key "key.pem": they do not match, ' +
      "expected the private key of the certificate\n",
  );
});

Deno.test("SIGHUP reads the certificate again, and keeps the old one when it cannot be used", async () => {
  const { directory, write } = await directoryWithTls("first.cert", "first.key");
  await using _directory = directory;
  const { io, signal, findLog } = createIo({ directory: directory.path });
  const code = runCli(LOCAL, io);
  const port = Number((await findLog("Listening on")).port);
  const isServed = async (cert: string) => {
    using client = Deno.createHttpClient({ caCerts: [await testdata(cert)] });
    const response = await fetch(`https://localhost:${port}/health/live`, { client })
      .catch(() => undefined);
    await response?.body?.cancel();
    return response?.status === 200;
  };
  assertEquals(await isServed("first.cert"), true);
  await write("cert.pem", "second.cert");
  signal("SIGHUP");
  const refused = await findLog("was not reloaded");
  assertStringIncludes(JSON.stringify(refused.error), "they do not match");
  assertEquals(await isServed("first.cert"), true);
  await write("key.pem", "second.key");
  signal("SIGHUP");
  await findLog("Re-read");
  assertEquals([await isServed("first.cert"), await isServed("second.cert")], [false, true]);
  signal("SIGTERM");
  assertEquals(await code, 0);
});

import { join } from "node:path";
import { parseConfig } from "../../src/config/mod.ts";
import { serve } from "../../src/server/mod.ts";
import { assertEquals, assertStringIncludes } from "../helpers/assert.ts";
import { temporaryFiles } from "../server/stage.ts";
import { ROOT } from "../structure/source_tree.ts";
import { runTroupe } from "./stage.ts";

const TESTDATA = join(ROOT, "tests/http/testdata");
const read = (name: string) => Deno.readTextFile(join(TESTDATA, name));

/** A server whose certificate signs itself, for localhost and 127.0.0.1. */
async function startTls() {
  const tls = { cert: "first.cert.pem", key: "first.key.pem" };
  const config = parseConfig({ listen: { port: 0, tls } });
  return await serve(config, { baseDirectory: TESTDATA });
}

function connect(url: string, ...flags: string[]) {
  const input = new Blob(["hi\n"]).stream();
  return runTroupe(["connect", url, "--wait", "100ms", ...flags], { input, directory: TESTDATA });
}

Deno.test("troupe connect --ca trusts the certificates of the file, and no other", async () => {
  await using server = await startTls();
  await using files = await temporaryFiles({
    "both.pem": `Second:\n${await read("second.cert.pem")}First:\r\n${await read(
      "first.cert.pem",
    )}`,
  });
  for (const host of ["localhost", "127.0.0.1"]) {
    const url = `wss://${host}:${server.addr.port}/ws`;
    for (const file of ["first.cert.pem", join(files.path, "both.pem")]) {
      const trusted = await connect(url, "--ca", file);
      assertEquals(trusted, { code: 0, stdout: "hi\n", stderr: "" });
    }
    for (const flags of [[], ["--ca", "second.cert.pem"]]) {
      const { code, stdout, stderr } = await connect(url, ...flags);
      assertEquals([code, stdout], [1, ""]);
      assertEquals(stderr, `Cannot connect to ${url}: self-signed certificate\n`);
    }
  }
});

Deno.test("troupe connect --insecure takes any certificate, and warns of it", async () => {
  await using server = await startTls();
  const host = `localhost:${server.addr.port}`;
  const { code, stdout, stderr } = await connect(`wss://user:secret@${host}/ws`, "--insecure");
  assertEquals([code, stdout], [0, "hi\n"]);
  assertEquals(
    stderr,
    `Warning: the certificate of ${host} is not checked, so anybody may answer in its place\n`,
  );
});

Deno.test("troupe connect --insecure has nothing to warn of without TLS", async () => {
  await using server = await serve(parseConfig({ listen: { port: 0 } }));
  const result = await connect(`ws://127.0.0.1:${server.addr.port}/ws`, "--insecure");
  assertEquals(result, { code: 0, stdout: "hi\n", stderr: "" });
});

Deno.test("troupe connect ends in 2 on a --ca that has no certificates, naming the file", async () => {
  const cert = await read("first.cert.pem");
  await using files = await temporaryFiles({
    "text.pem": "nothing\n",
    "broken.pem": `${cert}-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n`,
  });
  const cases: [string, string][] = [
    ["missing.pem", "there is no such file"],
    ["first.key.pem", "there is no certificate in it"],
    [join(files.path, "text.pem"), "there is no certificate in it"],
    [join(files.path, "broken.pem"), "number 2 in it is no certificate"],
  ];
  for (const [file, why] of cases) {
    const { code, stderr } = await connect("wss://localhost:1/", "--ca", file);
    const text = `Cannot use --ca "${file}": ${why}, expected certificates in PEM\n`;
    assertEquals([code, stderr.startsWith(text)], [2, true], stderr);
  }
  const { code, stderr } = await connect(
    "wss://localhost:1/",
    "--ca",
    "first.cert.pem",
    "--insecure",
  );
  assertEquals(code, 2);
  assertStringIncludes(stderr, "Cannot use --ca with --insecure: ");
});

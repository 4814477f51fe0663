import { join } from "node:path";
import { assertEquals, assertStringIncludes } from "../helpers/assert.ts";
import { PERMISSIONS } from "../../scripts/compile.ts";
import { ROOT } from "../structure/source_tree.ts";

const IMPORTED = [
  "src/cli/mod.ts",
  "src/mod.ts",
  "src/doors/server.ts",
  // These are loaded when a server needs them.
  "src/http/listener_node.ts",
  "src/websocket/engines/ws_dial.ts",
].map((path) => join(ROOT, path));

/** Loads all of the program and prints what its packages look for and do not find. */
const LOOK = `
import Module from "node:module";
const missed = [];
let asked = 0;
const original = Module._resolveFilename;
Module._resolveFilename = function (request, ...rest) {
  asked++;
  try {
    return original.call(this, request, ...rest);
  } catch (error) {
    missed.push(request);
    throw error;
  }
};
for (const path of Deno.args) await import(path);
const telemetry = await import(Deno.args[0].replace("cli", "telemetry"));
await telemetry.createPrometheus();
for (const protocol of ["http/json", "http/protobuf"]) {
  const environment = {
    OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:9",
    OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
  };
  const exporting = await telemetry.startOtlpExport({ environment, version: "0" });
  await exporting.shutdown(0);
}
console.log(JSON.stringify({ asked: asked > 10, missed }));
`;

async function run(script: string, ...flags: string[]): Promise<string> {
  const folder = await Deno.makeTempDir();
  try {
    const path = join(folder, "look.js");
    await Deno.writeTextFile(path, script);
    const config = ["--config", join(ROOT, "deno.json")];
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", ...config, ...flags, path, ...IMPORTED],
      cwd: folder,
      env: { NO_COLOR: "1" },
      stdin: "null",
    }).output();
    return new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("no package of the program looks for one that is not there", async () => {
  const output = await run(LOOK, ...PERMISSIONS);
  assertEquals(JSON.parse(output), { asked: true, missed: [] });
});

Deno.test("the library asks nobody for the environment to keep packages from looking", async () => {
  const script = `
    const asked = [];
    const original = Deno.permissions.querySync.bind(Deno.permissions);
    Deno.permissions.querySync = (descriptor) => {
      asked.push(descriptor.variable);
      return original(descriptor);
    };
    await import(${JSON.stringify(join(ROOT, "src/websocket/engines/without_addons.ts"))});
    console.log(asked.join());
  `;
  const output = await run(script, "--no-prompt", "--allow-read");
  assertEquals(output, "WS_NO_BUFFER_UTIL,WS_NO_UTF_8_VALIDATE\n");
  const permitted = await run(
    script + `console.log(Deno.env.get("WS_NO_BUFFER_UTIL"));`,
    ...PERMISSIONS,
  );
  assertStringIncludes(permitted, "\n1\n");
});

for (const engine of ["native", "ws"]) {
  Deno.test(`the library serves with engine ${engine}, the network and one variable`, async () => {
    const script = `
      import { parseConfig, serve } from ${JSON.stringify(join(ROOT, "src/doors/server.ts"))};
      await using server = await serve(parseConfig({
        listen: { port: 0 },
        processes: { echo: { behavior: "echo" } },
        endpoints: { "/ws": { pool: ["echo"], engine: "${engine}" } },
      }));
      const socket = new WebSocket("ws://127.0.0.1:" + server.addr.port + "/ws");
      socket.onopen = () => socket.send("hello");
      console.log(await new Promise((resolve) => socket.onmessage = ({ data }) => resolve(data)));
      socket.close();
      await new Promise((resolve) => socket.onclose = resolve);
    `;
    const permissions = ["--no-prompt", "--allow-net", "--allow-env=WS_NO_BUFFER_UTIL"];
    assertEquals((await run(script, ...permissions)).split("\n").at(-2), "hello");
  });
}

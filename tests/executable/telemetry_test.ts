import { assert, assertEquals, assertLess } from "../helpers/assert.ts";
import { OtlpCollector } from "../helpers/otlp_collector.ts";
import { askOnce, type Folder, stop, testEverywhere } from "./stage.ts";

const FLAGS = ["--port", "0", "--log-format", "json"];
const QUICK = { OTEL_BSP_SCHEDULE_DELAY: "50", OTEL_METRIC_EXPORT_INTERVAL: "200" };

testEverywhere(
  "the executable exports traces and metrics where OTEL_EXPORTER_OTLP_ENDPOINT says",
  async (folder) => {
    await using collector = new OtlpCollector();
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, ...QUICK };
    await using program = folder.start(FLAGS, env);
    const port = await program.port();
    const request = JSON.stringify({ type: "echo_request", reqId: "1", echo: "héllo" });
    await askOnce(port, "/topics", request);
    const [connection, echo] = [await collector.span("connection"), await collector.span("echo")];
    assertEquals(echo.traceId, connection.traceId);
    await collector.find(
      "a metric of messages",
      () => collector.metrics.has("troupe.messages.received") || undefined,
    );
    await stop(program);
    // What ends last has been sent too, and all of it once.
    assertEquals(collector.spans.filter(({ name }) => name === "start").length, 1);
    assertEquals(collector.spans.filter(({ name }) => name === "stop").length, 1);
    await folder.assertPermitted(program.lines);
  },
);

testEverywhere("the executable exports what kept it from starting", async (folder) => {
  await using collector = new OtlpCollector();
  await folder.write("broken.ts", "export default 1;");
  await folder.write(
    "troupe.json",
    '{ "processes": { "a": { "module": "./broken.ts" } }, "endpoints": {} }',
  );
  await using program = folder.start(FLAGS, { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url });
  assertEquals(await program.exitCode(), 1);
  assertEquals((await collector.span("start")).statusCode, 2);
});

testEverywhere(
  "what Deno exports with OTEL_DENO=true is not exported once more",
  async (folder) => {
    await using collector = new OtlpCollector();
    const env = {
      OTEL_DENO: "true",
      OTEL_DENO_CONSOLE: "ignore",
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
      ...QUICK,
    };
    await using program = folder.start(FLAGS, env);
    const port = await program.port();
    await askOnce(port, "/ws", "héllo");
    await collector.span("connection");
    assert(!program.lines.some((line) => line.includes("Exporting traces")));
    assertEquals(collector.spans.filter(({ name }) => name === "start").length, 1);
  },
);

/** Runs the server and ends it; resolves with the time from the signal to its end. */
async function timeToEnd(folder: Folder, endpoint: string): Promise<number> {
  await using program = folder.start([...FLAGS, "--set", "drain.timeout=600ms"], {
    OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
  });
  await program.port();
  const startMs = performance.now();
  await stop(program);
  return performance.now() - startMs;
}

testEverywhere(
  "a receiver that never answers, or is not there, does not keep the executable",
  async (folder) => {
    const silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const connections: Deno.Conn[] = [];
    const accepting = (async () => {
      for await (const connection of silent) connections.push(connection);
    })();
    // The drain's 600 ms and what a loaded machine takes to end a process.
    assertLess(await timeToEnd(folder, `http://127.0.0.1:${silent.addr.port}`), 3_000);
    assert(connections.length > 0);
    silent.close();
    await accepting;
    for (const connection of connections) connection.close();
    assertLess(await timeToEnd(folder, `http://127.0.0.1:${silent.addr.port}`), 3_000);
  },
);

import { assertEquals, assertStringIncludes } from "../helpers/assert.ts";
import { fetchMetrics } from "../helpers/prometheus.ts";
import { RawClient } from "../../src/testing/raw_client.ts";
import { startServer } from "../server/stage.ts";

/** Status and body of a handshake with these headers. */
async function shake(port: number, headers: Record<string, string>) {
  await using client = await RawClient.connect({ port });
  await client.request({ headers });
  const { status } = await client.readHead();
  return status;
}

async function refusalOf(port: number, headers: Record<string, string>): Promise<string> {
  await using client = await RawClient.connect({ port });
  await client.request({ headers });
  const { status, body } = await client.readResponse();
  return `${status} ${body}`;
}

const EVIL = { host: "evil.example", origin: "http://evil.example" };

for (const engine of ["native", "ws"] as const) {
  const start = (listen: object = {}) =>
    startServer({
      listen: { hostname: "127.0.0.1", port: 0, ...listen },
      processes: { echo: { behavior: "echo" } },
      endpoints: { "/ws": { pool: ["echo"], engine } },
    });

  Deno.test(`engine ${engine}: on loopback an own origin counts for hosts that are nobody else's`, async () => {
    await using server = await start({ hosts: ["app.test"] });
    const { port } = server.addr;
    const refused = await refusalOf(port, EVIL);
    assertStringIncludes(refused, '403 Cannot upgrade: the host "evil.example" is not known');
    for (const way of ["loopback", "listen.hosts", "listen.trustProxy"]) {
      assertStringIncludes(refused, way);
    }
    for (const host of [`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`, "app.test"]) {
      assertEquals(await shake(port, { host, origin: `http://${host}` }), 101, host);
    }
    // No browser, and no handshake: neither is touched by it.
    assertEquals(await shake(port, { host: "evil.example" }), 101);
    await using client = await RawClient.connect({ port });
    await client.write(
      "GET /health/live HTTP/1.1\r\nHost: evil.example\r\nOrigin: http://evil.example\r\n\r\n",
    );
    assertEquals((await client.readResponse()).status, 200);
    const metrics = await fetchMetrics(port);
    const labels = { endpoint: "/ws", reason: "origin" };
    assertEquals(metrics.value("troupe_handshakes_refused_total", labels), 1);
  });

  Deno.test(`engine ${engine}: a listed proxy may forward any host, and tells the scheme`, async () => {
    await using server = await start({ trustProxy: ["127.0.0.1"] });
    const { port } = server.addr;
    assertStringIncludes(await refusalOf(port, EVIL), "403 ");
    const shop = { host: "shop.example", origin: "https://shop.example" };
    assertEquals(await shake(port, { ...shop, "x-forwarded-for": "203.0.113.7" }), 101);
    const told = { ...shop, forwarded: "for=203.0.113.7;proto=https" };
    assertEquals(await shake(port, told), 101);
    assertStringIncludes(
      await refusalOf(port, { ...told, origin: "http://shop.example" }),
      'the origin "http://shop.example" is not allowed',
    );
  });
}

Deno.test("on other addresses an own origin counts for any host", async () => {
  await using server = await startServer({ listen: { hostname: "0.0.0.0", port: 0 } });
  assertEquals(await shake(server.addr.port, EVIL), 101);
});

for (const engine of ["native", "ws"] as const) {
  Deno.test(`engine ${engine} listens on every spelling of a host that is taken`, async () => {
    const spellings = ["127.0.0.1", "localhost", "LOCALHOST", "::1", "[::1]", "0:0:0:0:0:0:0:1"];
    for (const hostname of [...spellings, "::ffff:127.0.0.1", "[::ffff:7f00:1]"]) {
      await using server = await startServer({
        listen: { hostname, port: 0 },
        processes: { echo: { behavior: "echo" } },
        endpoints: { "/ws": { pool: ["echo"], engine } },
      });
      const { hostname: found, port } = server.addr;
      await using _client = await RawClient.open({ hostname: found, port });
      assertEquals(["127.0.0.1", "::1"].includes(found), true, `${hostname}: ${found}`);
    }
  });
}

import { OPCODE } from "../../src/testing/frames.ts";
import { RawClient } from "../../src/testing/raw_client.ts";
import { parseConfig } from "../../src/doors/server.ts";
import { assertEquals, assertMatch } from "../helpers/assert.ts";
import { testWith } from "../helpers/needs.ts";
import { inDeadline } from "../../src/testing/deadline.ts";
import { PROXIES, samplesOf, type Site, startSite, TOKEN } from "./proxy_stage.ts";

const IN_PEACE = { pingPeriod: "54s", idle: "120s" };

/** As a browser on the page of the site does, with an address of its own invention. */
async function open({ port }: Site): Promise<RawClient> {
  const name = `example.com:${port}`;
  const client = await RawClient.open({
    port,
    path: "/ws",
    headers: { Host: name, Origin: `http://${name}`, "X-Forwarded-For": "203.0.113.7" },
  });
  return client;
}

async function ask(client: RawClient, text: string): Promise<string> {
  await client.send({ opcode: OPCODE.text, payload: text });
  return await client.readText();
}

/** Reads what comes until a text is in it; nothing follows that the proxy could wait for. */
async function readUntil(tcp: Deno.TcpConn, text: string): Promise<void> {
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(65_536);
  for (let read = ""; !read.includes(text);) {
    const count = await tcp.read(buffer);
    if (count === null) throw new Error(`Cannot find ${text} in ${read}`);
    read += decoder.decode(buffer.subarray(0, count), { stream: true });
  }
}

for (const proxy of PROXIES) {
  const { name, need, hasIdleTimeout } = proxy;

  testWith(
    need,
    `behind ${name} messages, addresses and close codes arrive`,
    async (executable) => {
      await using site = await startSite(proxy, executable, IN_PEACE);
      await using client = await open(site);
      const [remoteAddr, forwarded] = JSON.parse(await client.readText());
      assertMatch(remoteAddr, /^127\.0\.0\.1\b/);
      assertEquals(forwarded, "127.0.0.1");
      assertEquals(await ask(client, "héllo"), "héllo");
      await client.send({ opcode: OPCODE.text, payload: "bye" });
      assertEquals(await client.readClose(), { code: 4503, reason: "kicked" });
    },
  );

  testWith(need, `behind ${name} a drain closes with 1001`, async (executable) => {
    await using site = await startSite(proxy, executable, IN_PEACE);
    await using client = await open(site);
    await client.readText();
    const drained = site.server.drain();
    assertEquals((await client.readClose()).code, 1001);
    await client.send({ opcode: OPCODE.close, payload: new Uint8Array([3, 233]) });
    await drained;
  });

  testWith(need, `behind ${name} pings keep a quiet connection`, async (executable) => {
    await using site = await startSite(proxy, executable, { pingPeriod: "900ms", idle: "3s" });
    await using client = await open(site);
    await client.readText();
    // Pings over twice the proxy's time-out, which a machine that is busy still keeps.
    for (let count = 0; count < 8; count++) {
      const frame = await client.readFrame();
      assertEquals(frame?.opcode, OPCODE.ping);
      await client.send({ opcode: OPCODE.pong, payload: frame!.payload });
    }
    assertEquals(await ask(client, "héllo"), "héllo");
  });

  testWith(need, `behind ${name} what the server streams comes at once`, async (executable) => {
    await using site = await startSite(proxy, executable, IN_PEACE);
    await using client = await open(site);
    await client.readText();
    using tcp = await Deno.connect({ hostname: "127.0.0.1", port: site.port });
    const request = `GET /api/v1/tap?actor=door HTTP/1.1\r\nHost: example.com:${site.port}\r\n` +
      `Authorization: Bearer ${TOKEN}\r\n\r\n`;
    await tcp.write(new TextEncoder().encode(request));
    await inDeadline("the head", readUntil(tcp, "text/event-stream"));
    await client.send({ opcode: OPCODE.text, payload: "not held back" });
    await inDeadline("the event", readUntil(tcp, "not held back"));
  });

  if (!hasIdleTimeout) continue;
  testWith(
    need,
    `behind ${name} a period above its time-out loses quiet connections`,
    async (executable) => {
      await using site = await startSite(proxy, executable, { pingPeriod: "50s", idle: "1s" });
      await using client = await open(site);
      await client.readText();
      assertEquals((await client.readClose()).code, 1006);
    },
  );
}

Deno.test("the page about deployment has one configuration for each proxy, and a valid one of its own", async () => {
  for (const language of ["nginx", "caddyfile", "haproxy", "jsonc"]) {
    assertEquals((await samplesOf(language)).length, 1, language);
  }
  const [own = ""] = await samplesOf("jsonc");
  const { listen, endpoints } = parseConfig(JSON.parse(own));
  assertEquals([listen.trustProxy, listen.hosts], [["127.0.0.1"], ["example.com"]]);
  // The proxies' time-outs are above it.
  assertEquals(endpoints["/ws"]!.pingPeriodMs < 120_000, true);
});

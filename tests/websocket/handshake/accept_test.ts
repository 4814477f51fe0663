import { refuse } from "../../../src/websocket/mod.ts";
import { type Accept, HANDLER_DEFAULTS } from "../../../src/websocket/options.ts";
import { assertEquals, assertStringIncludes } from "../../helpers/assert.ts";
import { RawClient } from "../../../src/testing/raw_client.ts";
import { createStage } from "../../actor/stage.ts";
import { Inbox } from "../inbox.ts";
import { captureLogs } from "../logs.ts";
import { type Served, serveHandler } from "../stage.ts";
import { serveWs } from "../ws_stage.ts";

async function countsOf(served: Served) {
  const { refused, accepted, connections } = await served.node.inspect(served.alias);
  return { refused, accepted, connections };
}

for (const [engine, serve] of [["ws", serveWs], ["native", serveHandler]] as const) {
  Deno.test(`accept on ${engine} that refuses: status, text and headers, counted and logged once`, async () => {
    await using logs = captureLogs();
    const heard: unknown[] = [];
    const accept: Accept = ({ request }) => {
      if (new URL(request.url).searchParams.get("token") === "good") return;
      return refuse(401, "bad token", {
        "WWW-Authenticate": "Bearer",
        "set-cookie": ["a=; Max-Age=0", "b=; Max-Age=0"],
      });
    };
    const onRefused = (_: Request, ...rest: unknown[]) => void heard.push(rest);
    await using served = await serve({ endpoint: "/ws", accept, onRefused });
    const { status, body, headers } = await served.refusal();
    assertEquals([status, body], [401, "bad token\n"]);
    assertEquals(headers.get("www-authenticate"), "Bearer");
    assertEquals(headers.getSetCookie(), ["a=; Max-Age=0", "b=; Max-Age=0"]);
    assertStringIncludes(headers.get("content-type")!, "text/plain");
    assertEquals([heard, await countsOf(served)], [
      [[401, "bad token"]],
      { refused: 1, accepted: 0, connections: 0 },
    ]);
    const lines = (await logs.lines("info")).filter((line) =>
      JSON.stringify(line).includes("bad token")
    );
    assertEquals(lines.length, 1);
    await using _client = await served.open({ path: "/ws?token=good" });
    assertEquals((await countsOf(served)).accepted, 1);
  });

  Deno.test(`accept on ${engine} may refuse with a body of its own kind`, async () => {
    const headers = { "content-type": "application/json" };
    const accept = () => refuse(403, '{"why":"no"}', headers);
    await using served = await serve({ accept });
    const refusal = await served.refusal();
    assertEquals(refusal.headers.get("content-type"), "application/json");
    assertEquals(JSON.parse(refusal.body), { why: "no" });
  });

  Deno.test(`accept on ${engine} that throws is a 500, one that never ends a 408`, async () => {
    await using logs = captureLogs();
    let accept: Accept = () => {
      throw new Error("no database");
    };
    const { node, clock } = createStage();
    await using served = await serve({ node, accept: (asked) => accept(asked) });
    const failed = await served.refusal();
    assertEquals([failed.status, failed.body], [500, "Cannot upgrade: accept failed\n"]);
    const errors = await logs.lines("error");
    assertEquals([errors.length, JSON.stringify(errors).includes("no database")], [1, true]);
    const asked = Promise.withResolvers<AbortSignal>();
    accept = ({ signal }) => {
      asked.resolve(signal);
      return new Promise(() => {});
    };
    const late = served.refusal();
    const signal = await asked.promise;
    await clock.advance(HANDLER_DEFAULTS.handshakeTimeoutMs);
    const { status, body } = await late;
    assertEquals([status, body], [408, "Cannot upgrade: accept took over 15000 ms\n"]);
    assertEquals([signal.aborted, await countsOf(served)], [true, {
      refused: 2,
      accepted: 0,
      connections: 0,
    }]);
  });

  Deno.test(`accept on ${engine} sets cookies in the 101 and chooses the subprotocol`, async () => {
    const accept: Accept = () =>
      Promise.resolve({
        headers: [["Set-Cookie", "a=1; HttpOnly"], ["set-cookie", "b=2"], ["x-seen", "yes"]],
        protocol: "v2",
      });
    await using served = await serve({ accept, subprotocols: ["v1", "v2"] });
    const offered = { headers: { "Sec-WebSocket-Protocol": "v1, v2" } };
    const { status, headers } = await served.handshake(offered);
    assertEquals([status, headers.get("sec-websocket-protocol")], [101, "v2"]);
    assertEquals(headers.getSetCookie(), ["a=1; HttpOnly", "b=2"]);
    assertEquals(headers.get("x-seen"), "yes");
    assertEquals((await served.parent.take("connect")).protocol, "v2");
    // What one handshake was given is not left over for the next.
    assertEquals((await served.refusal()).status, 400);
  });

  Deno.test(`accept on ${engine} knows who asks, and sends the connection where it says`, async () => {
    const accept: Accept = ({ remoteAddr, params, request }) => ({
      attributes: { remoteAddr, params },
      target: new URL(request.url).searchParams.get("to")!,
    });
    await using served = await serve({ accept });
    const lobby = new Inbox();
    served.node.spawn(lobby.run, { name: "lobby" });
    await using client = await served.open({ path: "/ws?to=lobby" });
    const attributes = { remoteAddr: client.localAddr, params: {} };
    assertEquals((await lobby.take("connect")).attributes, attributes);
    assertEquals(served.parent.all("connect"), []);
    const { status, headers } = await served.refusal({ path: "/ws?to=nobody" });
    assertEquals([status, headers.get("retry-after")], [503, "5"]);
  });

  Deno.test(`no refusal on ${engine} leaves its socket open`, async () => {
    const accept: Accept = ({ request }) => {
      if (request.url.endsWith("throws")) throw new Error("thrown");
      return refuse(401, "no");
    };
    // Whoever hears of it wants the request, which cannot be made of every one.
    const onRefused = ({ method }: Request) => {
      throw new Error(method);
    };
    await using served = await serve({ accept, onRefused });
    const parts = [
      { method: "TRACE" },
      { path: "/throws" },
      { path: "/" },
      { headers: { "X-Raw": "\u0080\u00ff" } },
      { headers: { Host: "a b" } },
      { headers: { Host: "user@a" } },
    ];
    for (const each of parts) {
      await using client = await RawClient.connect({ port: served.port });
      const { headers, ...rest } = each as { headers?: Record<string, string> };
      await client.request({ ...rest, headers: { ...headers, Connection: "Upgrade, close" } });
      const { status } = await client.readResponse();
      assertEquals(status >= 400, true, JSON.stringify(each));
      assertEquals((await client.readEnd()).length, 0);
    }
    assertEquals(served.handler.connections, 0);
  });
}

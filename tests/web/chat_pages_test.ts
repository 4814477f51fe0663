import { createNode } from "../../src/actor/mod.ts";
import { serveChat } from "../../src/behaviors/mod.ts";
import {
  BROADCAST,
  createEventServer,
  type EventServer,
  type EventServerOptions,
} from "../../src/events/mod.ts";
import { createWebAssets } from "../../src/web/mod.ts";
import { assertEquals } from "../helpers/assert.ts";
import { launchBrowser, type TestBrowser, type TestPage } from "../helpers/browser.ts";
import { type CuttingProxy, startCuttingProxy } from "../helpers/cutting_proxy.ts";
import { CHROMIUM, testWith } from "../helpers/needs.ts";

interface Stage {
  readonly server: EventServer;
  readonly browser: TestBrowser;
  readonly url: string;
  /** The network between the pages' WebSockets and the server. */
  readonly proxy: CuttingProxy;
}

/** A page that is served at `/`, with the client at `/troupe.js` and an event server at `/echo`. */
function testPages(
  name: string,
  html: (proxyPort: number) => string,
  options: EventServerOptions,
  run: (stage: Stage) => Promise<void>,
): void {
  testWith(CHROMIUM, name, async (executable) => {
    const server = createEventServer({ origins: "*", ...options });
    await using node = createNode();
    node.spawn(server.run);
    const client = (await createWebAssets([], true)).get("/troupe.js")!;
    let page = "";
    await using listener = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      (request, info) => {
        const { pathname } = new URL(request.url);
        if (pathname === "/echo") return server.handler(request, info);
        const [body, type] = pathname === "/troupe.js"
          ? [client.body, client.contentType]
          : [page, "text/html"];
        return new Response(body, { headers: { "content-type": type } });
      },
    );
    await using proxy = startCuttingProxy(listener.addr.port);
    page = html(proxy.port);
    await using browser = await launchBrowser(executable);
    await run({ server, browser, url: `http://127.0.0.1:${listener.addr.port}/`, proxy });
  });
}

/** Waits until a page has shown a line. */
async function sees({ page }: TestPage, line: string): Promise<void> {
  await page.locator("#output", { hasText: line }).waitFor();
}

// Written for the original client; only the script tag is ours.
const ORIGINAL_PAGE = `<!DOCTYPE html>
<link rel="icon" href="data:,">
<input id="input" type="text"><button onclick="send()">Send</button>
<pre id="output"></pre>
<script src="/troupe.js" data-event-prefix="iris-websocket-message:"></script>
<script>
  var scheme = document.location.protocol == "https:" ? "wss" : "ws";
  var port = document.location.port ? ":" + document.location.port : "";
  var url = scheme + "://" + document.location.hostname + port + "/echo";
  var input = document.getElementById("input");
  var output = document.getElementById("output");
  var socket = new window.Ws(url);
  socket.OnConnect(function () { output.innerHTML += "Status: Connected\\n"; });
  socket.OnDisconnect(function () { output.innerHTML += "Status: Disconnected\\n"; });
  socket.OnMessage(function (native) { output.innerHTML += "Native: " + native + "\\n"; });
  socket.On("chat", function (msg) { output.innerHTML += "Server: " + msg + "\\n"; });
  socket.On("user", function (msg) { output.innerHTML += "User: " + JSON.parse(msg).name + "\\n"; });
  function send() { socket.Emit("chat", input.value); input.value = ""; }
</script>`;

testPages(
  "a page of the original client works with its script tag changed",
  () => ORIGINAL_PAGE,
  { eventPrefix: "iris-websocket-message:" },
  async ({ server, browser, url }) => {
    server.onConnection((connection) => {
      connection.on("chat", (_, text) => connection.to(BROADCAST).emit("chat", text));
      connection.emit("user", { name: "Ada" });
      connection.emitMessage("hello");
    });
    const [one, two] = [await browser.openPage(url), await browser.openPage(url)];
    for (const page of [one, two]) {
      for (const line of ["Status: Connected", "User: Ada", "Native: hello"]) {
        await sees(page, line);
      }
    }
    await one.page.fill("#input", "hi; there");
    await one.page.click("button");
    await sees(two, "Server: hi; there");
    await one.page.evaluate("socket.Disconnect()");
    await sees(one, "Status: Disconnected");
    assertEquals([one.trouble, two.trouble], [[], []]);
  },
);

/** A chat of ours, as a module, over the network that can be cut. */
const MODULE_PAGE = (proxyPort: number) =>
  `<!DOCTYPE html>
<link rel="icon" href="data:,">
<pre id="output"></pre>
<script type="module">
  import { Ws } from "/troupe.js";
  const output = document.getElementById("output");
  const show = (line) => output.append(line + "\\n");
  const name = new URLSearchParams(location.search).get("name");
  const ws = window.ws = new Ws("ws://127.0.0.1:${proxyPort}/echo", [], { minDelayMs: 20 });
  ws.OnConnect(() => {
    ws.Emit("name", name);
    ws.Emit("join", "lobby");
  });
  ws.OnDisconnect(({ code }) => show("lost " + code));
  for (const event of ["joined", "left", "disconnected"]) {
    ws.On(event, (_, { name, room }) => show([event, name, room ?? ""].join(" ").trim()));
  }
  ws.On("said", (_, { name, text }) => show(name + ": " + text));
</script>`;

const say = (text: string) => `ws.Emit("say", { room: "lobby", text: ${JSON.stringify(text)} })`;

testPages(
  "two pages chat in a room; one is killed and the other sees it leave and disconnect",
  MODULE_PAGE,
  {},
  async ({ server, browser, url }) => {
    server.onConnection(serveChat);
    const ada = await browser.openPage(`${url}?name=Ada`);
    await sees(ada, "joined Ada lobby");
    const grace = await browser.openPage(`${url}?name=Grace`);
    await sees(ada, "joined Grace lobby");
    await sees(grace, "joined Grace lobby");
    await grace.page.evaluate(say("hello, Ada"));
    await sees(ada, "Grace: hello, Ada");
    await ada.page.evaluate(say("hello, Grace"));
    await sees(grace, "Ada: hello, Grace");

    // The renderer is gone at once: none of the page's code runs any more.
    await grace.page.goto("chrome://crash").catch(() => {});
    await sees(ada, "left Grace lobby");
    await sees(ada, "disconnected Grace");
    assertEquals(server.getConnectionsByRoom("lobby").length, 1);
    assertEquals(ada.trouble, []);
  },
);

testPages(
  "two pages find each other again after the network has dropped, with what was queued",
  MODULE_PAGE,
  {},
  async ({ server, browser, url, proxy }) => {
    server.onConnection(serveChat);
    const ada = await browser.openPage(`${url}?name=Ada`);
    await sees(ada, "joined Ada lobby");
    const grace = await browser.openPage(`${url}?name=Grace`);
    await sees(ada, "joined Grace lobby");
    proxy.cut();
    for (const page of [ada, grace]) await sees(page, "lost 1006");
    assertEquals(await ada.page.evaluate(say("written without a network")), true);
    assertEquals(await ada.page.evaluate("ws.queued"), 1);
    proxy.mend();
    await sees(ada, "Ada: written without a network");
    await grace.page.waitForFunction("ws.isReady");
    await grace.page.evaluate(say("back again"));
    await sees(grace, "Grace: back again");
    assertEquals(server.getTotalConnections(), 2);
  },
);

testPages(
  "a page notices that the network has forgotten its connection, and comes back",
  // Longer than a page may take to answer on a machine that is busy.
  (port) => MODULE_PAGE(port).replace("minDelayMs: 20", "minDelayMs: 20, heartbeatMs: 1000"),
  {},
  async ({ server, browser, url, proxy }) => {
    server.onConnection(serveChat);
    const ada = await browser.openPage(`${url}?name=Ada`);
    await sees(ada, "joined Ada lobby");
    proxy.freeze();
    await sees(ada, "lost 1006");
    await ada.page.locator("#output", { hasText: /lost 1006\s+joined Ada lobby/ }).waitFor();
    await ada.page.evaluate(say("back"));
    await sees(ada, "Ada: back");
    assertEquals(ada.trouble, []);
  },
);

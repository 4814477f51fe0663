import { launchBrowser } from "../helpers/browser.ts";
import { CHROMIUM, testWith } from "../helpers/needs.ts";
import { assert, assertEquals, assertStringIncludes } from "../helpers/assert.ts";
import { OPCODE } from "../../src/testing/mod.ts";
import { startApi, TOKENS } from "../api/stage.ts";

Deno.test("/admin/ is served with a policy, and only its own files are there", async () => {
  await using stage = await startApi();
  const base = new URL(stage.base).origin;
  const page = await fetch(`${base}/admin/`);
  const policy = page.headers.get("content-security-policy")!;
  assertStringIncludes(policy, "default-src 'none'");
  assert(!policy.includes("unsafe"));
  assertEquals(page.headers.get("access-control-allow-origin"), null);
  assert(!(await page.text()).includes(TOKENS.admin));
  const tag = page.headers.get("etag")!;
  const again = await fetch(`${base}/admin/`, { headers: { "if-none-match": tag } });
  assertEquals([again.status, await again.text()], [304, ""]);
  for (
    const [path, type] of [
      ["app.js", "text/javascript"],
      ["preact.js", "text/javascript"],
      ["uplot.js", "text/javascript"],
      ["app.css", "text/css"],
      ["uplot.css", "text/css"],
    ] as const
  ) {
    const file = await fetch(`${base}/admin/${path}`);
    assertStringIncludes(file.headers.get("content-type")!, type);
    assert((await file.text()).length > 500);
  }
  const none = await fetch(`${base}/admin/nothing`);
  assertEquals([none.status, await none.text()], [404, "Not found\n"]);
  const post = await fetch(`${base}/admin/`, { method: "POST" });
  assertEquals([post.status, await post.text()], [405, "Method not allowed\n"]);
  const bare = await fetch(`${base}/admin`, { redirect: "manual" });
  assertEquals([bare.status, bare.headers.get("location")], [308, "/admin/"]);
  await bare.body?.cancel();
});

testWith(
  CHROMIUM,
  "the page takes its token from the address and shows all of its pages",
  async (executable) => {
    await using stage = await startApi();
    await using _client = await stage.open("/ws");
    const base = new URL(stage.base).origin;
    await using browser = await launchBrowser(executable);
    const { page, trouble } = await browser.openPage(`${base}/admin/#token=${TOKENS.admin}`);
    await page.getByRole("heading", { name: "Overview" }).waitFor();
    assertEquals(await page.evaluate("location.hash"), "");
    await page.getByText("Messages in /s").waitFor();
    for (
      const [link, text] of [
        ["Actors", "echo"],
        ["Connections", "127.0.0.1:"],
        ["Rooms and topics", "heartbeat"],
        ["Cluster", "troupe@localhost"],
      ] as const
    ) {
      await page.getByRole("link", { name: link, exact: true }).click();
      await page.getByRole("cell", { name: text }).first().waitFor();
    }
    await page.getByRole("link", { name: "Tree", exact: true }).click();
    // Below the root, below its supervisor.
    await page.locator(".tree li li").getByRole("link", { name: "echo", exact: true }).waitFor();
    await page.getByRole("link", { name: "Actors", exact: true }).click();
    await page.getByRole("link", { name: "echo", exact: true }).click();
    await page.getByLabel("Message, as JSON or text").fill('{"a":1}');
    await page.getByRole("button", { name: "Send" }).click();
    await page.getByText('"result": "accepted"').waitFor();
    assertEquals(trouble, []);
  },
);

testWith(
  CHROMIUM,
  "with the scope read one looks around, and what takes another one says which",
  async (executable) => {
    await using stage = await startApi();
    await using client = await stage.open("/ws");
    const base = new URL(stage.base).origin;
    await using browser = await launchBrowser(executable);
    const { page } = await browser.openPage(`${base}/admin/#token=${TOKENS.read}`);
    await page.getByText("Messages in /s").waitFor();
    const lacks = page.getByText('The token "read" has not the scope').first();
    await page.getByRole("link", { name: "Log", exact: true }).click();
    await lacks.waitFor();
    await page.getByRole("link", { name: "Connections", exact: true }).click();
    await page.getByRole("cell", { name: "127.0.0.1:" }).first().waitFor();
    await page.getByRole("link", { name: "Actors", exact: true }).click();
    await page.getByRole("link", { name: "echo", exact: true }).click();
    await page.getByRole("button", { name: "Send" }).click();
    await lacks.waitFor();
    await client.send({ opcode: OPCODE.text, payload: "still here" });
    assertEquals(await client.readText(), "still here");
  },
);

testWith(CHROMIUM, "the page asks for nothing while nobody looks at it", async (executable) => {
  await using stage = await startApi();
  const base = new URL(stage.base).origin;
  await using browser = await launchBrowser(executable);
  const { page } = await browser.openPage(`${base}/admin/#token=${TOKENS.admin}`);
  await page.getByText("Messages in /s").waitFor();
  const socketProcess = () => stage.server.node.inspect("troupe.api.socket");
  const isOpen = async () => (await socketProcess()).sockets;
  assertEquals(await isOpen(), 1);
  let asked = 0;
  page.on("request", () => asked++);
  stage.server.node.observer.tap((_, { message }) => {
    const { kind } = (message ?? {}) as { kind?: unknown };
    if (kind === "connect" || kind === "message") asked++;
  });
  await page.evaluate(`
    Object.defineProperty(document, "hidden", { configurable: true, get: () => true });
    document.dispatchEvent(new Event("visibilitychange"));
  `);
  await page.waitForTimeout(1_200);
  asked = 0;
  await page.waitForTimeout(2_500);
  assertEquals([asked, await isOpen()], [0, 0]);
  const again = page.waitForEvent("websocket");
  await page.evaluate(`
    Object.defineProperty(document, "hidden", { configurable: true, get: () => false });
    document.dispatchEvent(new Event("visibilitychange"));
  `);
  assertEquals(new URL((await again).url()).pathname, "/api/v1/socket");
});

testWith(CHROMIUM, "a page of another origin can neither read nor post", async (executable) => {
  await using stage = await startApi();
  const { base } = stage;
  await using foreign = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    () =>
      new Response("<!DOCTYPE html><title>Elsewhere</title>", {
        headers: { "content-type": "text/html" },
      }),
  );
  let reached = 0;
  const untap = stage.server.node.observer.tap(() => reached++);
  await using browser = await launchBrowser(executable);
  // Its name, too, is one of this machine: it is the port that makes it another origin.
  const { page } = await browser.openPage(`http://localhost:${foreign.addr.port}/`);
  const ask = (init: string, path = "/actors/echo/send") =>
    page.evaluate(
      `fetch(${JSON.stringify(base + path)}, ${init}).then((r) => r.text(), (e) => "refused")`,
    );
  const authorization = JSON.stringify(`Bearer ${TOKENS.admin}`);
  const body = `body: '{"message":1}'`;
  assertEquals(await ask(`{ headers: { authorization: ${authorization} } }`, "/topics"), "refused");
  assertEquals(await ask(`{ method: "POST", ${body} }`), "refused");
  // What needs no preflight and no answer is sent, and refused by the server.
  await ask(`{ method: "POST", mode: "no-cors", ${body} }`);
  assertEquals(
    await ask(`{ method: "DELETE", headers: { authorization: ${authorization} } }`),
    "refused",
  );
  const frame = await page.evaluate(`new Promise((resolve) => {
    const frame = document.createElement("iframe");
    frame.src = ${JSON.stringify(`${new URL(base).origin}/admin/`)};
    frame.onload = () => resolve(frame.contentDocument === null);
    document.body.append(frame);
  })`);
  assertEquals(frame, true);
  assertEquals(await page.evaluate(trySocket(`${base.replace("http", "ws")}/socket`)), "refused");
  assertEquals(reached, 0);
  untap();
});

/** What a page does that tries to open a WebSocket. */
function trySocket(url: string): string {
  return `new Promise((resolve) => {
    const socket = new WebSocket(${JSON.stringify(url)});
    socket.onopen = () => resolve("open");
    socket.onerror = () => resolve("refused");
  })`;
}

testWith(
  CHROMIUM,
  "a page whose name was made to resolve to this machine can neither read nor post",
  async (executable) => {
    await using stage = await startApi();
    const { port } = new URL(stage.base);
    let reached = 0;
    const untap = stage.server.node.observer.tap(() => reached++);
    await using browser = await launchBrowser(executable, [
      "--host-resolver-rules=MAP rebound.example 127.0.0.1",
    ]);
    // To the browser the server is the page's own origin.
    const base = `http://rebound.example:${port}`;
    const { page } = await browser.openPage(`${base}/admin/app.js`);
    const ask = (method: string, path: string, body?: string) =>
      page.evaluate(`fetch(${JSON.stringify(`${base}/api/v1${path}`)}, {
        method: ${JSON.stringify(method)},
        headers: {
          authorization: ${JSON.stringify(`Bearer ${TOKENS.admin}`)},
          "content-type": "application/json",
        },
        ${body === undefined ? "" : `body: ${JSON.stringify(body)},`}
      }).then((response) => response.status)`);
    assertEquals(await ask("GET", "/topics"), 421);
    assertEquals(await ask("POST", "/actors/echo/send", '{"message":1}'), 421);
    assertEquals(await ask("DELETE", "/connections?endpoint=/ws"), 421);
    const socket = trySocket(`ws://rebound.example:${port}/api/v1/socket`);
    assertEquals(await page.evaluate(socket), "refused");
    assertEquals(reached, 0);
    untap();
  },
);

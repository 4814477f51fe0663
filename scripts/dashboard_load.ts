/**
 * Measures what the operator's page costs a server with many connections and actors.
 *
 * Usage: `deno run -A scripts/dashboard_load.ts [ACTORS] [CONNECTIONS] [FOLDER]`, by default 100000
 * and 10000; needs Chromium on the path or in `CHROMIUM`. Pictures go to the folder. The server and
 * the clients have processes of their own. Linux only: CPU time is read from /proc.
 *
 * @module
 */

import { chromium, type Page } from "playwright-core";
import { createNode } from "@troupe/troupe";
import { parseConfig, serve } from "@troupe/troupe/server";
import { createConnection } from "@troupe/troupe/websocket";

const TOKEN = "token-of-the-dashboard-load";
const WATCHED_MS = 10_000;
const WINDOWS = 20;
/** What the kernel counts CPU time in. */
const TICKS_PER_SECOND = 100;
const BURST = 200;
/** Below this share of a core a server counts as one that does nothing else. */
const SETTLED_PERCENT = 1;

const ROUTES = ["overview", "actors", "tree", "connections", "rooms", "cluster"] as const;

/** Name of a picture, page, size, scheme. */
const SHOTS = [
  ["load_overview_light", "overview", 1200, 900, "light"],
  ["load_actors_dark", "actors", 1200, 900, "dark"],
  ["load_tree_light", "tree", 1200, 900, "light"],
  ["load_tree_phone", "tree", 390, 844, "dark"],
  ["load_connections_phone", "connections", 390, 844, "light"],
] as const;

/** The server, until its standard input ends. */
async function runServer(actors: number): Promise<void> {
  const server = await serve(parseConfig({
    listen: { port: 0 },
    admin: { tokens: [{ name: "ops", token: TOKEN, scopes: ["admin"] }] },
    processes: { echo: { behavior: "echo" } },
    endpoints: {
      "/ws": {
        pool: ["echo"],
        maxConnections: 100_000,
        // Ten thousand pings in one of the measured times and none in another would hide the page.
        ...{ pingPeriod: "1h", pongTimeout: "2h" },
      },
    },
  }));
  server.node.spawn(async (self) => {
    for (let count = 0; count < actors; count++) {
      self.spawn(async (child) => {
        for await (const _ of child);
      }, { name: count % 1_000 === 0 ? `worker_${count}` : undefined });
    }
    for await (const _ of self);
  }, { name: "crowd" });
  console.log(JSON.stringify({ port: server.addr.port }));
  for await (const _ of Deno.stdin.readable);
  await server.drain({ delayMs: 0 });
}

/** The clients, until standard input ends. */
async function runClients(port: number, connections: number): Promise<void> {
  await using node = createNode();
  node.spawn(async (self) => {
    const url = `ws://127.0.0.1:${port}/ws`;
    for (let left = connections; left > 0; left -= BURST) {
      const dialed = Array.from(
        { length: Math.min(BURST, left) },
        // Their pings would come all at once, in one of the measured times.
        () => createConnection({ url, pingPeriodMs: 3_600_000, pongTimeoutMs: 7_200_000 }),
      );
      await Promise.all(dialed.map(async (each) => self.spawnMeta(await each)));
    }
    console.log("connected");
    for await (const _ of self);
  });
  for await (const _ of Deno.stdin.readable);
}

interface Part extends AsyncDisposable {
  readonly pid: number;
  /** Its first line. */
  readonly line: string;
}

async function start(...args: readonly (string | number)[]): Promise<Part> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", import.meta.filename!, ...args.map(String)],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let line = "";
  while (!line.includes("\n")) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`Cannot start ${args[0]}: it has ended`);
    line += value;
  }
  return {
    pid: child.pid,
    line: line.trim(),
    async [Symbol.asyncDispose]() {
      await child.stdin.close();
      await reader.cancel();
      await child.status;
    },
  };
}

/** CPU time of a process so far, in seconds. */
async function cpuSeconds(pid: number): Promise<number> {
  const text = await Deno.readTextFile(`/proc/${pid}/stat`);
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** Share of a core that a process takes for some seconds, in percent. */
async function share(pid: number): Promise<number> {
  const [before, startMs] = [await cpuSeconds(pid), performance.now()];
  await new Promise((resolve) => setTimeout(resolve, WATCHED_MS));
  const seconds = (performance.now() - startMs) / 1000;
  return (await cpuSeconds(pid) - before) / seconds * 100;
}

/** Waits until the server has cleaned up after its start, so that what is measured is the page. */
async function settle(pid: number): Promise<void> {
  for (let turn = 0; turn < 12 && await share(pid) > SETTLED_PERCENT; turn++);
}

/** How long windows of the table of actors take, as whoever asks sees it, in milliseconds. */
async function timeWindows(base: string): Promise<void> {
  const headers = { authorization: `Bearer ${TOKEN}` };
  for (
    const path of [
      "/actors?sort=mailbox&limit=100",
      "/actors?sort=id&limit=100",
      "/actors?q=worker_99&limit=100",
      "/tree?limit=100",
      "/connections?limit=100",
      "/nodes",
    ]
  ) {
    const times: number[] = [];
    for (let turn = 0; turn < WINDOWS; turn++) {
      const startMs = performance.now();
      const response = await fetch(`${base}/api/v1${path}`, { headers });
      await response.body?.cancel();
      times.push(performance.now() - startMs);
    }
    const [first] = times;
    times.sort((one, other) => one - other);
    const [middle, most] = [times[WINDOWS / 2]!, times.at(-1)!];
    console.log(
      `${path}: first ${first!.toFixed(1)} ms, median ${middle.toFixed(1)} ms, most ${
        most.toFixed(1)
      } ms`,
    );
  }
}

async function show(page: Page, base: string, route: string): Promise<void> {
  await page.goto(`${base}/admin/#/${route}`);
  await page.waitForSelector("main table, main dl, main .tree li");
}

async function watchPages(page: Page, base: string, pid: number): Promise<void> {
  await page.goto(`${base}/admin/#token=${encodeURIComponent(TOKEN)}`);
  for (const route of ROUTES) {
    await show(page, base, route);
    console.log(`${route}: ${(await share(pid)).toFixed(2)} % of a core`);
  }
  await page.goto("about:blank");
  await settle(pid);
  console.log(`closed again: ${(await share(pid)).toFixed(2)} % of a core`);
}

async function shoot(page: Page, base: string, folder: string): Promise<void> {
  await page.goto(`${base}/admin/#token=${encodeURIComponent(TOKEN)}`);
  for (const [name, route, width, height, colorScheme] of SHOTS) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height });
    await show(page, base, route);
    // Two looks, so that there are rates.
    await page.waitForTimeout(2_500);
    await page.screenshot({ path: `${folder}/${name}.png` });
  }
}

async function measure(actors: number, connections: number, folder?: string): Promise<void> {
  await using server = await start("--server", actors);
  const { port } = JSON.parse(server.line) as { port: number };
  await using _clients = await start("--clients", port, connections);
  const base = `http://127.0.0.1:${port}`;
  const executablePath = Deno.env.get("CHROMIUM") ?? "/usr/bin/chromium";
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  try {
    const page = await browser.newPage();
    page.on("pageerror", (error) => console.log("error", String(error)));
    await settle(server.pid);
    console.log(`never looked at: ${(await share(server.pid)).toFixed(2)} % of a core`);
    await timeWindows(base);
    await watchPages(page, base, server.pid);
    if (folder !== undefined) await shoot(page, base, folder);
  } finally {
    await browser.close();
  }
}

if (import.meta.main) {
  const [first = "100000", second = "10000", third] = Deno.args;
  if (first === "--server") await runServer(Number(second));
  else if (first === "--clients") await runClients(Number(second), Number(third));
  else await measure(Number(first), Number(second), third);
}

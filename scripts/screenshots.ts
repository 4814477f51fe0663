/**
 * Takes the pictures of the operator's page that the documentation shows.
 *
 * Usage: `deno run -A scripts/screenshots.ts [FOLDER]`; needs Chromium on the path or in
 * `CHROMIUM`. Starts a server with some life in it.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import { chromium, type Page } from "playwright-core";
import { parseConfig, serve, type Server } from "@troupe/troupe/server";
import { configureLogs } from "@troupe/troupe/telemetry";

const TOKEN = "token-of-the-screenshots";
const FOLDER = fileURLToPath(new URL("../docs/images/", import.meta.url));
const CLIENTS = 40;

/** What is shown: name of the picture, page, size, scheme. */
const SHOTS = [
  ["dashboard_overview", "overview", 1200, 900, "light"],
  ["dashboard_actors", "actors", 1200, 900, "dark"],
  ["dashboard_tree", "tree", 1200, 900, "light"],
  ["dashboard_connections", "connections", 1200, 900, "light"],
  ["dashboard_rooms", "rooms", 1200, 900, "light"],
  ["dashboard_log", "log", 1200, 900, "dark"],
  ["dashboard_phone", "overview", 390, 844, "light"],
  ["dashboard_phone_actors", "actors", 390, 844, "dark"],
] as const;

async function startServer(logs: ReturnType<typeof configureLogs>): Promise<Server> {
  return await serve(
    parseConfig({
      listen: { port: 0 },
      admin: { tokens: [{ name: "ops", token: TOKEN, scopes: ["admin"] }] },
    }),
    { logs },
  );
}

/** Clients that talk; returns what ends them. */
async function talk(server: Server): Promise<() => void> {
  const base = `ws://127.0.0.1:${server.addr.port}`;
  const sockets = await Promise.all(Array.from({ length: CLIENTS }, async (_, index) => {
    const socket = new WebSocket(`${base}/${index % 3 === 0 ? "chat" : "ws"}`);
    await new Promise((resolve) => socket.onopen = resolve);
    if (index % 3 === 0) socket.send(`m:join;0;${["lobby", "kitchen", "board"][index % 5 % 3]}`);
    return socket;
  }));
  let turn = 0;
  const timer = setInterval(() => {
    turn++;
    for (const [index, socket] of sockets.entries()) {
      if ((index + turn) % 4 !== 0) socket.send(`hello ${"x".repeat((turn * 7 + index) % 90)}`);
    }
  }, 50);
  return () => {
    clearInterval(timer);
    for (const socket of sockets) socket.close();
  };
}

async function shoot(page: Page, base: string, folder: string): Promise<void> {
  await page.goto(`${base}/admin/#token=${encodeURIComponent(TOKEN)}`);
  for (const [name, route, width, height, colorScheme] of SHOTS) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height });
    await page.goto(`${base}/admin/#/${route}`);
    await page.reload();
    await page.waitForSelector("table, dl, pre, .tree li li");
    // Some seconds of a chart.
    if (route === "overview") await page.waitForTimeout(6_000);
    await page.screenshot({ path: `${folder}/${name}.png` });
  }
}

if (import.meta.main) {
  const [folder = FOLDER] = Deno.args;
  await using logs = configureLogs({
    level: "info",
    write: (bytes) => Promise.resolve(bytes.length),
  });
  const server = await startServer(logs);
  const quiet = await talk(server);
  const executablePath = Deno.env.get("CHROMIUM") ?? "/usr/bin/chromium";
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  try {
    const page = await browser.newPage();
    page.on("console", (message) => console.log(message.type(), message.text()));
    page.on("pageerror", (error) => console.log("error", String(error)));
    await shoot(page, `http://127.0.0.1:${server.addr.port}`, folder);
  } finally {
    await browser.close();
    quiet();
    await server.drain({ delayMs: 0 });
  }
}

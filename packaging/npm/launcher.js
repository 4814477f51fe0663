#!/usr/bin/env node
// Runs the bundle with Deno, with exactly the flags of the executable, and is to whoever
// started it what the server itself would be: signals and exit codes pass through.

import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { constants } from "node:os";
import process from "node:process";
import { fileURLToPath } from "node:url";

/** Of the package `deno`: the runtime itself, whose own launcher passes no signals on. */
const runtime = createRequire(import.meta.url)("deno/install_api.cjs").runInstall();
const inPackage = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));

const flags = JSON.parse(readFileSync(new URL("./flags.json", import.meta.url), "utf8"));

const child = spawn(
  runtime,
  [
    "run",
    ...flags,
    "--config",
    inPackage("bundle/deno.json"),
    inPackage("bundle/main.js"),
    ...process.argv.slice(2),
  ],
  {
    stdio: "inherit",
    // In a group of its own: else the terminal sends it Ctrl-C, and this sends it once more.
    detached: process.platform !== "win32",
    env: { DENO_NO_UPDATE_CHECK: "1", ...process.env },
  },
);

const SIGNALS = process.platform === "win32"
  ? ["SIGINT"]
  : ["SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT"];
for (const signal of SIGNALS) process.on(signal, () => child.kill(signal));

child.on("error", (error) => {
  console.error(`Cannot run: ${error.message}`);
  process.exit(1);
});
child.on("exit", (code, signal) => {
  process.exit(code ?? 128 + (constants.signals[signal] ?? 0));
});

/**
 * Programs of their own whose workers share a port.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import { Program } from "../helpers/program.ts";
import { temporaryFiles } from "./stage.ts";

const MAIN = fileURLToPath(new URL("../../main.ts", import.meta.url));

/** Far from what a busy machine takes, in milliseconds. */
export const NEVER_MS = 120_000;

/** A server with workers that runs until the end of the scope. */
export interface SharingProgram extends AsyncDisposable {
  readonly program: Program;
  readonly port: number;
}

/** Starts a server with workers; resolves when all of them listen. */
export async function startSharing(
  config: Readonly<Record<string, unknown>>,
  modules: Readonly<Record<string, string>>,
): Promise<SharingProgram> {
  await using stack = new AsyncDisposableStack();
  const text = JSON.stringify({ listen: { port: 0 }, log: { format: "json" }, ...config });
  const files = stack.use(await temporaryFiles({ ...modules, "troupe.json": text }));
  const args = ["run", "-A", MAIN, "serve", "-c", "troupe.json"];
  const env = { XDG_STATE_HOME: files.path };
  const program = stack.use(new Program({ args, cwd: files.path, env, timeoutMs: NEVER_MS }));
  const port = await program.port();
  await program.find("both", (line) => line.includes("workers share port") || undefined);
  const all = stack.move();
  return { program, port, [Symbol.asyncDispose]: () => all.disposeAsync() };
}

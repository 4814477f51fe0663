/**
 * Servers for the tests of this room.
 *
 * @module
 */

import { join } from "node:path";
import { parseConfig } from "../../src/config/mod.ts";
import { serve, type Server } from "../../src/server/mod.ts";
import { configureLogs, type LogLevel } from "../../src/telemetry/mod.ts";
import { OPCODE } from "../../src/testing/frames.ts";
import { LogCapture } from "../helpers/log_capture.ts";
import { RawClient } from "../../src/testing/raw_client.ts";

/** Starts a server on a port of the system's choice. */
export function startServer(root: Record<string, unknown> = {}, baseDirectory?: string) {
  const listen = { hostname: "127.0.0.1", port: 0 };
  const config = parseConfig({ listen, ...root });
  return serve(config, baseDirectory === undefined ? {} : { baseDirectory });
}

/** Opens a connection to an endpoint of a server. */
export function open(server: Server, path = "/ws"): Promise<RawClient> {
  return RawClient.open({ port: server.addr.port, path });
}

/** Status of a plain request, or of a handshake if an endpoint is asked. */
export async function statusOf(server: Server, path: string): Promise<number> {
  await using client = await RawClient.connect({ port: server.addr.port });
  return (await client.handshake({ path })).status;
}

/** Sends a text and reads the answer. */
export async function ask(client: RawClient, text: string): Promise<string> {
  await client.send({ opcode: OPCODE.text, payload: text });
  return await client.readText();
}

/** Collects log lines until disposed. */
export function captureLogs(level: LogLevel = "debug") {
  const capture = new LogCapture();
  const logs = configureLogs({ level, format: "json", write: capture.write });
  return {
    lines: capture.lines,
    find: (text: string) => capture.find(text),
    [Symbol.asyncDispose]: () => logs[Symbol.asyncDispose](),
  };
}

/** A directory with files that is gone at the end of its scope. */
export async function temporaryFiles(files: Readonly<Record<string, string>>) {
  const path = await Deno.makeTempDir();
  for (const [name, text] of Object.entries(files)) {
    await Deno.writeTextFile(join(path, name), text);
  }
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}

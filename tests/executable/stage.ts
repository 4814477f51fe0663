/**
 * The program as the executable runs it: with its permissions alone, and in a
 * folder that knows neither packages nor a configuration of Deno.
 *
 * @module
 */

import { join } from "node:path";
import { PERMISSIONS } from "../../scripts/compile.ts";
import { assertEquals } from "../helpers/assert.ts";
import { OPCODE } from "../../src/testing/frames.ts";
import { Program } from "../helpers/program.ts";
import { RawClient } from "../../src/testing/raw_client.ts";
import { type Need, testWith } from "../helpers/needs.ts";
import { confined, findConfinement, IS_COMPILED, TROUPE } from "./runner.ts";

const AUDIT_FOLDER = "permissions";

/** Tried where it may be read, and done without elsewhere. */
const TRIED = ["/proc/self/limits"];

/** What a command that ends by itself leaves behind. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A folder far from the sources, where the program is run. */
export interface Folder extends AsyncDisposable {
  readonly path: string;
  /** Writes a file. */
  write(name: string, content: string | Uint8Array): Promise<void>;
  /** Starts a command that goes on, such as `serve`. */
  start(args: readonly string[], env?: Readonly<Record<string, string>>): Program;
  /** Runs a command to its end. */
  run(args: readonly string[], input?: string): Promise<Outcome>;
  /** Fails if anything asked for more than the executable may do. */
  assertPermitted(lines: readonly string[]): Promise<void>;
}

interface Access {
  readonly permission: string;
  readonly value: string | null;
}

/** Whether the executable cannot do this, whatever its permissions are called. */
function isBeyond({ permission, value }: Access): boolean {
  if (!PERMISSIONS.includes(`--allow-${permission}`)) return true;
  const path = value ?? "";
  // Deno wants all permissions for these.
  return /^\/(proc|sys|dev)\//.test(path) && ![...TRIED, "/dev/null"].includes(path);
}

/** How the program is run in a folder. */
export interface FolderOptions {
  /** As another user, who can write nowhere else. Default false. */
  readonly isConfined?: boolean;
}

/** Makes a folder that is gone at the end of its scope. */
export async function foreignFolder({ isConfined }: FolderOptions = {}): Promise<Folder> {
  const path = await Deno.realPath(await Deno.makeTempDir());
  await Deno.mkdir(join(path, AUDIT_FOLDER));
  if (isConfined) {
    for (const each of [path, join(path, AUDIT_FOLDER)]) await Deno.chmod(each, 0o777);
  }
  const [executable = "", ...begin] = isConfined ? confined(path, TROUPE) : TROUPE;
  // Nothing is kept, nor looked for, in the folder of the user that runs the tests.
  const home: Record<string, string> = isConfined
    ? { HOME: "/nonexistent", DENO_DIR: "/nonexistent" }
    : {};
  let started = 0;
  // A file for each: lines of two programs in one would run into each other.
  const audit = () => ({
    DENO_AUDIT_PERMISSIONS: join(path, AUDIT_FOLDER, `${++started}.jsonl`),
  });
  return {
    path,
    async write(name, content) {
      const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
      await Deno.writeFile(join(path, name), bytes);
    },
    start(args, env) {
      const environment = { ...home, ...audit(), ...env };
      return new Program({ executable, args: [...begin, ...args], cwd: path, env: environment });
    },
    async run(args, input = "") {
      const command = new Deno.Command(executable, {
        args: [...begin, ...args],
        cwd: path,
        env: { NO_COLOR: "1", ...home, ...audit() },
        stdin: "piped",
        stdout: "piped",
        stderr: "piped",
      });
      const child = command.spawn();
      const writer = child.stdin.getWriter();
      await writer.write(new TextEncoder().encode(input));
      await writer.close();
      const { code, stdout, stderr } = await child.output();
      const [out, error] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
      return { code, stdout: out!, stderr: error! };
    },
    async assertPermitted(lines) {
      const refused = lines.filter((line) => /NotCapable|Requires [\w ]+ access/.test(line));
      assertEquals(refused, []);
      // Of these only `deno run` writes what was asked for.
      if (IS_COMPILED) return;
      for (let index = 1; index <= started; index++) {
        const text = await Deno.readTextFile(join(path, AUDIT_FOLDER, `${index}.jsonl`));
        const accesses: Access[] = text.trim().split("\n").map((line) => JSON.parse(line));
        assertEquals(accesses.filter(isBeyond), []);
      }
    },
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }),
  };
}

const CONFINEMENT = await findConfinement();

/** Needs nothing but the runtime. */
const NOTHING: Need = { name: "nothing", executable: Deno.execPath(), requiredInCi: true };

/**
 * Registers a test of something that the executable does, in a foreign folder: as another user
 * on a read-only system, who can do least of all, or where this cannot be had as whoever runs the
 * tests. The test is given the executable of what it needs.
 */
export function testEverywhere(
  name: string,
  run: (folder: Folder, needed: string) => Promise<void>,
  need: Need = NOTHING,
): void {
  const isConfined = CONFINEMENT.executable !== undefined;
  const where = `${name}, as another user on a read-only system`;
  testWith(need, isConfined ? where : name, async (needed) => {
    await using folder = await foreignFolder({ isConfined });
    await run(folder, needed);
  });
  // Says what is missing.
  if (!isConfined) testWith(CONFINEMENT, where, () => Promise.resolve());
}

/** Ends a server as a supervisor of services does. */
export async function stop(program: Program): Promise<void> {
  program.signal("SIGTERM");
  assertEquals(await program.exitCode(), 0);
}

/** Sends a text on a new connection and reads the answer. */
export async function askOnce(port: number, path: string, text: string): Promise<string> {
  await using client = await RawClient.open({ port, path });
  await client.send({ opcode: OPCODE.text, payload: text });
  return await client.readText();
}

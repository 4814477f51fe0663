/**
 * The program as the executable runs it: with its permissions alone, and in a
 * folder that knows neither packages nor a configuration of Deno.
 *
 * @module
 */

import { join } from "node:path";
import { PERMISSIONS, RUNTIME_FLAGS } from "../../scripts/compile.ts";
import { assertEquals } from "../helpers/assert.ts";
import { OPCODE } from "../../src/testing/frames.ts";
import { Program } from "../helpers/program.ts";
import { RawClient } from "../../src/testing/raw_client.ts";
import { ROOT } from "../structure/source_tree.ts";

/** Arguments for deno that stand for the executable's name. */
export const EXECUTABLE: readonly string[] = [
  "run",
  ...RUNTIME_FLAGS,
  join(ROOT, "main.ts"),
];

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

/** Makes a folder that is gone at the end of its scope. */
export async function foreignFolder(): Promise<Folder> {
  const path = await Deno.realPath(await Deno.makeTempDir());
  await Deno.mkdir(join(path, AUDIT_FOLDER));
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
      return new Program({
        args: [...EXECUTABLE, ...args],
        cwd: path,
        env: { ...audit(), ...env },
      });
    },
    async run(args, input = "") {
      const command = new Deno.Command(Deno.execPath(), {
        args: [...EXECUTABLE, ...args],
        cwd: path,
        env: { NO_COLOR: "1", ...audit() },
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
      for (let index = 1; index <= started; index++) {
        const text = await Deno.readTextFile(join(path, AUDIT_FOLDER, `${index}.jsonl`));
        const accesses: Access[] = text.trim().split("\n").map((line) => JSON.parse(line));
        assertEquals(accesses.filter(isBeyond), []);
      }
    },
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }),
  };
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

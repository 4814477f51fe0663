import { join } from "node:path";
import { assertEquals, assertStringIncludes } from "../helpers/assert.ts";
import { ROOT } from "../structure/source_tree.ts";
import { askOnce, stop, testEverywhere } from "./stage.ts";

const CONFIG = JSON.stringify({
  listen: { port: 0 },
  processes: { sample: { module: "./sample.ts" } },
  endpoints: { "/sample": { pool: ["sample"] } },
});

/** A process that answers each message with what an expression makes of it. */
function processOf(imports: string, answer: string): string {
  return `import { isMessage, type Process } from "@troupe/troupe";
${imports}
export default async function sample(self: Process): Promise<void> {
  for await (const { message } of self) {
    if (!isMessage(message)) continue;
    const body = String(message.body);
    self.send(message.id, { kind: "message", body: String(${answer}) });
  }
}
`;
}

/** What a process module may import: further files, its imports, and what it makes of "héllo". */
const MODULES: readonly (readonly [
  what: string,
  files: Readonly<Record<string, string>>,
  imports: string,
  answer: string,
  answered: string,
])[] = [
  [
    "a file beside it",
    { "loud.ts": "export const loud = (text: string): string => text.toUpperCase();" },
    'import { loud } from "./loud.ts";',
    "loud(body)",
    "HÉLLO",
  ],
  [
    "JSON and text",
    { "words.json": '{"end":"!"}', "begin.txt": "¡" },
    'import words from "./words.json" with { type: "json" };\n' +
    'import begin from "./begin.txt" with { type: "text" };',
    "begin + body + words.end",
    "¡héllo!",
  ],
  [
    "modules of node",
    {},
    'import { createHash } from "node:crypto";',
    'createHash("sha256").update(body).digest("hex").slice(0, 8)',
    "3c48591d",
  ],
  [
    "every door of the library",
    {},
    'import { createNode } from "@troupe/troupe/actor";\nimport * as all from "@troupe/troupe";\n' +
    ["websocket", "events", "topics", "server", "telemetry", "testing"]
      .map((door) => `import "@troupe/troupe/${door}";`).join("\n"),
    "createNode === all.createNode",
    "true",
  ],
  [
    "a thread",
    {
      "thread.ts": `import { isMessage } from "@troupe/troupe";
self.onmessage = ({ data }) => self.postMessage(\`\${data} \${typeof isMessage}\`);`,
    },
    'const worker = new Worker(new URL("./thread.ts", import.meta.url), { type: "module" });\n' +
    "const ask = (text: string) => new Promise((resolve) => {\n" +
    "  worker.onmessage = ({ data }) => resolve(data);\n  worker.postMessage(text);\n});",
    "await ask(body)",
    "héllo function",
  ],
];

for (const [what, files, imports, answer, answered] of MODULES) {
  testEverywhere(`a process module of the executable imports ${what}`, async (folder) => {
    await folder.write("troupe.json", CONFIG);
    for (const [name, text] of Object.entries(files)) await folder.write(name, text);
    await folder.write("sample.ts", processOf(imports, answer));
    await using program = folder.start(["--log-format", "json"]);
    assertEquals(await askOnce(await program.port(), "/sample", "héllo"), answered);
    await stop(program);
    await folder.assertPermitted(program.lines);
  });
}

/** The command of the page, with which a module brings its packages along. */
async function bundleCommand(): Promise<string[]> {
  const page = await Deno.readTextFile(join(ROOT, "docs/command_line.md"));
  return /^deno (bundle .+)$/m.exec(page)![1]!.split(" ");
}

testEverywhere("a process module of the executable brings its packages along", async (folder) => {
  const names = 'import { closestString } from "npm:deno-std@1.4.0/text/closest_string.js";';
  const text = processOf(names, 'closestString(body, ["hello", "goodbye"])');
  await folder.write("board.ts", text);
  await folder.write("troupe.json", CONFIG.replace("./sample.ts", "./board.ts"));
  {
    // As it is, its package cannot be had, and the server says so.
    await using program = folder.start([]);
    assertEquals(await program.exitCode(), 1);
    assertStringIncludes(program.lines.join("\n"), 'Cannot load process module "./board.ts"');
  }
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: await bundleCommand(),
    cwd: folder.path,
    env: { NO_COLOR: "1" },
    stdin: "null",
  }).output();
  assertEquals([success, new TextDecoder().decode(stderr).match(/error.*/i)], [true, null]);
  await folder.write("troupe.json", CONFIG.replace("./sample.ts", "./board.js"));
  await using program = folder.start(["--log-format", "json"]);
  assertEquals(await askOnce(await program.port(), "/sample", "héllo"), "hello");
  await stop(program);
});

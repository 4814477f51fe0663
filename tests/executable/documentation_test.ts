import { join } from "node:path";
import { assert, assertEquals, assertGreater, assertStringIncludes } from "../helpers/assert.ts";
import { RawClient } from "../../src/testing/raw_client.ts";
import { ROOT } from "../structure/source_tree.ts";
import { askOnce, type Folder, foreignFolder, stop } from "./stage.ts";

/** A fenced part of a page. */
interface Sample {
  readonly page: string;
  readonly language: string;
  readonly text: string;
}

async function samplesOf(page: string): Promise<Sample[]> {
  const markdown = await Deno.readTextFile(join(ROOT, page));
  return [...markdown.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)]
    .map(([, language, text]) => ({ page, language: language!, text: text! }));
}

const pages = [
  "README.md",
  ...[...Deno.readDirSync(join(ROOT, "docs"))]
    .filter(({ name }) => name.endsWith(".md")).map(({ name }) => `docs/${name}`).toSorted(),
];
const samples = (await Promise.all(pages.map(samplesOf))).flat();

/** Name of the process function that a sample exports, as a process module does. */
function processOf({ language, text }: Sample): string | undefined {
  return language === "ts" ? /^export default async function (\w+)/m.exec(text)?.[1] : undefined;
}

/** Whether a sample is a configuration; other JSON in the pages is messages. */
function isConfig({ language, text }: Sample): boolean {
  return language === "jsonc" && /"(listen|processes|endpoints)":/.test(text);
}

/** The configuration of the same page that names the module, or one that does no more than that. */
function configFor(name: string, page: string): string {
  const found = samples.find((each) =>
    each.page === page && isConfig(each) && each.text.includes(`"./${name}.ts"`)
  );
  return found?.text ?? JSON.stringify({
    processes: { [name]: { module: `./${name}.ts` } },
    endpoints: { [`/${name}`]: { pool: [name] } },
  });
}

const processes = samples.filter((sample) => processOf(sample) !== undefined);
const configs = samples.filter(isConfig);

/** What to say to a sample's endpoint, and what it answers. */
const CONVERSATIONS: Readonly<
  Record<string, readonly [path: string, text: string, answer: string]>
> = {
  shout: ["/shout", "héllo", "HÉLLO"],
  worker: ["/worker", "anything", "done"],
};

Deno.test("the pages have samples of processes and of configurations", () => {
  assertGreater(processes.length, 2);
  assertGreater(configs.length, 3);
  const names = processes.map(processOf);
  for (const name of Object.keys(CONVERSATIONS)) assert(names.includes(name), name);
});

async function serveIn(folder: Folder, use: (port: number) => Promise<void>): Promise<void> {
  // A delay of a sample is for load balancers, of which there are none here.
  const quick = ["--port", "0", "--log-format", "json", "--set", "drain.delay=0s"];
  const args = ["serve", "-c", "troupe.jsonc", ...quick];
  await using program = folder.start(args);
  await use(await program.port());
  await stop(program);
  const errors = program.lines.filter((line) => /"level":"(error|fatal)"/.test(line));
  assertEquals(errors, []);
  await folder.assertPermitted(program.lines);
}

for (const sample of processes) {
  const name = processOf(sample)!;
  Deno.test(`the executable runs the process ${name} of ${sample.page}`, async () => {
    await using folder = await foreignFolder();
    await folder.write(`${name}.ts`, sample.text);
    await folder.write("troupe.jsonc", configFor(name, sample.page));
    await serveIn(folder, async (port) => {
      const [path, text, answer] = CONVERSATIONS[name] ?? [];
      if (path !== undefined) assertEquals(await askOnce(port, path, text!), answer);
    });
  });
}

for (const [index, sample] of configs.entries()) {
  Deno.test(`the executable accepts configuration ${index + 1}, of ${sample.page}`, async () => {
    await using folder = await foreignFolder();
    await folder.write("troupe.jsonc", sample.text);
    const { code, stdout, stderr } = await folder.run(["check", "-c", "troupe.jsonc"]);
    assertEquals([code, stderr], [0, ""]);
    assertStringIncludes(stdout, "troupe.jsonc is valid");
  });
}

Deno.test("the executable serves the configuration of the page about it, with what init wrote", async () => {
  const sample = configs.find(({ text }) => text.includes("./board.ts"))!;
  await using folder = await foreignFolder();
  assertEquals((await folder.run(["init"])).code, 0);
  await folder.write("troupe.jsonc", sample.text);
  await serveIn(folder, async (port) => {
    assertEquals(await askOnce(port, "/board", "héllo"), "héllo");
    assertEquals(await askOnce(port, "/ws", "héllo"), "héllo");
  });
});

Deno.test("the executable runs examples/board from a copy elsewhere", async () => {
  await using folder = await foreignFolder();
  for (const name of ["board.ts", "troupe.jsonc"]) {
    await folder.write(name, await Deno.readTextFile(join(ROOT, "examples/board", name)));
  }
  await serveIn(folder, async (port) => {
    await using client = await RawClient.open({ port, path: "/board" });
    assertStringIncludes(await client.readText(), '{"board":[["","","",""]');
  });
});

Deno.test("the executable complains as the page about configurations says", async () => {
  const complaints = samples.find(({ language, page, text }) =>
    page === "docs/configuration.md" && language === "text" && text.startsWith("Cannot use")
  )!;
  await using folder = await foreignFolder();
  await folder.write(
    "troupe.json",
    JSON.stringify({
      processes: { echo: { behavior: "echo" } },
      endpoints: { "/ws": { pool: ["echo"], maxMessageSize: -5 } },
      log: { levle: "info" },
    }),
  );
  const { code, stderr } = await folder.run(["check"]);
  assertEquals([code, stderr], [2, complaints.text]);
});

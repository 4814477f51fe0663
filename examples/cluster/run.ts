/**
 * A broker, three nodes and a client of each, on this machine: `deno run -A examples/cluster/run.ts`
 *
 * Needs a `nats-server` of at least 2.11 in `PATH`, or its path in `NATS_SERVER`.
 *
 * @module
 */

import { fileURLToPath } from "node:url";

const HERE = fileURLToPath(new URL(".", import.meta.url));
const MAIN = fileURLToPath(new URL("../../main.ts", import.meta.url));
const NODES = ["one@host", "two@host", "three@host"];

/** A program, and the first group of the first line that matches. */
async function start(file: string, args: string[], pattern: RegExp) {
  const command = new Deno.Command(file, { args, cwd: HERE, stdout: "piped", stderr: "piped" });
  const child = command.spawn();
  const found = Promise.withResolvers<string>();
  const read = async (stream: ReadableStream<Uint8Array>) => {
    let text = "";
    for await (const chunk of stream.pipeThrough(new TextDecoderStream() as never)) {
      text += chunk;
      const match = pattern.exec(text);
      if (match !== null) found.resolve(match[1]!);
    }
  };
  const reading = Promise.all([read(child.stdout), read(child.stderr)]);
  void child.status.then(() => found.reject(new Error(`Cannot go on: ${file} has ended`)));
  const end = async () => {
    child.kill("SIGTERM");
    await child.status;
    await reading;
  };
  return { found: await found.promise, end };
}

/** Says something until somebody answers: a global process starts a moment after its nodes. */
async function ask(port: string): Promise<string> {
  for (let attempt = 0; attempt < 50; attempt++) {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/counter`);
    const answer = await new Promise<string | undefined>((resolve) => {
      socket.onopen = () => socket.send("hello");
      socket.onmessage = ({ data }) => resolve(data);
      socket.onerror = socket.onclose = () => resolve(undefined);
    });
    socket.close();
    if (answer !== undefined) return answer;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error("Cannot go on: nobody answers");
}

/** Enters the lobby of a node; `heard` is what is first said there. */
async function enter(port: string, stack: AsyncDisposableStack) {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/chat`);
  stack.defer(() => socket.close());
  const entered = Promise.withResolvers<void>();
  const heard = Promise.withResolvers<string>();
  socket.onmessage = ({ data }) => {
    if (data.startsWith("m:joined;")) entered.resolve();
    if (data.startsWith("m:said;")) heard.resolve(JSON.parse(data.slice("m:said;4;".length)).text);
  };
  socket.onopen = () => socket.send("m:join;0;lobby");
  await entered.promise;
  const say = (text: string) => socket.send(`m:say;4;${JSON.stringify({ room: "lobby", text })}`);
  return { say, heard: heard.promise };
}

const store = await Deno.makeTempDir();
const stack = new AsyncDisposableStack();
stack.defer(() => Deno.remove(store, { recursive: true }));
try {
  const server = Deno.env.get("NATS_SERVER") ?? "nats-server";
  const options = ["--addr", "127.0.0.1", "--port", "-1", "--jetstream", "--store_dir", store];
  const broker = await start(server, options, /client connections on 127\.0\.0\.1:(\d+)/);
  stack.defer(broker.end);
  const nats = `nats://127.0.0.1:${broker.found}`;
  const nodes = await Promise.all(NODES.map((name) => {
    const serve = ["serve", "-c", "troupe.jsonc", "--nats", nats, "--name", name];
    const args = ["run", "-A", MAIN, ...serve, "--log-format", "text"];
    return start(Deno.execPath(), args, /Listening on http:\/\/[^:]+:(\d+)/);
  }));
  for (const node of nodes) stack.defer(node.end);
  for (const [index, { found }] of nodes.entries()) {
    console.log(`Client of ${NODES[index]}: ${await ask(found)}`);
  }
  const people = await Promise.all(nodes.map(({ found }) => enter(found, stack)));
  // The others are known to the first node a moment after they have entered.
  const speaking = setInterval(() => people[0]!.say("good evening"), 200);
  stack.defer(() => clearInterval(speaking));
  for (const [index, { heard }] of people.entries()) {
    console.log(`In the lobby of ${NODES[index]}: ${await heard}`);
  }
} finally {
  await stack.disposeAsync();
}

/**
 * A room over several nodes, and clients of it that keep what they hear.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import { Program } from "../helpers/program.ts";
import { OPCODE } from "../../src/testing/frames.ts";
import { RawClient } from "../../src/testing/raw_client.ts";
import { temporaryFiles } from "./stage.ts";

const MAIN = fileURLToPath(new URL("../../main.ts", import.meta.url));
const EVENTS = new URL("../../src/events/mod.ts", import.meta.url).href;

/** A process module: everybody is in the lobby, and says what it hears. */
const ROOM = `
import { BROADCAST, createEventServer } from "${EVENTS}";

export default async function room(self) {
  const server = createEventServer();
  const { inCluster } = server;
  server.onConnection((connection) => {
    const answer = (event, run) =>
      connection.on(event, async (data) => connection.emit(event, await run(data)));
    connection.join("lobby");
    connection.on("say", ([to, ...data]) => connection.to(to).emit("said", data));
    connection.on("shout", (data) => connection.to(BROADCAST).emit("shouted", data));
    answer("join", (room) => (connection.join(room), room));
    answer("count", async () => [
      await inCluster.getTotalConnections(),
      (await inCluster.getConnectionsByRoom("lobby")).length,
    ]);
    answer("isConnected", (id) => inCluster.isConnected(id));
    answer("kick", (id) => inCluster.disconnect(id, 4000, "bye"));
    answer("members", async (room) => (await inCluster.getConnectionsByRoom(room)).map(({ id }) => id));
    answer("publish", (data) => self.send("topics", { kind: "publish", topic: "news", data }));
    answer("subscribers", async () => (await self.call("topics", { kind: "topics" }))[1].subscribers);
    connection.on("exit", () => Deno.exit(3));
    connection.emit("welcome", { id: connection.id, node: self.node });
  });
  await server.run(self);
}
`;

/** One client of the room. */
export class Person implements AsyncDisposable {
  readonly #client: RawClient;
  id = "";
  node = "";
  /** What was said and shouted to it, in order. */
  readonly heard: unknown[] = [];

  private constructor(client: RawClient) {
    this.#client = client;
  }

  static async enter(port: number): Promise<Person> {
    const person = new Person(await RawClient.open({ port, path: "/room" }));
    const { id, node } = await person.#read("welcome") as { id: string; node: string };
    return Object.assign(person, { id, node });
  }

  /** Emits an event. */
  async tell(event: string, data: unknown): Promise<void> {
    const payload = `m:${event};4;${JSON.stringify(data)}`;
    await this.#client.send({ opcode: OPCODE.text, payload });
  }

  /** Emits an event, and reads up to the answer. */
  async ask(event: string, data: unknown = null): Promise<unknown> {
    await this.tell(event, data);
    return await this.#read(event);
  }

  /** Reads until something was said to it. */
  async hear(what: unknown): Promise<void> {
    const text = JSON.stringify(what);
    while (JSON.stringify(this.heard.at(-1)) !== text) await this.#read();
  }

  readClose(): ReturnType<RawClient["readClose"]> {
    return this.#client.readClose();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#client[Symbol.asyncDispose]();
  }

  async #read(wanted?: string): Promise<unknown> {
    for (;;) {
      const text = await this.#client.readText();
      const [, event, type, data = ""] = /^m:(\w+);(\d);(.*)$/s.exec(text) ?? [];
      const value = type === "0" ? data : JSON.parse(data);
      if (event === "said" || event === "shouted") this.heard.push(value);
      if (wanted === undefined || event === wanted) return value;
    }
  }
}

/** Subscribes to the news. */
export async function subscribe(port: number): Promise<RawClient> {
  const client = await RawClient.open({ port, path: "/topics" });
  const payload = JSON.stringify({ type: "subscribe_request", topic: "news" });
  await client.send({ opcode: OPCODE.text, payload });
  await client.readText();
  return client;
}

/** Starts a server with the room and the topics; `config` is added to its configuration. */
export async function serveRoom(config: Record<string, unknown>) {
  const stack = new AsyncDisposableStack();
  const files = stack.use(
    await temporaryFiles({
      "room.js": ROOM,
      "troupe.json": JSON.stringify({
        listen: { port: 0 },
        log: { format: "json" },
        processes: {
          room: { module: "./room.js" },
          topics: { behavior: "topics", env: { topics: ["news"] } },
        },
        endpoints: { "/room": { pool: ["room"] }, "/topics": { pool: ["topics"] } },
        ...config,
      }),
    }),
  );
  const args = ["run", "-A", MAIN, "serve", "-c", "troupe.json"];
  const env = { XDG_STATE_HOME: files.path };
  const program = stack.use(new Program({ args, cwd: files.path, env }));
  const port = await program.port();
  return { program, port, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

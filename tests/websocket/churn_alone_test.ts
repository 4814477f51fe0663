import process from "node:process";
import v8 from "node:v8";
import type { Alias, Pid, Process } from "../../src/actor/mod.ts";
import { WebSocketConnection } from "../../src/websocket/connection/connection.ts";
import { isConnect, isDisconnect, isMessage } from "../../src/websocket/mod.ts";
import { assertEquals, assertLess } from "../helpers/assert.ts";
import { inDeadline } from "../../src/testing/deadline.ts";
import { closeBody, OPCODE } from "../../src/testing/frames.ts";
import type { RawClient } from "../../src/testing/raw_client.ts";
import { type Served, serveHandler } from "./stage.ts";
import { serveWs } from "./ws_stage.ts";

const { text, close } = OPCODE;

const CONNECTIONS = 10_000;
const WARM_UP = 400;
const BATCH = 200;

/** Bytes of the heap for each connection that has ended: less than one entry of a map takes. */
const KEPT_BYTES = 50;

/** Echoes, and keeps nothing of a connection that has ended. */
class Census {
  /** Open connections by the address of their client. */
  readonly #open = new Map<string, Alias>();
  readonly #addresses = new Map<Alias, string>();
  #whenEmpty = Promise.withResolvers<void>();
  connects = 0;
  disconnects = 0;

  readonly run = async (self: Process): Promise<void> => {
    for await (const { message } of self) {
      if (isConnect(message)) this.#enter(message.id, message.remoteAddr);
      else if (isDisconnect(message)) this.#leave(message.id);
      else if (isMessage(message)) {
        self.send(message.id, { kind: "message", type: message.type, body: message.body });
      }
    }
  };

  aliasOf({ localAddr }: RawClient): Alias {
    return this.#open.get(localAddr)!;
  }

  /** Resolves when each `connect` has had its one `disconnect`. */
  async empty(): Promise<void> {
    if (this.#open.size > 0) await inDeadline("the last disconnect", this.#whenEmpty.promise);
  }

  #enter(id: Alias, address: string): void {
    this.connects++;
    this.#open.set(address, id);
    this.#addresses.set(id, address);
  }

  #leave(id: Alias): void {
    this.disconnects++;
    this.#open.delete(this.#addresses.get(id)!);
    this.#addresses.delete(id);
    if (this.#open.size > 0) return;
    this.#whenEmpty.resolve();
    this.#whenEmpty = Promise.withResolvers();
  }
}

/** One of three ends: the client leaves without a word, the server closes, the client closes. */
async function end({ node }: Served, census: Census, client: RawClient, way: number) {
  if (way === 0) return client.close();
  if (way === 1) node.send(census.aliasOf(client), { kind: "message", type: 8 });
  else await client.send({ opcode: close, payload: closeBody(1000) });
  assertEquals((await client.readClose()).code, 1000);
  if (way === 1) await client.send({ opcode: close, payload: closeBody(1000) });
  client.close();
}

/** Opens so many connections, a batch at a time, uses and ends them. */
async function churn(served: Served, census: Census, count: number): Promise<void> {
  for (let done = 0; done < count; done += BATCH) {
    const clients = await Promise.all(Array.from({ length: BATCH }, () => served.open()));
    await Promise.all(clients.map(async (client, index) => {
      await client.send({ opcode: text, payload: "hello" });
      assertEquals(await client.readText(), "hello");
      await end(served, census, client, index % 3);
    }));
    await census.empty();
  }
}

/** What must be the same again. */
async function stateOf({ node, alias }: Served, target: Pid) {
  const { actors, names } = await node.inspect();
  const { accepted: _, uptimeMs: _ms, ...ofTarget } = await node.inspect(target);
  const { connections, orphaned } = await node.inspect(alias);
  return {
    actors,
    names,
    processes: node.actors().toSorted(),
    ofTarget,
    connections,
    orphaned,
    // Timers, and the sockets of Node.
    handles: process.getActiveResourcesInfo().toSorted(),
    files: Deno.build.os === "linux" ? [...Deno.readDirSync("/proc/self/fd")].length : 0,
  };
}

/** The state, once sockets that are closed have gone; as it is if they do not go. */
async function stateLike(before: unknown, state: () => Promise<unknown>): Promise<unknown> {
  const wanted = JSON.stringify(before);
  for (let i = 0; i < 200 && JSON.stringify(await state()) !== wanted; i++) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return await state();
}

/** What is reachable; to count it the engine of JavaScript collects all that is not. */
function countLive(): { connections: number; heapBytes: number } {
  const connections = v8.queryObjects(WebSocketConnection, { format: "count" });
  return { connections, heapBytes: Deno.memoryUsage().heapUsed };
}

for (const [engine, serve] of [["ws", serveWs], ["native", serveHandler]] as const) {
  Deno.test(`engine ${engine}: 10 000 connections leave nothing behind, however they end`, async () => {
    await using served = await serve({ pool: ["census"] });
    const census = new Census();
    const target = served.node.spawn(census.run, { name: "census" });
    const before = await stateOf(served, target);
    // What the first ones make the program load is not theirs.
    await churn(served, census, WARM_UP);
    const { heapBytes } = countLive();
    await churn(served, census, CONNECTIONS);
    assertEquals(await stateLike(before, () => stateOf(served, target)), before);
    const live = countLive();
    assertEquals([before.connections, live.connections], [0, 0]);
    assertLess(live.heapBytes - heapBytes, CONNECTIONS * KEPT_BYTES);
    assertEquals([census.connects, census.disconnects], [
      WARM_UP + CONNECTIONS,
      WARM_UP + CONNECTIONS,
    ]);
    assertEquals((await served.node.inspect(served.alias)).accepted, WARM_UP + CONNECTIONS);
  });
}

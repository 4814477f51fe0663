import { createNode } from "../../src/actor/mod.ts";
import { echo } from "../../src/behaviors/mod.ts";
import { listen } from "../../src/server/mod.ts";
import { settleUntil } from "../../src/testing/manual_clock.ts";
import { RawClient } from "../../src/testing/raw_client.ts";
import { createHandler, refuse } from "../../src/websocket/mod.ts";
import { assert, assertEquals } from "../helpers/assert.ts";

const EACH = 5;
/** `tcp_states.h` of Linux: its end is closed, and the system alone holds the rest for a while. */
const GONE = new Set(["04", "05", "06", "07", "09", "0B", "0A"]);

/** Sockets of this end of a port that the program has not closed, whatever the peer did. */
function openSockets(port: number): number {
  const end = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  return Deno.readTextFileSync("/proc/net/tcp").split("\n").slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local, , state]) => local?.endsWith(end) && !GONE.has(state!)).length;
}

const REFUSED: Readonly<Record<string, Parameters<RawClient["request"]>[0]>> = {
  "TRACE": { method: "TRACE" },
  "CONNECT": { method: "CONNECT" },
  "POST": { method: "POST" },
  "an accept that throws": { path: "/ws?throws" },
  "an accept that rejects": { path: "/ws?rejects" },
  "an accept that refuses": { path: "/ws?refuses" },
  "an accept whose answer is none": { path: "/ws?false" },
  "a header that is no text": { path: "/ws?refuses", headers: { "X-Raw": "\u0080\u00ff" } },
  "a header that is no header": { headers: { "X Y": "z" } },
  "a Host that is none": { headers: { Host: "a b" } },
  "a path that cannot be decoded": { path: "/room/%FF" },
};

const ENDED = -1;
/** What `node:http` takes for no request at all, and drops. */
const MAY_END = new Set(["CONNECT"]);

/** Whoever hears of a refusal fails, too. */
function onRefused(request: Request): void {
  throw new Error(`as told: ${request.method}`);
}

for (const engine of ["native", "ws"] as const) {
  Deno.test({
    name: `whatever is refused with engine ${engine} leaves no socket open`,
    ignore: Deno.build.os !== "linux",
    async fn() {
      await using node = createNode();
      node.spawn(echo, { name: "echo" });
      const handler = createHandler({
        pool: ["echo"],
        onRefused,
        accept({ request }) {
          const { search } = new URL(request.url);
          if (search === "?throws") throw new Error("as told");
          if (search === "?rejects") return Promise.reject(new Error("as told"));
          if (search === "?false") return false as never;
          if (search === "?refuses") return refuse(401, "bad token");
        },
      });
      node.spawnMeta(handler);
      await using listener = await listen({ "/ws": handler, "/room/:name": handler }, {
        engine,
        port: 0,
      });
      const { port } = listener.addr;
      // Who is let in is seen by the count.
      await using _welcome = await RawClient.open({ port });
      assertEquals(openSockets(port), 1);
      for (const [what, parts] of Object.entries(REFUSED)) {
        for (let i = 0; i < EACH; i++) {
          await using client = await RawClient.connect({ port });
          await client.request(parts);
          const answer = client.readResponse().then(({ status }) => status);
          const status = await (MAY_END.has(what) ? answer.catch(() => ENDED) : answer);
          assert(status >= 400 && status < 600 || status === ENDED, `${what}: ${status}`);
        }
        await settleUntil(`the end of the sockets of ${what}`, () => openSockets(port) === 1);
      }
      assertEquals(handler.connections, 1);
    },
  });
}

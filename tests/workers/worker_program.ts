/**
 * A worker for tests: an echo, and what ends it in each of the ways there are.
 *
 * @module
 */

import { createNode, keyed } from "../../src/actor/mod.ts";
import { joinCluster } from "../../src/cluster/mod.ts";
import { runWorker } from "../../src/workers/mod.ts";

runWorker<{ readonly fails?: boolean }>(async (context) => {
  const { index, name, data, machine, join, tell, ask } = context;
  if (data.fails) throw new TypeError(`worker ${index} does not like it`);
  const node = createNode({ name });
  join(node);
  node.spawn(async (self) => {
    for await (const { message, reply } of self) {
      if (message === "close") (globalThis as unknown as { close(): void }).close();
      else if (message === "exit") Deno.exit(3);
      else if (message === "loop") computeFor(4_000);
      else if (message === "block") blockFor(11_000);
      else if (message === "throw") {
        setTimeout(() => {
          throw new Error("on purpose");
        });
      } else if (message === "tell") tell(`told by ${index}`);
      else if (message === "ask") reply?.(await ask("who are you"));
      else if (message === "key") reply?.(await self.call("key/apples", "where").catch(String));
      else reply?.(`${index} ${message}`);
    }
  }, { name: "echo" });
  if (machine !== undefined) {
    const cluster = await joinCluster(node, { name: "test", machine });
    cluster.spawnKeyed(keyed("key", async (self) => {
      for await (const { reply } of self) reply?.(`${self.node} ${self.env.fence}`);
    }));
  }
  return { answer: (request) => `${index} answers ${request}` };
});

function computeFor(ms: number): void {
  const untilMs = performance.now() + ms;
  while (performance.now() < untilMs);
}

/** As a loop does to its thread, and to no processor. */
function blockFor(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

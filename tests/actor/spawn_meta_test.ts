import { createNode, type MetaBehavior, NodeStoppedError } from "../../src/actor/mod.ts";
import { settle } from "../../src/testing/mod.ts";
import { assertEquals, assertRejects, assertThrows } from "../helpers/assert.ts";

function behavior(): MetaBehavior & { readonly ended: string[]; end(): void } {
  const over = Promise.withResolvers<void>();
  const ended: string[] = [];
  return {
    ended,
    end: over.resolve,
    async run(self) {
      for await (const { reply } of self) reply?.("heard");
      await Promise.race([over.promise]);
    },
    terminate: (reason) => void ended.push(reason),
  };
}

Deno.test("node.spawnMeta() runs a meta-process below a process that ends with it", async () => {
  await using node = createNode();
  const alias = node.spawnMeta(behavior());
  assertEquals([await node.call(alias, "?"), node.actors().length], ["heard", 2]);
  await node.exit(alias, "kill");
  await settle();
  assertEquals(node.actors(), []);
});

Deno.test("node.spawnMeta() answers nobody who asks the process above", async () => {
  await using node = createNode();
  const alias = node.spawnMeta(behavior());
  const keeper = node.actors().find((each) => each !== alias)!;
  await assertRejects(() => node.call(keeper, "?"), Error, "only keeps a meta-process");
  assertEquals(node.send(keeper, "?"), "accepted");
  await settle();
  assertEquals(node.actors().length, 2);
});

Deno.test("node.spawnMeta() refuses what cannot be spawned, and leaves nothing behind", async () => {
  const node = createNode();
  const one = behavior();
  assertThrows(() => node.spawnMeta(one, { mailboxSize: 0 }), RangeError);
  await settle();
  assertEquals(node.actors(), []);
  await node.stop();
  assertThrows(() => node.spawnMeta(one), NodeStoppedError);
});

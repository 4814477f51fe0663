import { assertEquals } from "../helpers/assert.ts";
import { Queue } from "../../src/actor/queue.ts";

Deno.test("Queue gives back in order, whatever mix of pushing and taking", () => {
  const queue = new Queue<{ readonly n: number }>();
  const taken: (number | undefined)[] = [];
  let pushed = 0;
  for (let round = 0; round < 200; round++) {
    for (let i = 0; i < (round * 7) % 41; i++) queue.push({ n: pushed++ });
    for (let i = 0; i < (round * 5) % 37; i++) {
      const item = queue.shift();
      if (item !== undefined) taken.push(item.n);
    }
  }
  assertEquals(queue.length, pushed - taken.length);
  taken.push(...queue.toArray().map(({ n }) => n));
  assertEquals(taken, Array.from({ length: pushed }, (_, n) => n));
});

Deno.test("Queue is empty once all has been taken, and can be used again", () => {
  const queue = new Queue<string[]>();
  assertEquals([queue.length, queue.shift(), queue.toArray()], [0, undefined, []]);
  for (let i = 0; i < 3000; i++) queue.push([]);
  while (queue.length > 1) queue.shift();
  assertEquals(queue.toArray(), [[]]);
  queue.shift();
  queue.push(["again"]);
  assertEquals([queue.length, queue.shift()], [1, ["again"]]);
});

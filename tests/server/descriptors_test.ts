import { assertEquals } from "../helpers/assert.ts";
import { connectionsWithin, parseOpenFilesLimit } from "../../src/server/descriptors.ts";

Deno.test("connectionsWithin() keeps some descriptors free for everything else", () => {
  assertEquals([80, 1024, 1_048_576].map(connectionsWithin), [40, 921, 943_718]);
  assertEquals(connectionsWithin(10), 1);
});

Deno.test("parseOpenFilesLimit() finds the soft limit", () => {
  const text = "Limit                     Soft Limit           Hard Limit           Units     \n" +
    "Max processes             63704                63704                processes \n" +
    "Max open files            1024                 524288               files     \n";
  assertEquals(parseOpenFilesLimit(text), 1024);
  assertEquals(parseOpenFilesLimit("nothing"), undefined);
  assertEquals(
    parseOpenFilesLimit("Max open files            unlimited            unlimited  files"),
    undefined,
  );
});

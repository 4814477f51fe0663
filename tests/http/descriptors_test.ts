import {
  connectionsWithin,
  findOpenFilesLimit,
  type LimitSources,
  MOST_TRIED,
  parseOpenFilesLimit,
} from "../../src/http/descriptors.ts";
import { assertEquals } from "../helpers/assert.ts";

/** A system that says nothing and lets so many files be open. */
function sourcesOf(limit: number, code = "EMFILE") {
  let open = 0;
  const sources: LimitSources = {
    read() {
      throw new Deno.errors.NotCapable("all permissions are needed");
    },
    open() {
      if (open >= limit) throw Object.assign(new Error("no more"), { code });
      open++;
      return { [Symbol.dispose]: () => void open-- };
    },
  };
  return { sources, left: () => open };
}

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

Deno.test("findOpenFilesLimit() asks the system, and tries where it may not", () => {
  const { sources, left } = sourcesOf(200);
  const read = () => "Max open files            1024                 524288               files\n";
  assertEquals(findOpenFilesLimit(undefined, { ...sources, read }), {
    limit: 1024,
    source: "read",
  });
  assertEquals(findOpenFilesLimit(undefined, sources), { limit: 200, source: "tried" });
  assertEquals(findOpenFilesLimit(300, sources), { limit: 300, source: "configured" });
  assertEquals(left(), 0);
});

Deno.test("findOpenFilesLimit() knows no limit where trying tells none", () => {
  const unknown = { limit: undefined, source: "tried" } as const;
  for (const stage of [sourcesOf(MOST_TRIED), sourcesOf(0, "EACCES")]) {
    assertEquals(findOpenFilesLimit(undefined, stage.sources), unknown);
    assertEquals(stage.left(), 0);
  }
});

import { CountsBoard, SharedCounts, SharedTotals } from "../../src/server/shared_counts.ts";
import { assertEquals } from "../helpers/assert.ts";

const PATHS = ["/a", "/b"];

Deno.test("SharedTotals are seen by all workers at once, by path, without their own", () => {
  const main = new SharedTotals(PATHS, 3);
  const [one, two] = [1, 2].map(() => new SharedTotals(PATHS, 3, main.memory));
  one!.set(1, "/a", 5);
  two!.set(2, "/a", 7);
  two!.set(2, "/b", 1);
  assertEquals([1, 2, 3].map((worker) => one!.others(worker, "/a")), [7, 5, 12]);
  assertEquals([1, 2, 3].map((worker) => one!.others(worker, "/b")), [1, 0, 1]);
  main.forget(2);
  assertEquals([one!.others(1, "/a"), one!.others(1, "/b"), one!.others(2, "/a")], [0, 0, 5]);
  one!.set(1, "/none", 9);
  assertEquals([one!.others(2, "/none"), one!.others(2, "/a")], [0, 5]);
});

Deno.test("a worker that begins knows what the others have of each address and user", () => {
  const board = new CountsBoard();
  const told = (addresses: [string, number][], users: [string, number][] = []) => (
    { kind: "counts", path: "/a", addresses, users } as const
  );
  board.hear(1, told([["::1", 2], ["10.0.0.1", 1]], [["alice", 3], ["bob", 1]]));
  board.hear(1, told([["10.0.0.1", 0]], [["bob", 0]]));
  board.hear(2, told([["::1", 9]], [["alice", 9]]));
  const counts = new SharedCounts(2, "/a", new SharedTotals(PATHS, 2), () => {});
  for (const [worker, message] of board.messagesFor(2)) counts.hear(worker, message);
  assertEquals([counts.connectionsOf("::1"), counts.connectionsOf("10.0.0.1")], [2, 0]);
  assertEquals([counts.connectionsOfUser("alice"), counts.connectionsOfUser("bob")], [3, 0]);
  board.forget(1);
  counts.forget(1);
  assertEquals([[...board.messagesFor(2)].length, counts.connectionsOf("::1")], [0, 0]);
  assertEquals(counts.connectionsOfUser("alice"), 0);
});

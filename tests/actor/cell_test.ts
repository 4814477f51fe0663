import { assertEquals } from "../helpers/assert.ts";
import { ManualClock } from "../../src/testing/manual_clock.ts";
import { Cell, type CellHost } from "../../src/actor/cell.ts";
import type { Pid } from "../../src/actor/mod.ts";

/** A node as far as one cell needs it. */
function createHost(forget: (cell: Cell) => void = () => {}, clock = new ManualClock()): CellHost {
  const ties = {
    watch() {},
    demonitor: () => false,
    noteLink() {},
    unlink() {},
    end() {},
    counts: () => ({ monitors: 0, monitoredBy: 0, links: 0, linkedBy: 0 }),
  };
  const address = "<a@b/0/0>" as Pid;
  const census = { tapped: undefined };
  return { name: "a@b", address, clock, ties, forget, overflowed() {}, census };
}

function createCell(host: CellHost, address: string, parent?: Cell): Cell {
  return new Cell(host, {
    address,
    kind: "process",
    parent,
    behavior: undefined,
    mailboxSize: 10,
    stopTimeoutMs: 10,
    trapExit: false,
  });
}

Deno.test("Cell.end() forgets the parent, so that no chain of ended cells is kept", async () => {
  const forgotten: Cell[] = [];
  const host = createHost((cell) => forgotten.push(cell));
  const first = createCell(host, "first");
  const second = createCell(host, "second", first);
  assertEquals((await second.describe()).parent, "first");
  first.end("normal");
  second.end("normal");
  assertEquals(second.options.parent, undefined);
  assertEquals(forgotten, [first, second]);
});

Deno.test("Cell.end() happens once", () => {
  let ends = 0;
  const cell = createCell(createHost(() => ends++), "cell");
  cell.whenEnded(() => cell.end("again"));
  cell.end("normal");
  cell.kill();
  cell.end("normal");
  assertEquals([ends, cell.state], [1, "ended"]);
});

Deno.test("Cell.stop() sets one deadline and takes it back at the end", async () => {
  const clock = new ManualClock();
  const cell = createCell(createHost(undefined, clock), "cell");
  cell.stop("shutdown");
  cell.stop("shutdown");
  assertEquals([clock.pending, cell.state], [1, "stopping"]);
  cell.end("shutdown");
  assertEquals(clock.pending, 0);
  await clock.advance(10);
  assertEquals(cell.state, "ended");
});

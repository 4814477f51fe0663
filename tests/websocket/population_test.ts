import { type Member, Population } from "../../src/websocket/population.ts";
import { assertEquals } from "../helpers/assert.ts";
import { ManualClock } from "../../src/testing/manual_clock.ts";

/** A member that writes down how it was closed. */
class Guest implements Member {
  closed: [number, string] | undefined;

  close(code: number, reason: string): void {
    this.closed = [code, reason];
  }

  terminate(): void {}
}

function populate(...addresses: (string | undefined)[]) {
  const population = new Population<Guest>();
  const guests = addresses.map((address) => {
    const guest = new Guest();
    population.add(guest, address);
    return guest;
  });
  return { population, guests };
}

const GOING = { code: 1001, reason: "going away" };

Deno.test("Population counts what is open and what is being opened, by address too", () => {
  const { population, guests } = populate("a", "a", undefined);
  const arrived = population.expect("a");
  assertEquals([population.size, population.open.size], [4, 3]);
  assertEquals(["a", "b", undefined].map((each) => population.countOf(each)), [3, 0, 0]);
  arrived();
  assertEquals([population.remove(guests[0]!), population.remove(guests[0]!)], [true, false]);
  assertEquals([population.size, population.countOf("a")], [2, 1]);
});

Deno.test("Population closes in batches and resolves with the end of the last", async () => {
  const { population, guests } = populate("a", "b", "c", "d");
  const clock = new ManualClock();
  let isDone = false;
  const done = population.closeAll({ spreadMs: 200, ...GOING }, clock).then(() => isDone = true);
  const closed = () => guests.filter((guest) => guest.closed !== undefined).length;
  assertEquals(closed(), 2);
  await clock.advance(100);
  assertEquals([closed(), guests[3]!.closed], [4, [1001, "going away"]]);
  const late = new Guest();
  population.add(late, "a");
  for (const guest of guests.slice(1)) population.remove(guest);
  assertEquals([isDone, population.leaving()], [false, [guests[0]]]);
  population.remove(guests[0]!);
  await done;
  assertEquals([population.leaving(), population.size, late.closed], [[], 1, undefined]);
});

Deno.test("Population has nobody to wait for where nobody is", async () => {
  await new Population<Guest>().closeAll({ spreadMs: 0, ...GOING }, new ManualClock());
});

Deno.test("Population finds those of a user in their order, and tells and counts others", () => {
  const population = new Population<Guest>();
  const told: [string, number][] = [];
  population.shareWith({
    connections: 0,
    connectionsOf: () => 0,
    connectionsOfUser: (user) => user === "alice" ? 5 : 0,
    changed() {},
    userChanged: (user, own) => told.push([user, own]),
  });
  const [one, two, three] = [new Guest(), new Guest(), new Guest()];
  population.add(one, "a", "alice");
  population.add(two, "a", "bob");
  population.add(three, "b", "alice");
  assertEquals([...population.ofUser("alice")], [one, three]);
  assertEquals(["alice", "bob", "eve"].map((each) => population.totalOfUser(each)), [7, 1, 0]);
  for (const each of [one, one, two]) population.remove(each);
  assertEquals([[...population.ofUser("alice")], [...population.ofUser("bob")]], [[three], []]);
  assertEquals(told, [["alice", 1], ["bob", 1], ["alice", 2], ["alice", 1], ["bob", 0]]);
});

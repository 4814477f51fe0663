import {
  ALL,
  applyRoomStep,
  assertRoomName,
  BROADCAST,
  createRooms,
  planConnect,
  planDisconnect,
  planJoin,
  planLeave,
  planLeaveAll,
  recipientsOf,
  type Rooms,
  type RoomStep,
} from "../../src/events/rooms.ts";
import { assertEquals, assertThrows } from "../helpers/assert.ts";

function apply(rooms: Rooms, steps: readonly RoomStep[]): void {
  for (const step of steps) applyRoomStep(rooms, step);
}

/** a, b and c are connected; a and b are in x, b is in y. */
function createPopulated(): Rooms {
  const rooms = createRooms();
  for (const id of ["a", "b", "c"]) apply(rooms, planConnect(id));
  for (const [room, id] of [["x", "a"], ["x", "b"], ["y", "b"]]) {
    apply(rooms, planJoin(rooms, room!, id!));
  }
  return rooms;
}

Deno.test("planConnect() puts a connection into the room of its own id", () => {
  assertEquals(planConnect("a"), [{ kind: "connect", id: "a" }, {
    kind: "join",
    id: "a",
    room: "a",
  }]);
});

Deno.test("planJoin() does nothing when the connection is in or is not there", () => {
  const rooms = createPopulated();
  assertEquals(planJoin(rooms, "y", "a"), [{ kind: "join", id: "a", room: "y" }]);
  assertEquals(planJoin(rooms, "x", "a"), []);
  assertEquals(planJoin(rooms, "x", "nobody"), []);
});

Deno.test("planLeave() tells of it before it takes the connection out", () => {
  const rooms = createPopulated();
  const steps = planLeave(rooms, "x", "a");
  assertEquals(steps.map(({ kind }) => kind), ["leaving", "leave"]);
  applyRoomStep(rooms, steps[0]!);
  assertEquals([...recipientsOf(rooms, "x")], ["a", "b"]);
  applyRoomStep(rooms, steps[1]!);
  assertEquals([...recipientsOf(rooms, "x")], ["b"]);
});

Deno.test("planLeave() does nothing when the connection is not in", () => {
  const rooms = createPopulated();
  assertEquals(planLeave(rooms, "y", "a"), []);
  assertEquals(planLeave(rooms, "nowhere", "a"), []);
  assertEquals(planLeave(rooms, "x", "nobody"), []);
});

Deno.test("planLeaveAll() leaves rooms in the order of joining, the own one last", () => {
  const rooms = createPopulated();
  const left = planLeaveAll(rooms, "b").filter(({ kind }) => kind === "leave");
  assertEquals(left.map((step) => "room" in step && step.room), ["x", "y", "b"]);
  assertEquals(planLeaveAll(rooms, "nobody"), []);
});

Deno.test("planDisconnect() leaves nothing behind, not even empty rooms", () => {
  const rooms = createPopulated();
  for (const id of ["a", "b", "c"]) apply(rooms, planDisconnect(rooms, id));
  assertEquals(rooms, createRooms());
  assertEquals(planDisconnect(rooms, "a"), []);
});

Deno.test("recipientsOf() finds rooms, ids, everybody, and everybody else", () => {
  const rooms = createPopulated();
  assertEquals([...recipientsOf(rooms, "x", "a")], ["a", "b"]);
  assertEquals([...recipientsOf(rooms, "c", "a")], ["c"]);
  assertEquals([...recipientsOf(rooms, "nowhere", "a")], []);
  assertEquals([...recipientsOf(rooms, ALL, "a")], ["a", "b", "c"]);
  assertEquals([...recipientsOf(rooms, BROADCAST, "a")], ["b", "c"]);
  assertEquals([...recipientsOf(rooms, BROADCAST)], ["a", "b", "c"]);
});

Deno.test("assertRoomName() refuses what stands for something else", () => {
  assertRoomName("lobby");
  for (const room of [ALL, BROADCAST, undefined, 1]) {
    assertThrows(() => assertRoomName(room), TypeError, "Cannot use the room name");
  }
});

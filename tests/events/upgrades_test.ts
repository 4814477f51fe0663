import { type EventConnection, UpgradeError } from "../../src/events/mod.ts";
import { TOKEN } from "../../src/events/connects.ts";
import { Upgrades } from "../../src/events/upgrades.ts";
import { assertEquals, assertRejects, assertStrictEquals } from "../helpers/assert.ts";

const REQUEST = new Request("http://localhost/");
const ASKED = {
  request: REQUEST,
  remoteAddr: "",
  params: {},
  signal: new AbortController().signal,
};
const CONNECTION = { id: "a" } as EventConnection;

Deno.test("Upgrades joins a request with its connection and cancels the deadline", async () => {
  const upgrades = new Upgrades();
  const { token, connection } = upgrades.expect(REQUEST);
  const attributes = { [TOKEN]: token };
  assertEquals([upgrades.accept(ASKED), upgrades.has(token)], [{ attributes }, true]);
  let cancelled = 0;
  upgrades.setDeadline(token, () => void cancelled++);
  upgrades.arrive(token, CONNECTION);
  assertStrictEquals(await connection, CONNECTION);
  assertEquals([cancelled, upgrades.has(token)], [1, false]);
});

Deno.test("Upgrades cancels a deadline that comes after the connection", async () => {
  const upgrades = new Upgrades();
  const { token, connection } = upgrades.expect(REQUEST);
  upgrades.arrive(token, CONNECTION);
  let cancelled = 0;
  upgrades.setDeadline(token, () => void cancelled++);
  assertEquals([cancelled, (await connection).id], [1, "a"]);
});

Deno.test("Upgrades rejects at the deadline, and what comes later changes nothing", async () => {
  const upgrades = new Upgrades();
  const { token, connection } = upgrades.expect(REQUEST);
  upgrades.fail(token, 101, "the client left");
  upgrades.arrive(token, CONNECTION);
  assertEquals((await assertRejects(connection, UpgradeError, "the client left")).status, 101);
});

Deno.test("Upgrades.failAll() rejects all and knows no other requests", async () => {
  const upgrades = new Upgrades();
  const expected = [1, 2].map(() => upgrades.expect(new Request("http://localhost/")));
  upgrades.failAll("ended");
  for (const { connection } of expected) await assertRejects(connection, UpgradeError, "ended");
  assertEquals([upgrades.accept(ASKED), upgrades.has(undefined)], [undefined, false]);
});

import { VitalSigns } from "../../../src/websocket/connection/vital_signs.ts";
import type { Socket } from "../../../src/websocket/socket.ts";
import { assertEquals } from "../../helpers/assert.ts";

const OFF = { pingPeriodMs: 0, pongTimeoutMs: 0, readTimeoutMs: 0, writeTimeoutMs: 0 };
const PINGS = { ...OFF, pingPeriodMs: 50, pongTimeoutMs: 60 };

function socketWith(facts: Partial<Socket>): Socket {
  return { bufferedBytes: 0, canPing: true, ...facts } as Socket;
}

/** What is said at each time, of one socket. */
function looks(
  limits: typeof OFF,
  times: readonly number[],
  { facts = {}, before }: {
    facts?: Partial<Socket>;
    before?: (signs: VitalSigns, nowMs: number) => void;
  } = {},
): string[] {
  const signs = new VitalSigns();
  return times.map((nowMs) => {
    before?.(signs, nowMs);
    return signs.look(socketWith(facts), limits, false, nowMs);
  });
}

Deno.test("VitalSigns count a connection as heard when it is first looked at", () => {
  assertEquals(looks(PINGS, [1_000, 1_049, 1_050, 1_060]), ["ok", "ok", "ping", "noPong"]);
});

Deno.test("VitalSigns take anything that was heard for life, and only messages for reading", () => {
  const heard = { before: (signs: VitalSigns) => void (signs.heard = true) };
  assertEquals(looks(PINGS, [0, 50, 100, 150], heard), ["ok", "ok", "ok", "ok"]);
  const limits = { ...OFF, readTimeoutMs: 40 };
  assertEquals(looks(limits, [0, 20, 40], heard), ["ok", "ok", "readTimeout"]);
  const messages = { before: (signs: VitalSigns) => void (signs.gotMessage = true) };
  assertEquals(looks(limits, [0, 40, 80], messages), ["ok", "ok", "ok"]);
});

Deno.test("VitalSigns do not blame the peer while reading is paused", () => {
  const signs = new VitalSigns();
  const limits = { ...PINGS, readTimeoutMs: 40 };
  const verdicts = [0, 60, 120].map((now) => signs.look(socketWith({}), limits, true, now));
  assertEquals(verdicts, ["ok", "ok", "ok"]);
  assertEquals(signs.look(socketWith({}), limits, false, 159), "ok");
  assertEquals(signs.look(socketWith({}), limits, false, 160), "readTimeout");
});

Deno.test("VitalSigns neither ping nor miss pongs where the engine cannot ping", () => {
  assertEquals(looks(PINGS, [0, 50, 1e6], { facts: { canPing: false } }), ["ok", "ok", "ok"]);
});

Deno.test("VitalSigns call writes blocked when bytes wait and none leave", () => {
  const limits = { ...OFF, writeTimeoutMs: 30 };
  const blocked = { bufferedBytes: 5, leftBytes: 7 };
  assertEquals(looks(limits, [0, 10, 39, 40], { facts: blocked }), [
    "ok",
    "ok",
    "writeTimeout",
    "writeTimeout",
  ]);
  const signs = new VitalSigns();
  const moving = [0, 30, 60, 90].map((now) =>
    signs.look(socketWith({ bufferedBytes: 5, leftBytes: now }), limits, false, now)
  );
  assertEquals(moving, ["ok", "ok", "ok", "ok"]);
  const empty = { bufferedBytes: 0, leftBytes: 7 };
  assertEquals(looks(limits, [0, 30, 60], { facts: empty }), ["ok", "ok", "ok"]);
});

Deno.test("VitalSigns call writes blocked by bytes alone where the engine does not count", () => {
  const facts = { bufferedBytes: 5, leftBytes: undefined };
  const limits = { ...OFF, writeTimeoutMs: 30 };
  assertEquals(looks(limits, [0, 29, 30], { facts }), ["ok", "ok", "writeTimeout"]);
});

Deno.test("VitalSigns ask the runtime what has left only of those with something to write", () => {
  const signs = new VitalSigns();
  const limits = { ...OFF, writeTimeoutMs: 30 };
  let asked = 0;
  const socket = (bufferedBytes: number) => ({
    ...socketWith({ bufferedBytes }),
    get leftBytes() {
      asked++;
      return 7;
    },
  });
  const look = (bufferedBytes: number, nowMs: number) =>
    signs.look(socket(bufferedBytes), limits, false, nowMs);
  for (const nowMs of [0, 10, 20]) look(0, nowMs);
  assertEquals(asked, 0);
  // Time counts from the first look at which something waits, again after it was empty.
  assertEquals([look(5, 30), look(5, 59), look(0, 59), look(5, 60), look(5, 89)], [
    "ok",
    "ok",
    "ok",
    "ok",
    "ok",
  ]);
  assertEquals([look(5, 90), asked > 0], ["writeTimeout", true]);
});

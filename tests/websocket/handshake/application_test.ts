import {
  askApplication,
  type Hook,
  hooksOf,
  joinAccepts,
} from "../../../src/websocket/handshake/application.ts";
import { refuse } from "../../../src/websocket/handshake/accept.ts";
import type { Handshake, Refusal } from "../../../src/websocket/handshake/handshake.ts";
import type { Accept, AcceptRequest, OriginCheck } from "../../../src/websocket/options.ts";
import { assertEquals, assertThrows } from "../../helpers/assert.ts";
import { ManualClock } from "../../../src/testing/manual_clock.ts";

let made = 0;
const HANDSHAKE: Handshake = {
  method: "GET",
  url: "http://a.example/ws",
  headers: { origin: "https://a.net" },
  toRequest: () => {
    made++;
    return new Request("http://a.example/ws", { headers: { origin: "https://a.net" } });
  },
};
const CALLER = { remoteAddr: "1.1.1.1:5", params: {} };

function ask(hooks: readonly Hook[], clock = new ManualClock(), timeoutMs = 20) {
  return askApplication(hooks, HANDSHAKE, CALLER, { endpoint: "/ws", timeoutMs, clock });
}

function hooksOfAccept(accept: Accept): readonly Hook[] {
  return hooksOf({ checkOrigin: undefined, accept });
}

/** Status of the refusal by an origin check; 0 if there is none. */
async function statusOf(checkOrigin: OriginCheck): Promise<number> {
  const answer = await ask(hooksOf({ checkOrigin, accept: undefined }));
  return "status" in answer ? answer.status : 0;
}

Deno.test("checkOrigin takes true for a welcome and nothing else", async () => {
  assertEquals(await statusOf(() => true), 0);
  assertEquals(await statusOf(() => Promise.resolve(true)), 0);
  for (const answer of [false, undefined, null, 1, "yes", {}, Promise.resolve("yes")]) {
    assertEquals(await statusOf(() => answer as boolean), 403, Deno.inspect(answer));
  }
});

Deno.test("checkOrigin that throws is 500, one that is late 408", async () => {
  const fails: OriginCheck[] = [
    () => {
      throw new Error("from the check");
    },
    () => Promise.reject(new Error("from the check")),
  ];
  for (const check of fails) assertEquals(await statusOf(check), 500);
  const late = Promise.withResolvers<boolean>();
  const clock = new ManualClock();
  const hooks = hooksOf({ checkOrigin: () => late.promise, accept: undefined });
  const asked = ask(hooks, clock);
  await clock.advance(20);
  assertEquals((await asked as Refusal).status, 408);
  // What comes after that is nobody's unhandled rejection.
  late.reject(new Error("too late"));
});

Deno.test("the application is answered at once where it answers at once", () => {
  assertEquals(ask(hooksOf({ checkOrigin: () => true, accept: undefined })), {});
  const refusal = { status: 401, reason: "bad token", headers: [], cause: "accept" };
  assertEquals(ask(hooksOfAccept(() => refuse(401, "bad token"))), refusal);
});

Deno.test("the request is made when it is first read, once", async () => {
  const before = made;
  await ask(hooksOfAccept(() => {}));
  assertEquals(made, before);
  let isSame = false;
  await ask(hooksOfAccept((asked) => void (isSame = asked.request === asked.request)));
  assertEquals([made, isSame], [before + 1, true]);
});

Deno.test("headers are lines in their order, however they were given", async () => {
  const given = [
    { "Set-Cookie": ["a=1; Path=/", "b=2"], "x-c": "3" },
    [["set-cookie", "a=1; Path=/"], ["Set-Cookie", "b=2"], ["x-c", "3"]],
    new Headers([["Set-Cookie", "a=1; Path=/"], ["Set-Cookie", "b=2"], ["x-c", "3"]]),
  ] as const;
  const expected = [["set-cookie", "a=1; Path=/"], ["set-cookie", "b=2"], ["x-c", "3"]];
  for (const headers of given) {
    assertEquals(await ask(hooksOfAccept(() => ({ headers }))), { headers: expected } as never);
    assertEquals(refuse(401, "", headers).headers, expected as never);
  }
});

Deno.test("joinAccepts() puts together what two say, and asks no more after a refusal", async () => {
  const asked = CALLER as unknown as AcceptRequest;
  const one: Accept = () => ({ attributes: { a: 1, b: 1 }, headers: { "x-a": "1" }, target: "t" });
  const two: Accept = () => ({ attributes: { b: 2 }, headers: { "x-a": "2" } });
  const expected = {
    attributes: { a: 1, b: 2 },
    headers: [["x-a", "1"], ["x-a", "2"]],
    target: "t",
  };
  const later = (accept: Accept): Accept => (asked) => Promise.resolve(accept(asked));
  for (const [first, second] of [[one, two], [later(one), two], [one, later(two)]] as const) {
    assertEquals(await joinAccepts(first, second)(asked), expected as never);
  }
  const never: Accept = () => {
    throw new Error("it is asked");
  };
  const no = refuse(403, "no");
  assertEquals(await joinAccepts(() => no, never)(asked), no);
  assertEquals(await joinAccepts(one, () => no)(asked), no);
  assertThrows(() => joinAccepts(one, () => 5 as never)(asked), TypeError, "got 5, expected");
});

Deno.test("refuse() takes what a client can be answered with", () => {
  for (const status of [101, 200, 299, 600, 401.5, NaN, "401"]) {
    assertThrows(
      () => refuse(status as number, "no"),
      RangeError,
      "a whole number from 300 to 599",
    );
  }
  assertThrows(() => refuse(401, 5 as never), TypeError, "text is 5, expected a text");
  const cases: [headers: unknown, error: string][] = [
    [{ "content-length": "5" }, 'the header "content-length" is the server\'s'],
    [{ "x a": "5" }, '"x a" is no name of a header'],
    [{ "x-a": "secret\n" }, 'the value of header "x-a" cannot be sent'],
    [["x-a: 5"], "an entry of another kind"],
    ["x-a: 5", "headers are of type string, expected an object, pairs or Headers"],
  ];
  for (const [headers, error] of cases) {
    assertThrows(() => refuse(401, "no", headers as never), TypeError, error);
  }
});

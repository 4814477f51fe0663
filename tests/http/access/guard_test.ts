import { ATTEMPTS, fadedFailures, stepFailure } from "../../../src/http/access/attempts.ts";
import { Guard, REQUEST_RATE } from "../../../src/http/access/guard.ts";
import { bearerOf, Tokens } from "../../../src/http/access/tokens.ts";
import { assertEquals } from "../../helpers/assert.ts";
import { ManualClock } from "../../../src/testing/mod.ts";

const GOOD = "a good token";

function createGuard() {
  const clock = new ManualClock();
  const guard = new Guard(new Tokens([{ name: "ops", token: GOOD, scopes: ["read"] }]), clock);
  const admit = async (token: string, address = "192.0.2.1") => {
    const answer = await guard.admitToken(token, true, address);
    return "status" in answer ? answer.status : answer.name;
  };
  return { clock, guard, admit };
}

Deno.test("stepFailure() lets the first ones pass and doubles the delay up to a bound", () => {
  const delays: number[] = [];
  let attempts: ReturnType<typeof stepFailure>["attempts"] | undefined;
  for (let count = 0; count < 14; count++) {
    const step = stepFailure(attempts, 0);
    attempts = step.attempts;
    delays.push(step.delayMs);
  }
  assertEquals(delays.slice(0, 9), [0, 0, 0, 0, 0, 100, 200, 400, 800]);
  assertEquals(delays.at(-1), ATTEMPTS.mostDelayMs);
  assertEquals(fadedFailures({ failures: 8, atMs: 0 }, ATTEMPTS.halfLifeMs * 3), 1);
});

Deno.test("Guard keeps an address that guesses waiting, and nobody else", async () => {
  const { clock, guard, admit } = createGuard();
  for (let count = 0; count < ATTEMPTS.free; count++) assertEquals(await admit("bad"), 401);
  let answered: unknown;
  const late = admit("bad").then((status) => answered = status);
  await clock.advance(99);
  assertEquals(answered, undefined);
  assertEquals([await admit(GOOD), await admit("bad", "192.0.2.2")], ["ops", 401]);
  await clock.advance(1);
  assertEquals(await late, 401);
  assertEquals(guard.failures, ATTEMPTS.free + 2);
});

Deno.test("Guard holds no more waiting answers of one address than its bound", async () => {
  const { guard, admit } = createGuard();
  for (let count = 0; count < ATTEMPTS.free; count++) await admit("bad");
  const waiting = Array.from({ length: ATTEMPTS.mostWaiting }, () => admit("bad"));
  assertEquals(await admit("bad"), 429);
  guard[Symbol.dispose]();
  assertEquals([...new Set(await Promise.all(waiting))], [401]);
});

Deno.test("Guard forgets the addresses that it heard of longest ago", async () => {
  const { admit } = createGuard();
  for (let count = 0; count < ATTEMPTS.free; count++) await admit("bad");
  for (let count = 0; count < ATTEMPTS.mostAddresses; count++) await admit("bad", `a${count}`);
  // As of one that has never failed: no delay.
  assertEquals(await admit("bad"), 401);
});

Deno.test("Guard limits the requests of one token", async () => {
  const { clock, admit } = createGuard();
  for (let count = 0; count < REQUEST_RATE.burst; count++) assertEquals(await admit(GOOD), "ops");
  assertEquals(await admit(GOOD), 429);
  await clock.advance(1000 / REQUEST_RATE.perSecond);
  assertEquals([await admit(GOOD), await admit(GOOD)], ["ops", 429]);
});

Deno.test("bearerOf() reads a token of RFC 6750 and nothing else", () => {
  for (
    const [header, token] of [
      ["Bearer abc-._~+/=", "abc-._~+/="],
      ["bearer  abc ", "abc"],
      ["Bearer", undefined],
      ["Bearer a b", undefined],
      ["Basic abc", undefined],
      [null, undefined],
    ] as const
  ) {
    assertEquals(bearerOf(header), token);
  }
});

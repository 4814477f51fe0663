import { NEW_SECOND, stepTap, TAP_LIMITS } from "../../src/api/tap_bounds.ts";
import { OPCODE } from "../../src/testing/mod.ts";
import { assert, assertEquals } from "../helpers/assert.ts";
import { type ApiStage, startApi, tapEvents } from "./stage.ts";

const tap = ({ base }: ApiStage, query: string) => tapEvents(base, query);

Deno.test("stepTap() shows so many and so long ones in a second, and counts the others", () => {
  let second = NEW_SECOND;
  let shown = 0;
  for (let count = 0; count < 300; count++) {
    const step = stepTap(second, 10);
    second = step.second;
    if (step.isShown) shown++;
  }
  assertEquals([shown, second.skipped], [TAP_LIMITS.perSecond, 100]);
  assertEquals(stepTap(NEW_SECOND, TAP_LIMITS.bytesPerSecond + 1).isShown, false);
});

Deno.test("GET /tap shows what passes from and to an actor, without secrets", async () => {
  await using stage = await startApi();
  await using tapped = await tap(stage, "actor=echo");
  stage.server.node.send("chat", { other: 1 });
  stage.server.node.send("echo", { some: "thing", password: "hidden" });
  const { data } = await tapped.next();
  assertEquals(data.message, { some: "thing", password: "***" });
  assertEquals(data.to, stage.server.node.whereis("echo"));
  stage.server.node.send("echo", "x".repeat(5_000));
  assertEquals((await tapped.next()).data.preview.length, TAP_LIMITS.preview);
});

Deno.test("GET /tap follows the connections of an endpoint and of a room", async () => {
  await using stage = await startApi();
  await using client = await stage.open("/ws");
  await using other = await stage.open("/chat");
  await other.readText();
  await other.send({ opcode: OPCODE.text, payload: "m:join;0;lobby" });
  await other.readText();
  await using endpoint = await tap(stage, "endpoint=/ws");
  await using room = await tap(stage, "room=lobby");
  await client.send({ opcode: OPCODE.text, payload: "hello" });
  assertEquals((await endpoint.next()).data.message.body, "hello");
  await stage.ask("POST", "/rooms/lobby/publish", { body: { text: "to all" } });
  assertEquals((await room.next()).data.message.body, "to all");
});

Deno.test("GET /tap of a busy actor stays within its bound and says what it leaves out", async () => {
  await using stage = await startApi();
  await using tapped = await tap(stage, "actor=echo");
  for (let count = 0; count < 1_000; count++) stage.server.node.send("echo", { count });
  let shown = 0;
  for (;;) {
    const { event, data } = await tapped.next();
    if (event === "sampled") {
      assertEquals(shown + data.skipped, 1_000);
      break;
    }
    shown++;
  }
  assert(shown <= TAP_LIMITS.perSecond, `${shown}`);
});

Deno.test("GET /tap is refused without one filter, and beyond so many; a drain ends it", async () => {
  const stage = await startApi();
  for (const query of ["", "?actor=a&room=b", "?colour=red"]) {
    assertEquals((await stage.ask("GET", `/tap${query}`)).status, 422);
  }
  const taps = [];
  for (let count = 0; count < TAP_LIMITS.taps; count++) taps.push(await tap(stage, "actor=echo"));
  assertEquals((await stage.ask("GET", "/tap?actor=echo")).status, 429);
  await taps.pop()![Symbol.asyncDispose]();
  const startMs = performance.now();
  await stage[Symbol.asyncDispose]();
  assert(performance.now() - startMs < 2_000);
  for (const each of taps) {
    const error = await each.next().then(() => undefined, (error) => error);
    assert(error instanceof Error);
    await each[Symbol.asyncDispose]();
  }
});

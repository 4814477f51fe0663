import type { Address, Envelope, PlacementHost, RemoteNode } from "../../../src/actor/mod.ts";
import { Ways, type WaysHost } from "../../../src/cluster/keyed/ways.ts";
import { assertEquals } from "../../helpers/assert.ts";

const OWNER = { node: "owner@host", incarnation: "1", session: 1 };
const REVISION = 7;

/** The ways of one node to the one shard of `room`, whose owner is another node. */
class Stage {
  nowMs = 0;
  isSuspect = false;
  isDown = false;
  readonly got: unknown[] = [];
  readonly answers: unknown[] = [];
  readonly asked: number[] = [];
  readonly ways: Ways;

  constructor() {
    const recipient = {
      node: OWNER.node,
      // As the session of a node decides.
      offer: ({ message }: Envelope) => {
        if (this.isSuspect) return "unreachable";
        this.got.push(message);
        return "accepted";
      },
      capacity: () => undefined,
    };
    const remote = {
      name: OWNER.node,
      incarnation: OWNER.incarnation,
      named: () => recipient,
    } as unknown as RemoteNode;
    const placement = {
      group: () => undefined,
      remote: () => this.isDown ? undefined : remote,
      answer: (_ref: unknown, answer: unknown) => this.answers.push(answer),
    } as unknown as PlacementHost;
    const host: WaysHost = {
      node: "self@host",
      placement,
      nowMs: () => this.nowMs,
      shardOf: () => 0,
      entryOf: () => ({ owner: OWNER, revision: REVISION }),
      runsHere: () => false,
      isCut: false,
      isSuspect: (node) => node === OWNER.node && this.isSuspect,
      ask: (_owner, _shard, revision) => this.asked.push(revision),
      left: () => {},
      sat: () => {},
    };
    this.ways = new Ways("room", host);
  }

  send(message: unknown, replyTo?: string): string {
    const found = this.ways.find("apples");
    if (typeof found === "string") return found;
    const envelope = { kind: "message", from: "me" as Address, message, replyTo };
    return found.offer(envelope as unknown as Envelope);
  }

  answer(): void {
    this.ways.answer(0, REVISION, true);
  }

  tick(nowMs: number): void {
    this.nowMs = nowMs;
    this.ways.tick();
  }
}

Deno.test("what is sent to a key whose owner is suspect is unreachable, known before or not", () => {
  const stage = new Stage();
  stage.isSuspect = true;
  assertEquals([stage.send(1), stage.ways.parked], ["unreachable", 0]);
  stage.isSuspect = false;
  assertEquals([stage.send(2), stage.asked], ["accepted", [REVISION]]);
  stage.answer();
  assertEquals([stage.send(3), stage.got], ["accepted", [2, 3]]);
  stage.isSuspect = true;
  assertEquals([stage.send(4), stage.ways.parked, stage.ways.lost], ["unreachable", 0, 0]);
});

Deno.test("what waits when its owner becomes suspect is given to it, or counted after 5 s", () => {
  const stage = new Stage();
  stage.send(1);
  const found = stage.ways.find("apples");
  stage.isSuspect = true;
  assertEquals([stage.send(2), stage.ways.parked], ["unreachable", 1]);
  // Whoever looked before it was suspect is told the same.
  const envelope = { kind: "message", from: "me" as Address, message: 3 } as const;
  assertEquals(typeof found !== "string" && found.offer(envelope), "unreachable");
  stage.isSuspect = false;
  stage.answer();
  assertEquals([stage.got, stage.ways.parked], [[1], 0]);

  const late = new Stage();
  late.send(1);
  late.send(2, "ref");
  late.isSuspect = true;
  late.tick(4_999);
  assertEquals([late.ways.parked, late.ways.lost], [2, 0]);
  late.tick(5_000);
  assertEquals([late.ways.parked, late.ways.lost], [0, 2]);
  assertEquals(late.answers, [{ kind: "refused", why: "full" }]);
});

Deno.test("what is sent to a key whose owner is down waits for the next one, up to 5 s", () => {
  const stage = new Stage();
  stage.isDown = true;
  assertEquals([stage.send(1), stage.ways.parked], ["accepted", 1]);
  stage.tick(5_000);
  assertEquals([stage.send(2), stage.ways.parked, stage.ways.lost], ["full", 0, 1]);
});

/**
 * How an engine reads frames (RFC 6455, section 5).
 *
 * @module
 */

import { assertEquals } from "../../helpers/assert.ts";
import { closeBody, type FrameParts, OPCODE } from "../../../src/testing/frames.ts";
import type { ContractCase, EngineUnderTest } from "../engine_contract.ts";
import { echoes, Inbox } from "../inbox.ts";

const { continuation, text, binary, close, ping, pong } = OPCODE;

/** Frames of which the last one breaks a rule, by the rule. */
type Violations = Readonly<Record<string, readonly FrameParts[]>>;

/** Fails unless each violation is answered with the code, and no message of it is delivered. */
export async function assertViolations(
  engine: EngineUnderTest,
  code: number,
  violations: Violations,
): Promise<void> {
  await using served = await engine.serve();
  for (const [rule, frames] of Object.entries(violations)) {
    await using client = await served.open();
    await client.send(...frames);
    assertEquals((await client.readClose()).code, code, rule);
    client.close();
    await served.parent.take("disconnect");
  }
  assertEquals(served.parent.all("message"), []);
}

/** Frames against the rules, other than unmasked ones. */
export const VIOLATIONS: Violations = {
  "RSV1 without an extension": [{ opcode: text, rsv: 4 }],
  "RSV2": [{ opcode: text, rsv: 2 }],
  "RSV3": [{ opcode: text, rsv: 1 }],
  "a reserved opcode of data": [{ opcode: 3 }],
  "a reserved opcode of control": [{ opcode: 11 }],
  "a continuation of nothing": [{ opcode: continuation, payload: "x" }],
  "a message inside a message": [{ opcode: text, fin: false }, { opcode: text }],
  "a fragmented control frame": [{ opcode: ping, fin: false }],
  "an over-long control frame": [{ opcode: ping, payload: "x".repeat(126) }],
  "a close body of one byte": [{ opcode: close, payload: new Uint8Array([3]) }],
};

const INVALID_UTF8 = {
  "a byte of no character": [0xff],
  "an overlong form": [0xc0, 0xaf],
  "a surrogate": [0xed, 0xa0, 0x80],
  "beyond the last code point": [0xf4, 0x90, 0x80, 0x80],
  "followed by no more bytes": [0xe2, 0x82],
};

/** Texts and reasons that are not UTF-8. */
export const NOT_UTF8: Violations = Object.fromEntries(
  Object.entries(INVALID_UTF8).flatMap(([what, bytes]) => {
    const payload = new Uint8Array(bytes);
    const rest = { opcode: continuation, payload: "x" };
    return [
      [`${what}, in a text`, [{ opcode: text, payload }]],
      [`${what}, in a fragment`, [{ opcode: text, fin: false, payload }, rest]],
      [`${what}, in a reason`, [{ opcode: close, payload: closeBody(1000, payload) }]],
    ];
  }),
);

/** Fragments of a text whose last character lacks a byte. */
export const UNFINISHED: readonly FrameParts[] = [
  { opcode: text, fin: false, payload: "cut" },
  { opcode: continuation, payload: new Uint8Array([0xe2, 0x82]) },
];

const VIOLATION_CASES: readonly ContractCase[] = [
  {
    name: "refuses unmasked frames",
    run: (engine) =>
      assertViolations(engine, 1002, { unmasked: [{ opcode: text, mask: false, payload: "x" }] }),
  },
  {
    name: "answers violations with 1002",
    run: (engine) => assertViolations(engine, 1002, VIOLATIONS),
  },
  {
    name: "answers an over-long close frame with 1002",
    run: (engine) => {
      const payload = closeBody(1000, "x".repeat(124));
      return assertViolations(engine, 1002, { "over-long": [{ opcode: close, payload }] });
    },
  },
  {
    name: "answers a close code that may not be sent with 1002",
    run: (engine) => {
      const codes = [0, 999, 1004, 1005, 1006, 1015, 2000, 5000, 65_535];
      return assertViolations(
        engine,
        1002,
        Object.fromEntries(
          codes.map((code) => [code, [{ opcode: close, payload: closeBody(code) }]]),
        ),
      );
    },
  },
  {
    name: "answers text that is not UTF-8 with 1007",
    run: (engine) => assertViolations(engine, 1007, NOT_UTF8),
  },
  {
    name: "answers fragments that end inside a code point with 1007",
    run: (engine) => assertViolations(engine, 1007, { unfinished: UNFINISHED }),
  },
];

const READING_CASES: readonly ContractCase[] = [
  {
    name: "reads texts and bytes of every form of length",
    async run(engine) {
      await using served = await engine.serve({ parent: new Inbox(echoes) });
      await using client = await served.open();
      for (const length of [0, 1, 125, 126, 65_535, 65_536]) {
        await client.send({ opcode: text, payload: "t".repeat(length) });
        assertEquals(await client.readText(), "t".repeat(length));
        const payload = new Uint8Array(length).fill(0xff);
        await client.send({ opcode: binary, payload });
        const frame = await client.readFrame();
        assertEquals([frame?.opcode, frame?.masked, frame?.payload], [binary, false, payload]);
      }
    },
  },
  {
    name: "reads frames that come byte by byte, and many that come at once",
    async run(engine) {
      await using served = await engine.serve();
      await using client = await served.open();
      const frame = { opcode: text, payload: "piece" };
      await client.sendSplit([frame], Array.from({ length: 10 }, (_, index) => index + 1));
      await client.send(...Array(200).fill(frame));
      const messages = await served.parent.count("message", 201);
      assertEquals(new Set(messages.map(({ body }) => body)), new Set(["piece"]));
    },
  },
  {
    name: "puts fragments together, also a code point that is split across them",
    async run(engine) {
      await using served = await engine.serve();
      await using client = await served.open();
      const [first, second, third] = new TextEncoder().encode("€");
      await client.send(
        { opcode: text, fin: false, payload: new Uint8Array([0x61, first!]) },
        { opcode: continuation, fin: false, payload: new Uint8Array([second!]) },
        { opcode: continuation, fin: false },
        { opcode: continuation, payload: new Uint8Array([third!, 0x7a]) },
        { opcode: binary, fin: false, payload: new Uint8Array([1]) },
        { opcode: continuation, payload: new Uint8Array([2]) },
      );
      const messages = await served.parent.count("message", 2);
      assertEquals(messages.map(({ type, body }) => [type, body]), [
        [1, "a€z"],
        [2, new Uint8Array([1, 2])],
      ]);
    },
  },
  {
    name: "answers a ping between two fragments at once, with its payload",
    async run(engine) {
      await using served = await engine.serve();
      await using client = await served.open();
      await client.send(
        { opcode: text, fin: false, payload: "be" },
        { opcode: ping, payload: "still there?" },
      );
      const frame = await client.readFrame();
      assertEquals(frame?.opcode, pong);
      assertEquals(new TextDecoder().decode(frame?.payload), "still there?");
      await client.send({ opcode: continuation, payload: "gin" });
      let message = await served.parent.take("message");
      // Where pings are reported, this one comes first.
      while (message.type !== text) message = await served.parent.take("message");
      assertEquals(message.body, "begin");
    },
  },
  {
    name: "takes a pong that nobody asked for",
    async run(engine) {
      await using served = await engine.serve();
      await using client = await served.open();
      await client.send({ opcode: pong, payload: "?" }, { opcode: text, payload: "after" });
      const bodies = (await served.parent.count("message", 1)).map(({ body }) => body);
      assertEquals(bodies.includes("after"), true);
    },
  },
  {
    name: "ignores what follows the peer's close frame",
    async run(engine) {
      await using served = await engine.serve();
      await using client = await served.open();
      await client.send(
        { opcode: text, payload: "before" },
        { opcode: close, payload: closeBody(1000, "done") },
        { opcode: text, payload: "after" },
      );
      assertEquals(await client.readClose(), { code: 1000, reason: "done" });
      assertEquals((await client.readEnd()).length, 0);
      const { code, reason } = await served.parent.take("disconnect");
      assertEquals([code, reason], [1000, "done"]);
      assertEquals(served.parent.all("message").map(({ body }) => body), ["before"]);
    },
  },
];

/** Frames. */
export const FRAME_CASES: readonly ContractCase[] = [...VIOLATION_CASES, ...READING_CASES];

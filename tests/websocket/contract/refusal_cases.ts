/**
 * Handshakes that an engine must refuse (RFC 6455, section 4.2).
 *
 * @module
 */

import { assertEquals, assertMatch, assertStringIncludes } from "../../helpers/assert.ts";
import { type HandshakeParts, SAMPLE_KEY } from "../../../src/testing/handshake.ts";
import type { ContractCase } from "../engine_contract.ts";
import type { Served } from "../stage.ts";

/** A handshake with other headers. */
export function withHeaders(headers: HandshakeParts["headers"]): HandshakeParts {
  return { headers };
}

/** Fails unless each handshake is refused with the status, and the body says why. */
async function assertRefused(
  served: Served,
  status: number,
  handshakes: readonly (readonly [parts: HandshakeParts, why: string])[],
): Promise<Headers[]> {
  const all: Headers[] = [];
  for (const [parts, why] of handshakes) {
    const { body, headers, ...head } = await served.refusal(parts);
    assertEquals(head.status, status, Deno.inspect(parts));
    assertMatch(body, /^Cannot upgrade: .*[^.]\n$/);
    assertStringIncludes(body, why);
    all.push(headers);
  }
  assertEquals(served.handler.connections, 0);
  return all;
}

/** Refused handshakes. */
export const REFUSAL_CASES: readonly ContractCase[] = [
  {
    name: "answers a version other than 13 with 426",
    async run(engine) {
      await using served = await engine.serve();
      const answers = await assertRefused(served, 426, [
        [withHeaders({ "Sec-WebSocket-Version": "8" }), 'version "8", expected "13"'],
        [withHeaders({ "Sec-WebSocket-Version": "13, 8" }), 'version "13, 8", expected "13"'],
        [withHeaders({ "Sec-WebSocket-Version": null }), 'version null, expected "13"'],
      ]);
      const versions = answers.map((headers) => headers.get("sec-websocket-version"));
      assertEquals(versions, ["13", "13", "13"]);
    },
  },
  {
    name: "answers a missing or malformed key with 400",
    async run(engine) {
      await using served = await engine.serve();
      const expected = "expected 16 bytes in base64";
      const tooShort = btoa("fifteen bytes..");
      const tooLong = btoa("seventeen bytes..");
      const keys = ["", "x", tooShort, tooLong, `${SAMPLE_KEY}, ${SAMPLE_KEY}`, "*".repeat(24)];
      await assertRefused(served, 400, [
        [withHeaders({ "Sec-WebSocket-Key": null }), `Sec-WebSocket-Key null, ${expected}`],
        ...keys.map((key) => [withHeaders({ "Sec-WebSocket-Key": key }), expected] as const),
      ]);
    },
  },
  {
    name: "answers a request that asks for no upgrade with 426",
    async run(engine) {
      await using served = await engine.serve();
      const answers = await assertRefused(served, 426, [
        [withHeaders({ Upgrade: null }), '"Upgrade: websocket" is missing'],
        [withHeaders({ Upgrade: null, Connection: null }), '"Upgrade: websocket" is missing'],
        [withHeaders({ Upgrade: "h2c" }), '"Upgrade: websocket" is missing'],
        [withHeaders({ Connection: "keep-alive" }), '"Connection: Upgrade" is missing'],
      ]);
      assertEquals(answers.map((headers) => headers.get("upgrade")), Array(4).fill("websocket"));
    },
  },
  {
    name: "answers a method other than GET with 405",
    async run(engine) {
      await using served = await engine.serve();
      const [post] = await assertRefused(served, 405, [
        [{ method: "POST" }, "got method POST, expected GET"],
        [{ method: "PUT" }, "got method PUT, expected GET"],
      ]);
      assertEquals(post?.get("allow"), "GET");
    },
  },
  {
    name: "answers a missing or repeated Host with 400",
    async run(engine) {
      await using served = await engine.serve();
      for (const Host of [null, ["a.example", "b.example"]]) {
        assertEquals((await served.handshake(withHeaders({ Host }))).status, 400);
      }
    },
  },
  {
    name: "answers a handshake over HTTP/1.0 with 400",
    async run(engine) {
      await using served = await engine.serve();
      assertEquals((await served.handshake({ httpVersion: "HTTP/1.0" })).status, 400);
    },
  },
  {
    name: "answers a foreign, null or look-alike origin with 403",
    async run(engine) {
      await using served = await engine.serve({ origins: ["same-origin", "https://good.com"] });
      const origins = [
        "https://evil.net",
        "null",
        "https://good.com.evil.net",
        "https://evilgood.com",
        "http://good.com",
        `http://127.0.0.1:${served.port}.evil.net`,
      ];
      await assertRefused(
        served,
        403,
        origins.map((origin) => [
          withHeaders({ Origin: origin }),
          `the origin "${origin}" is not allowed`,
        ]),
      );
    },
  },
  {
    name: "answers a header block over 16 KiB or 100 headers with 431",
    async run(engine) {
      await using served = await engine.serve();
      const extraLines = Array.from({ length: 101 }, (_, index) => `x-${index}: 1`);
      await assertRefused(served, 431, [
        [withHeaders({ "X-Long": "x".repeat(16_384) }), "expected at most 100 of 16384 bytes"],
        [{ extraLines: extraLines.slice(5) }, "got 101 headers"],
      ]);
      const justRight = await served.handshake({ extraLines: extraLines.slice(6) });
      assertEquals(justRight.status, 101);
    },
  },
  {
    name: "answers a header block of any size with 431",
    async run(engine) {
      await using served = await engine.serve();
      const { status } = await served.handshake(withHeaders({ "X-Long": "x".repeat(70_000) }));
      assertEquals(status, 431);
    },
  },
  {
    name: "counts repeated headers one by one",
    async run(engine) {
      await using served = await engine.serve();
      const { status } = await served.handshake({ extraLines: Array(100).fill("x-same: 1") });
      assertEquals(status, 431);
    },
  },
];

/**
 * How an engine answers handshakes (RFC 6455, section 4.2).
 *
 * @module
 */

import { connect as connectTcp } from "node:net";
import { assertEquals, assertMatch, assertStringIncludes } from "../../helpers/assert.ts";
import { OPCODE } from "../../../src/testing/frames.ts";
import { handshakeRequest, SAMPLE_ACCEPT } from "../../../src/testing/handshake.ts";
import { RawClient } from "../../../src/testing/raw_client.ts";
import type { ContractCase, EngineUnderTest } from "../engine_contract.ts";
import type { Served } from "../stage.ts";
import { withHeaders } from "./refusal_cases.ts";

/** Opens connections until one is accepted: the server learns late of a client that left. */
async function untilAccepted(served: Served): Promise<void> {
  const deadline = performance.now() + 5_000;
  for (;;) {
    const { status } = await served.handshake();
    if (status === 101) return;
    if (performance.now() > deadline) throw new Error(`Cannot connect: still ${status}`);
  }
}

/** Sends a handshake and resets the connection, before or after the answer. */
function handshakeAndReset(port: number, soon: boolean): Promise<void> {
  return new Promise((resolve) => {
    const socket = connectTcp(port, "127.0.0.1", () => {
      socket.write(handshakeRequest(`127.0.0.1:${port}`));
      if (soon) socket.resetAndDestroy();
      else setTimeout(() => socket.resetAndDestroy(), 0);
    });
    socket.on("error", () => {}).on("close", () => resolve());
  });
}

/** Fails unless clients that leave in mid-upgrade give their place back, unnoticed by anyone. */
export async function assertForgotten(engine: EngineUnderTest): Promise<void> {
  const asked = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<boolean>();
  const checkOrigin = () => {
    asked.resolve();
    return gate.promise;
  };
  const limits = { maxConnections: 1, handshakeTimeoutMs: 100 };
  await using served = await engine.serve({ checkOrigin, ...limits });
  await using client = await RawClient.connect({ port: served.port });
  await client.request();
  await asked.promise;
  client.close();
  gate.resolve(true);
  await untilAccepted(served);
  for (let i = 0; i < 20; i++) await handshakeAndReset(served.port, i % 2 === 0);
  await untilAccepted(served);
  await served.parent.count("disconnect", served.parent.all("connect").length);
}

const TIMES: readonly ContractCase[] = [
  {
    name: "limits the time for request headers",
    async run(engine) {
      await using served = await engine.serve({ handshakeTimeoutMs: 100 });
      await using silent = await RawClient.connect({ port: served.port });
      await using slow = await RawClient.connect({ port: served.port });
      await slow.write("GET /ws HTTP/1.1\r\nHost: a.exam");
      assertEquals((await slow.readHead()).status, 408);
      await silent.readEnd();
    },
  },
  {
    name: "leaves nothing of a client that leaves in mid-upgrade",
    run: assertForgotten,
  },
];

const ACCEPTED: readonly ContractCase[] = [
  {
    name: "upgrades a handshake with the accept value of its key",
    async run(engine) {
      await using served = await engine.serve();
      const { status, headers } = await served.handshake(
        withHeaders({ Upgrade: "WebSocket", Connection: "keep-alive, upgrade" }),
      );
      assertEquals([status, headers.get("sec-websocket-accept")], [101, SAMPLE_ACCEPT]);
      assertEquals(headers.get("sec-websocket-extensions"), null);
    },
  },
  {
    name: "accepts its own origin, and a handshake without one",
    async run(engine) {
      await using served = await engine.serve();
      const own = withHeaders({ Origin: `http://127.0.0.1:${served.port}` });
      assertEquals((await served.handshake(own)).status, 101);
      assertEquals((await served.handshake()).status, 101);
    },
  },
  {
    name: "negotiates the subprotocol that the server prefers",
    async run(engine) {
      await using served = await engine.serve({ subprotocols: ["b", "a"] });
      const cases = [["a,b", "b"], ["a, b", "b"], ["c,a", "a"], ["c", null], [null, null]] as const;
      for (const [offered, chosen] of cases) {
        const parts = withHeaders({ "Sec-WebSocket-Protocol": offered });
        const { status, headers } = await served.handshake(parts);
        assertEquals([status, headers.get("sec-websocket-protocol")], [101, chosen]);
        assertEquals((await served.parent.take("connect")).protocol, chosen ?? "");
      }
      const repeated = withHeaders({ "Sec-WebSocket-Protocol": ["x", "a"] });
      const { headers } = await served.handshake(repeated);
      assertEquals(headers.get("sec-websocket-protocol"), "a");
    },
  },
  {
    name: "declines permessage-deflate while it is off",
    async run(engine) {
      await using served = await engine.serve();
      const { status, headers } = await served.handshake(
        withHeaders({ "Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits" }),
      );
      assertEquals([status, headers.get("sec-websocket-extensions")], [101, null]);
    },
  },
  {
    name: "compresses",
    async run(engine) {
      await using served = await engine.serve({ compression: true });
      const { headers } = await served.handshake(
        withHeaders({ "Sec-WebSocket-Extensions": "permessage-deflate" }),
      );
      assertMatch(headers.get("sec-websocket-extensions") ?? "", /^permessage-deflate/);
    },
  },
  {
    name: "delivers frames pipelined with the handshake",
    async run(engine) {
      await using served = await engine.serve();
      await using client = await RawClient.connect({ port: served.port });
      await client.request(
        {},
        { opcode: OPCODE.text, payload: "one" },
        { opcode: OPCODE.text, payload: "two" },
      );
      assertEquals((await client.readHead()).status, 101);
      const messages = await served.parent.count("message", 2);
      assertEquals(messages.map(({ body }) => body), ["one", "two"]);
      assertEquals(served.parent.messages.length, 3);
    },
  },
];

const AVAILABILITY: readonly ContractCase[] = [
  {
    name: "answers 503 beyond maxConnections and after the handler has ended",
    async run(engine) {
      await using served = await engine.serve({ maxConnections: 1 });
      await using client = await served.open();
      const full = await served.refusal();
      assertEquals([full.status, full.headers.get("retry-after")], [503, "5"]);
      assertEquals(full.body, "Cannot upgrade: all 1 connections are in use\n");
      client.close();
      await served.parent.take("disconnect");
      await served.node.exit(served.parentPid);
      const ended = await served.refusal();
      assertEquals(ended.status, 503);
      assertStringIncludes(ended.body, "the handler is not running");
    },
  },
];

/** Answers to handshakes. */
export const HANDSHAKE_CASES: readonly ContractCase[] = [
  ...TIMES,
  ...ACCEPTED,
  ...AVAILABILITY,
];

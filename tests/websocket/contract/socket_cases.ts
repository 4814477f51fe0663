/**
 * The contract of `Socket`, between an engine and a connection.
 *
 * @module
 */

import { assertEquals, assertNotEquals } from "../../helpers/assert.ts";
import { inDeadline } from "../../../src/testing/deadline.ts";
import { closeBody, OPCODE } from "../../../src/testing/frames.ts";
import type { Frame, Socket } from "../../../src/websocket/socket.ts";
import type { ContractCase } from "../engine_contract.ts";

const { text, binary, close, ping, pong } = OPCODE;

/** What is left to read, up to the end; a length that an engine tells must be the one on the wire. */
export async function readAll(socket: Socket): Promise<Omit<Frame, "bytes">[]> {
  const frames = await inDeadline("the end of the socket", Array.fromAsync(socket));
  return frames.map(({ type, body, bytes: told }) => {
    const length = typeof body === "string" ? bytes(body).length : body.length;
    assertEquals(told ?? length, length);
    return { type, body };
  });
}

const READING: readonly ContractCase[] = [
  {
    name: "iterates over messages in order and ends with the peer's code",
    async run(engine) {
      await using ends = await engine.connect();
      const { socket, client } = ends;
      assertEquals(socket.closeInfo, undefined);
      await client.send(
        { opcode: text, payload: "fir€t" },
        { opcode: binary, payload: new Uint8Array([2]) },
        { opcode: close, payload: closeBody(3000, "enough") },
      );
      assertEquals(await readAll(socket), [
        { type: text, body: "fir€t" },
        { type: binary, body: new Uint8Array([2]) },
      ]);
      assertEquals({ ...socket.closeInfo }, { code: 3000, reason: "enough" });
      assertEquals(await client.readClose(), { code: 3000, reason: "enough" });
    },
  },
  {
    name: "says 1005 of a close frame without a code, 1006 of none",
    async run(engine) {
      await using bare = await engine.connect();
      await bare.client.send({ opcode: close });
      await readAll(bare.socket);
      assertEquals(bare.socket.closeInfo?.code, 1005);
      await using dropped = await engine.connect();
      dropped.client.close();
      await readAll(dropped.socket);
      assertEquals(dropped.socket.closeInfo?.code, 1006);
    },
  },
  {
    name: "sends and reports pings and pongs",
    async run(engine) {
      await using ends = await engine.connect();
      const { socket, client } = ends;
      socket.send(ping, "are you there?");
      const frame = await client.readFrame();
      assertEquals([frame?.opcode, frame?.payload], [ping, bytes("are you there?")]);
      await client.send(
        { opcode: pong, payload: "yes" },
        { opcode: ping, payload: "and you?" },
        { opcode: close },
      );
      assertEquals(await readAll(socket), [
        { type: pong, body: bytes("yes") },
        { type: ping, body: bytes("and you?") },
      ]);
    },
  },
];

const CODES: readonly ContractCase[] = [{
  name: "takes the close code 1014",
  async run(engine) {
    await using ends = await engine.connect();
    await ends.client.send({ opcode: close, payload: closeBody(1014, "behind") });
    await readAll(ends.socket);
    assertEquals({ ...ends.socket.closeInfo }, { code: 1014, reason: "behind" });
    assertEquals((await ends.client.readClose()).code, 1014);
  },
}];

const WRITING: readonly ContractCase[] = [
  {
    name: "sends texts and bytes in order, each in one unmasked frame",
    async run(engine) {
      await using ends = await engine.connect();
      const { socket, client } = ends;
      socket.send(text, "grüße");
      socket.send(binary, new Uint8Array([1, 2, 3]).subarray(1));
      socket.send(text, "");
      const plain = { fin: true, rsv: 0, masked: false };
      assertEquals(await client.readFrame(), { ...plain, opcode: text, payload: bytes("grüße") });
      const payload = new Uint8Array([2, 3]);
      assertEquals(await client.readFrame(), { ...plain, opcode: binary, payload });
      assertEquals(await client.readFrame(), { ...plain, opcode: text, payload: bytes("") });
      await inDeadline("draining", socket.drained(0));
      assertEquals(socket.bufferedBytes, 0);
    },
  },
  {
    name: "sends what the type says, whatever the body is",
    async run(engine) {
      await using ends = await engine.connect();
      const { socket, client } = ends;
      socket.send(text, bytes("\ufeffgrüße"));
      socket.send(binary, "grüße");
      const texts = await client.readFrame();
      assertEquals([texts?.opcode, texts?.payload], [text, bytes("\ufeffgrüße")]);
      const binaries = await client.readFrame();
      assertEquals([binaries?.opcode, binaries?.payload], [binary, bytes("grüße")]);
    },
  },
  {
    name: "throws nothing when it has ended",
    async run(engine) {
      await using ends = await engine.connect();
      const { socket, client } = ends;
      client.close();
      await readAll(socket);
      assertEquals(socket.send(text, "too late"), false);
      socket.close(1000, "too late");
      socket.terminate();
      await inDeadline("draining", socket.drained(0));
      assertEquals(socket.closeInfo?.code, 1006);
      assertEquals(await readAll(socket), []);
    },
  },
];

const CLOSING: readonly ContractCase[] = [
  {
    name: "closes with its code while messages keep coming",
    async run(engine) {
      for (const count of [2, 20, 2000]) {
        await using ends = await engine.connect();
        const { socket, client } = ends;
        const flood = Array.from({ length: count }, () => ({ opcode: text, payload: "more" }));
        const sent = client.send(...flood);
        const closed = (async () => {
          for await (const _ of socket) socket.close(4500, "enough");
        })();
        assertEquals(await client.readClose(), { code: 4500, reason: "enough" });
        await sent;
        await client.send({ opcode: close, payload: closeBody(4500) });
        await inDeadline("the end of the socket", closed);
      }
    },
  },
  {
    name: "closes after what was sent before, once, and ends with the peer's answer",
    async run(engine) {
      await using ends = await engine.connect();
      const { socket, client } = ends;
      assertNotEquals(socket.send(text, "last words"), false);
      for (const code of [1001, 1011]) socket.close(code, "going away");
      assertEquals(socket.send(text, "afterthought"), false);
      assertEquals(await client.readText(), "last words");
      const frame = await client.readFrame();
      assertEquals([frame?.opcode, frame?.payload], [close, closeBody(1001, "going away")]);
      assertEquals(socket.closeInfo, undefined);
      await client.send({ opcode: close, payload: closeBody(1001) });
      await readAll(socket);
      assertEquals((await client.readEnd()).length, 0);
    },
  },
  {
    name: "closes with every code of the table that may be sent",
    async run(engine) {
      for (const code of [1000, 1001, 1009, 1011, 1012, 1013, 1014, 4000, 4002, 4505]) {
        await using ends = await engine.connect();
        ends.socket.close(code, "x".repeat(123));
        const { client } = ends;
        assertEquals(await client.readClose(), { code, reason: "x".repeat(123) });
        await client.send({ opcode: close, payload: closeBody(code) });
        await readAll(ends.socket);
      }
    },
  },
  {
    name: "ends the iteration at once when it is terminated",
    async run(engine) {
      await using ends = await engine.connect();
      const reading = readAll(ends.socket);
      ends.socket.terminate();
      assertEquals(await reading, []);
      assertEquals(ends.socket.closeInfo?.code, 1006);
    },
  },
  {
    name: "terminates a peer that does not answer",
    async run(engine) {
      await using ends = await engine.connect();
      ends.socket.close(1001, "");
      assertEquals((await ends.client.readClose()).code, 1001);
      ends.socket.terminate();
      await ends.client.readEnd();
    },
  },
];

/** The contract of `Socket`. */
export const SOCKET_CASES: readonly ContractCase[] = [...READING, ...CODES, ...WRITING, ...CLOSING];

function bytes(value: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(value);
}

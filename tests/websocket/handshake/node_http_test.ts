import type { IncomingMessage } from "node:http";
import { Duplex } from "node:stream";
import type { Handshake } from "../../../src/websocket/handshake/handshake.ts";
import { refuseOnSocket, toHandshake } from "../../../src/websocket/handshake/node_http.ts";
import { assertEquals, assertMatch } from "../../helpers/assert.ts";

function incoming(parts: Partial<Record<keyof IncomingMessage, unknown>> = {}): IncomingMessage {
  const headers = { host: "a.example", "x-many": ["1", "2"] };
  const rawHeaders = ["Host", "a.example", "X-Many", "1", "X-Many", "2"];
  const base = { method: "GET", url: "/ws?a=1", httpVersion: "1.1", socket: {} };
  return { ...base, headers, rawHeaders, ...parts } as unknown as IncomingMessage;
}

Deno.test("toHandshake() makes the URL of path and Host, with the scheme of the socket", () => {
  assertEquals((toHandshake(incoming()) as Handshake).url, "http://a.example/ws?a=1");
  const secure = toHandshake(incoming({ socket: { encrypted: true } })) as Handshake;
  assertEquals(secure.url, "https://a.example/ws?a=1");
  const absolute = toHandshake(incoming({ url: "http://b.example/x" })) as Handshake;
  assertEquals(absolute.url, "http://b.example/x");
  // Its host is the host, whatever stands in the header (RFC 9112, section 3.2.2).
  assertEquals([absolute.headers["host"], absolute.toRequest().headers.get("host")], [
    "b.example",
    "b.example",
  ]);
});

Deno.test("toHandshake() reads headers by name, repeated ones joined, whatever the name", () => {
  const headers = { host: "a.example", "x-many": ["1", "2"], ["__proto__"]: "x" };
  const handshake = toHandshake(incoming({ headers })) as Handshake;
  assertEquals(Object.entries(handshake.headers), [
    ["host", "a.example"],
    ["x-many", "1, 2"],
    ["__proto__", "x"],
  ]);
  assertEquals(headers["x-many"], ["1", "2"]);
});

Deno.test("toHandshake() makes a Request for those who ask for one", () => {
  const request = (toHandshake(incoming()) as Handshake).toRequest();
  assertEquals([request.method, request.url], ["GET", "http://a.example/ws?a=1"]);
  assertEquals(request.headers.get("x-many"), "1, 2");
});

Deno.test("toHandshake() refuses another HTTP, a second Host and what is no URL with 400", () => {
  const bad = [
    [{ httpVersion: "1.0" }, "got HTTP/1.0, expected HTTP/1.1"],
    [{ rawHeaders: ["host", "a", "HOST", "b"] }, "got 2 Host headers, expected one"],
    [{ url: "*" }, 'got target "*", expected a path, or a URL with a host'],
    [{ headers: { host: "a b" } }, 'got Host "a b", expected one host'],
    [{ url: "/ws#a" }, 'got target "/ws#a", expected one without a fragment'],
  ] as const;
  for (const [parts, why] of bad) {
    assertEquals(toHandshake(incoming(parts)), { status: 400, reason: `Cannot upgrade: ${why}` });
  }
});

/** Keeps what is written. */
class Sink extends Duplex {
  text = "";

  override _write(chunk: Uint8Array, _: string, done: () => void): void {
    this.text += new TextDecoder().decode(chunk);
    done();
  }

  override _read(): void {}
}

Deno.test("refuseOnSocket() writes an answer that a client can read, and closes", async () => {
  const tcp = new Sink();
  const closed = new Promise((resolve) => tcp.once("close", resolve));
  const headers = { "retry-after": "5" };
  refuseOnSocket(tcp, { status: 503, reason: "Cannot upgrade: full — sorry", headers });
  await closed;
  assertMatch(tcp.text, /^HTTP\/1\.1 503 Service Unavailable\r\nretry-after: 5\r\n/);
  assertMatch(tcp.text, /\r\ncontent-length: 31\r\n\r\nCannot upgrade: full — sorry\n$/);
});

Deno.test("refuseOnSocket() leaves the body out for HEAD and keeps its length", async () => {
  const tcp = new Sink();
  const closed = new Promise((resolve) => tcp.once("close", resolve));
  refuseOnSocket(tcp, { status: 405, reason: "Cannot upgrade" }, "HEAD");
  await closed;
  assertMatch(
    tcp.text,
    /^HTTP\/1\.1 405 Method Not Allowed\r\n[^]*\r\ncontent-length: 15\r\n\r\n$/,
  );
});

Deno.test("refuseOnSocket() leaves a socket alone that is gone", () => {
  const tcp = new Sink();
  tcp.destroy();
  refuseOnSocket(tcp, { status: 400, reason: "" });
  assertEquals(tcp.writableEnded, false);
});

import {
  HANDSHAKE_LIMITS,
  negotiateSubprotocol,
  refuseHandshake,
  unavailable,
  withHost,
} from "../../../src/websocket/handshake/handshake.ts";
import { assertEquals, assertMatch } from "../../helpers/assert.ts";

const GOOD = {
  host: "example.com",
  upgrade: "websocket",
  connection: "Upgrade",
  "sec-websocket-version": "13",
  "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
};

function refuse(changes: Record<string, string | null>, method = "GET") {
  const headers = Object.entries({ ...GOOD, ...changes }).filter(([, value]) => value !== null);
  return refuseHandshake(method, Object.fromEntries(headers as [string, string][]));
}

Deno.test("refuseHandshake() lets a good handshake pass, in any case and company", () => {
  assertEquals(refuse({}), undefined);
  assertEquals(refuse({ upgrade: "WebSocket" }), undefined);
  assertEquals(refuse({ upgrade: "h2c, websocket" }), undefined);
  assertEquals(refuse({ connection: "keep-alive, UPGRADE" }), undefined);
  assertEquals(refuse({ host: "[::1]:8080" }), undefined);
  assertEquals(refuse({ upgrade: ",,\tWEBSOCKET ,", connection: ", ,\tupgrade\t," }), undefined);
  assertEquals(refuse({ "sec-websocket-protocol": ",a,\tb ,," }), undefined);
  assertEquals(refuse({ "sec-websocket-protocol": "" }), undefined);
});

Deno.test("refuseHandshake() says what was wrong, in the order of the RFC", () => {
  const cases: [status: number, why: string, changes: Record<string, string | null>][] = [
    [400, "got Host null, expected one host", { host: null }],
    [400, 'got Host "a, b", expected one host', { host: "a, b" }],
    [400, 'got Host "", expected one host', { host: "" }],
    [426, 'the header "Upgrade: websocket" is missing', { upgrade: null, connection: null }],
    [426, 'the header "Upgrade: websocket" is missing', { upgrade: "notwebsocket" }],
    [426, 'the header "Connection: Upgrade" is missing', { connection: "close" }],
    [400, 'got Host "a/b?c", expected one host', { host: "a/b?c" }],
    [400, 'got Host "u@a", expected one host', { host: "u@a" }],
    [426, 'the header "Upgrade: websocket" is missing', { upgrade: "h2c websocket" }],
    [426, 'got WebSocket version "12", expected "13"', { "sec-websocket-version": "12" }],
    [426, 'got WebSocket version "013", expected "13"', { "sec-websocket-version": "013" }],
    [400, "Invalid Sec-WebSocket-Protocol header", { "sec-websocket-protocol": "a, b, a" }],
    [400, "Invalid Sec-WebSocket-Protocol header", { "sec-websocket-protocol": "a b" }],
    [400, "Invalid Sec-WebSocket-Protocol header", { "sec-websocket-protocol": "a/b" }],
    [400, 'got Sec-WebSocket-Key "x", expected 16 bytes in base64', { "sec-websocket-key": "x" }],
    [400, "got Sec-WebSocket-Key null, expected 16 bytes in base64", { "sec-websocket-key": null }],
  ];
  for (const [status, why, changes] of cases) {
    const refusal = refuse(changes);
    assertEquals([refusal?.status, refusal?.reason], [status, `Cannot upgrade: ${why}`]);
  }
});

Deno.test("refuseHandshake() tells a client which method and version to use", () => {
  assertEquals(refuse({}, "POST"), {
    status: 405,
    reason: "Cannot upgrade: got method POST, expected GET",
    headers: { allow: "GET" },
  });
  assertEquals(refuse({ "sec-websocket-version": "8" })?.headers, {
    upgrade: "websocket",
    connection: "Upgrade",
    "sec-websocket-version": "13",
  });
});

Deno.test("refuseHandshake() bounds the number of headers and their bytes", () => {
  const { headers, headerBytes } = HANDSHAKE_LIMITS;
  const many = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`x-${index}`, ""]));
  assertEquals(refuse(many(headers - 5)), undefined);
  assertEquals(refuse(many(headers - 4))?.status, 431);
  const used = Object.entries(GOOD).reduce((sum, pair) => sum + pair.join(": \r\n").length, 0);
  const room = headerBytes - used - "x-: \r\n".length;
  assertEquals(refuse({ "x-": "x".repeat(room) }), undefined);
  const refusal = refuse({ "x-": "x".repeat(room + 1) });
  assertEquals(refusal?.status, 431);
  assertMatch(
    refusal!.reason,
    /got 6 headers of 16385 bytes, expected at most 100 of 16384 bytes$/,
  );
});

Deno.test("withHost() takes the host of a target that brings its own", () => {
  const headers = { host: "a:80", other: "x" };
  assertEquals(withHost(headers, "b"), { host: "b", other: "x" });
  assertEquals(headers.host, "a:80");
  // The same in another spelling stays; one that is missing stays so.
  assertEquals(withHost(headers, "A"), headers);
  assertEquals(withHost({}, "b"), {});
});

Deno.test("unavailable() tells a client when to ask again", () => {
  assertEquals(unavailable("the moon is full", "moon"), {
    cause: "moon",
    status: 503,
    reason: "Cannot upgrade: the moon is full",
    headers: { "retry-after": "5" },
  });
});

Deno.test("negotiateSubprotocol() takes the server's first that the client offers", () => {
  const negotiate = (supported: string[], offered?: string) =>
    negotiateSubprotocol(
      supported,
      offered === undefined ? {} : { "sec-websocket-protocol": offered },
    );
  assertEquals(negotiate(["b", "a"], "a,b"), "b");
  assertEquals(negotiate(["b", "a"], " a ,\tb "), "b");
  assertEquals(negotiate(["a"], "b, a"), "a");
  assertEquals(negotiate(["a"], ",,\ta\t,,"), "a");
  assertEquals(negotiate(["a"], "A, aa"), "");
  assertEquals(negotiate(["a"]), "");
  assertEquals(negotiate([], "a"), "");
});

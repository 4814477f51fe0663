import { assertEquals, assertInstanceOf } from "../helpers/assert.ts";
import { FakePage, type FakeSocket } from "./fake_page.ts";

const bytesOf = (data: unknown) => Array.from(data as Uint8Array);

/** What was sent as soon as there was a connection. */
function sentBy(page: FakePage): FakeSocket["sent"] {
  page.socket.open();
  return page.socket.sent;
}

Deno.test("Ws.EmitMessage() queues bytes as they are at the time of the call", () => {
  const page = new FakePage();
  const ws = page.open();
  const whole = new Uint8Array([9, 1, 2, 3, 4, 5, 6, 9]);
  const views: (ArrayBuffer | ArrayBufferView)[] = [
    whole.subarray(1, 7),
    new DataView(whole.buffer, 1, 6),
    new Uint16Array(whole.buffer, 2, 2),
  ];
  for (const view of views) ws.EmitMessage(view as ArrayBufferView);
  ws.EmitMessage(whole.buffer);
  whole.fill(0);
  const expected = [[1, 2, 3, 4, 5, 6], [1, 2, 3, 4, 5, 6], [2, 3, 4, 5], [9, 1, 2, 3, 4, 5, 6, 9]];
  assertEquals(sentBy(page).map(bytesOf), expected);
});

Deno.test("Ws.EmitMessage() queues the text that an object has at the time of the call", () => {
  const page = new FakePage();
  const ws = page.open();
  const query = new URLSearchParams({ a: "1" });
  ws.EmitMessage(query as never);
  ws.EmitMessage(42 as never);
  query.set("a", "2");
  assertEquals(sentBy(page), ["a=1", "42"]);
});

Deno.test("Ws.Emit() encodes objects and bytes at the time of the call", () => {
  const page = new FakePage();
  const ws = page.open();
  const [data, bytes] = [{ n: 1 }, new Uint8Array([1])];
  ws.Emit("json", data);
  ws.Emit("bytes", bytes);
  data.n = 2;
  bytes[0] = 2;
  const [json, binary] = sentBy(page);
  assertEquals(json, 'm:json;4;{"n":1}');
  assertEquals(bytesOf(binary).at(-1), 1);
});

Deno.test("Ws offers the subprotocols of the time of the call, each time", () => {
  const page = new FakePage();
  const protocols = ["one"];
  new page.Ws("ws://host/", protocols);
  protocols.push("two");
  page.socket.end(1006);
  page.advance(1_000);
  assertEquals(page.sockets.map((socket) => Array.from(socket.protocols as string[])), [["one"], [
    "one",
  ]]);
});

Deno.test("Ws.OnConnect() in an OnConnect listener is called for that connection, once", () => {
  const page = new FakePage();
  const ws = page.open();
  const seen: string[] = [];
  ws.OnConnect(() => {
    seen.push("outer");
    if (seen.length === 1) ws.OnConnect(() => void seen.push("inner"));
  });
  ws.OnConnect(() => void seen.push("other"));
  page.socket.open();
  assertEquals(seen, ["outer", "other", "inner"]);
  page.socket.end(1006);
  page.advance(1_000);
  page.socket.open();
  assertEquals(seen.slice(3), ["outer", "other", "inner"]);
});

Deno.test("Ws.OnConnect() keeps a listener that throws, whenever it is added", () => {
  const page = new FakePage();
  const ws = page.open();
  page.socket.open();
  let calls = 0;
  ws.OnConnect(() => {
    calls++;
    throw new Error("thrown");
  });
  page.socket.end(1006);
  page.advance(1_000);
  page.socket.open();
  assertEquals(calls, 2);
  for (const error of page.errors) assertInstanceOf(error, Error);
});

Deno.test("Ws calls what listeners add for the next event and the next loss", () => {
  const page = new FakePage();
  const ws = page.open();
  const seen: string[] = [];
  ws.On("event", () => ws.On("event", () => void seen.push("event")));
  ws.OnMessage(() => ws.OnMessage(() => void seen.push("native")));
  ws.OnDisconnect(() => ws.OnDisconnect(() => void seen.push("loss")));
  for (const expected of [[], ["event", "native", "loss"]]) {
    seen.length = 0;
    page.socket.open();
    for (const message of ["m:event;0;", "native"]) page.socket.receive(message);
    page.socket.end(1006);
    page.advance(1_000);
    assertEquals(seen, expected);
  }
});

import {
  assertNodeName,
  assertProcessName,
  createIncarnation,
  formatIdentity,
  type IdentityParts,
  isProcessName,
  MAX_NAME_BYTES,
  parseIdentity,
} from "../../src/actor/identities.ts";
import { assert, assertEquals, assertMatch, assertThrows } from "../helpers/assert.ts";
import { createStage, idle, inProcess } from "./stage.ts";

Deno.test("formatIdentity() and parseIdentity() are inverse for each kind", () => {
  const parts = { node: "a.b-c_1@host", incarnation: "0az9", counter: 42 };
  const texts: [IdentityParts["kind"], string][] = [
    ["pid", "<a.b-c_1@host/0az9/42>"],
    ["alias", "Alias#<a.b-c_1@host/0az9/42>"],
    ["ref", "Ref#<a.b-c_1@host/0az9/42>"],
  ];
  for (const [kind, text] of texts) {
    assertEquals(formatIdentity({ ...parts, kind }), text);
    assertEquals(parseIdentity(text), { ...parts, kind });
  }
});

Deno.test("parseIdentity() gives undefined for any other string", () => {
  const others = [
    "",
    "echo_1",
    "<>",
    "<a@b/0/1",
    "<a@b/0/1> ",
    "\n<a@b/0/1>",
    "<a@b/0/x>",
    "<a@b/-/1>",
    "<a@b/0/-1>",
    "<a/b@c/0/1>",
    "Pid#<a@b/0/1>",
    "Alias#Alias#<a@b/0/1>",
  ];
  for (const text of others) assertEquals(parseIdentity(text), undefined, text);
});

Deno.test("assertNodeName() takes name@host with one @ and at most 255 bytes", () => {
  const long = (bytes: number) => `a@${"b".repeat(bytes - 2)}`;
  for (const name of ["a@b", "troupe@localhost", "n_1.x-y@127.0.0.1", long(MAX_NAME_BYTES)]) {
    assertNodeName(name);
  }
  const wrong = ["", "a", "@", "a@", "@b", "a@b@c", "a b@c", "a@b/c", "a@b\n", "é@b", long(256)];
  for (const name of wrong) {
    const text = assertThrows(() => assertNodeName(name), TypeError).message;
    assert(text.startsWith(`Cannot name a node ${JSON.stringify(name)}: expected name@host`), text);
  }
});

Deno.test("assertProcessName() refuses what could be taken for something else", () => {
  for (const name of ["echo", "echo_1", "_x", "9", "a.b:c-d", "x".repeat(255)]) {
    assertProcessName(name);
    assert(isProcessName(name), name);
  }
  const wrong = ["", "-a", ".a", ":a", "a b", "a@b", "<a@b/0/1>", "a\n", "é", "x".repeat(256)];
  for (const name of wrong) {
    assert(!isProcessName(name), name);
    const text = assertThrows(() => assertProcessName(name), TypeError).message;
    assert(text.startsWith(`Cannot register a process as ${JSON.stringify(name)}: expected`), text);
  }
});

Deno.test("createIncarnation() makes one for each start of a node", () => {
  const made = new Set(Array.from({ length: 200 }, createIncarnation));
  assertEquals(made.size, 200);
  for (const incarnation of made) assertMatch(incarnation, /^[0-9a-z]{12}$/);
});

Deno.test("identities carry node, incarnation and a counter that never repeats", async () => {
  await using node = createStage("demo@host").node;
  const made: string[] = [];
  for (let i = 0; i < 50; i++) {
    made.push(
      await inProcess(node, (self) => {
        made.push(self.monitor("nobody"), self.spawn(idle));
        made.push(self.spawnMeta({ run: () => Promise.resolve(), terminate() {} }));
        return self.pid;
      }),
    );
  }
  const counters = made.map((text) => {
    const parts = parseIdentity(text)!;
    assertEquals([parts.node, parts.incarnation], ["demo@host", node.incarnation]);
    return parts.counter;
  });
  assertEquals(new Set(counters).size, 200);
  assertEquals(structuredClone(made), JSON.parse(JSON.stringify(made)));
});

Deno.test("send() to an identity of an earlier incarnation is unknown, never a wrong delivery", async () => {
  const first = createStage("demo@host").node;
  const [oldPid, oldAlias] = await inProcess(first, (self) => [
    self.pid,
    self.spawnMeta({ run: () => Promise.resolve(), terminate() {} }),
  ]);
  await first.stop();
  await using second = createStage("demo@host").node;
  const received: unknown[] = [];
  for (let i = 0; i < 5; i++) {
    second.spawn(async (self) => {
      for await (const { message } of self) received.push(message);
    });
  }
  assertEquals(second.send(oldPid!, "for another life"), "unknown");
  assertEquals(second.send(oldAlias!, "for another life"), "unknown");
  await second.stop();
  assertEquals(received, []);
});

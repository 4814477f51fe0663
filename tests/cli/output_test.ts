import { join } from "node:path";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { WebSocketServer } from "ws";
import { PERMISSIONS } from "../../scripts/compile.ts";
import { assert, assertEquals, assertStringIncludes } from "../helpers/assert.ts";
import { inDeadline } from "../../src/testing/deadline.ts";
import { settle } from "../../src/testing/manual_clock.ts";
import { PYTHON, testWith } from "../helpers/needs.ts";
import { ROOT } from "../structure/source_tree.ts";

/** As the executable runs. */
const TROUPE = ["run", ...PERMISSIONS, join(ROOT, "main.ts")];

/** A server that sends text without end, or a number of messages and then 1000. */
async function startFlood(count: number) {
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
  await once(server, "listening");
  const closed = Promise.withResolvers<number>();
  let sent = 0;
  server.on("connection", (socket) => {
    socket.on("close", (code) => closed.resolve(code));
    const next = () => {
      if (socket.readyState !== socket.OPEN) return;
      if (sent === count) return socket.close(1000);
      socket.send(`${++sent} ${"x".repeat(16_000)}`, next);
    };
    next();
  });
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    /** Resolves when it gets nothing off any more: nobody reads. */
    async flooded() {
      for (let still = 0, last = -1; still < 100; still = sent === last ? still + 1 : 0) {
        last = sent;
        await settle();
      }
    },
    closed: closed.promise,
    async [Symbol.asyncDispose]() {
      for (const client of server.clients) client.terminate();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

Deno.test("SIGTERM closes troupe connect although nobody reads its output, a second one ends it", async () => {
  await using server = await startFlood(Infinity);
  const child = new Deno.Command(Deno.execPath(), {
    args: [...TROUPE, "connect", server.url],
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const reader = child.stdout.getReader();
  try {
    // It is at work, and then its pipe fills.
    for (let read = 0; read < 200_000;) read += (await reader.read()).value!.length;
    await inDeadline("the flood", server.flooded());
    child.kill("SIGTERM");
    assertEquals(await inDeadline("the closing handshake", server.closed), 1000);
    child.kill("SIGTERM");
    assertEquals((await inDeadline("the end", child.status)).code, 1);
  } finally {
    await reader.cancel();
    await child.stdin.close();
  }
});

/** Runs a program whose output is a pipe that does not block and is read late; prints size and code. */
const SLOW_READER = `
import fcntl, os, subprocess, sys, time
r, w = os.pipe()
fcntl.fcntl(w, fcntl.F_SETFL, fcntl.fcntl(w, fcntl.F_GETFL) | os.O_NONBLOCK)
p = subprocess.Popen(sys.argv[1:], stdout=w, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
os.close(w)
whole = b""
while True:
    time.sleep(0.002)
    data = os.read(r, 8192)
    if not data: break
    whole += data
sys.stdout.buffer.write(str(p.wait()).encode() + b"\\n" + whole)
`;

testWith(
  PYTHON,
  "troupe connect prints everything to a pipe that does not block",
  async (python) => {
    await using server = await startFlood(50);
    const { stdout } = await new Deno.Command(python, {
      args: ["-c", SLOW_READER, Deno.execPath(), ...TROUPE, "connect", "--wait", "60s", server.url],
      stdin: "null",
    }).output();
    const [code, ...lines] = new TextDecoder().decode(stdout).trimEnd().split("\n");
    assertEquals(code, "0");
    const expected = Array.from({ length: 50 }, (_, n) => `${n + 1} ${"x".repeat(16_000)}`);
    assert(lines.join() === expected.join(), `${lines.length} lines`);
  },
);

for (const command of ["schema", "help"]) {
  Deno.test(`troupe ${command} says when its output has no room, and ends in 1`, async () => {
    const { stderr, code } = await new Deno.Command("sh", {
      args: ["-c", 'exec "$@" > /dev/full', "sh", Deno.execPath(), ...TROUPE, command],
      stdin: "null",
    }).output();
    assertEquals(code, 1);
    assertStringIncludes(
      new TextDecoder().decode(stderr),
      "Cannot write to standard output: No space",
    );
  });
}

Deno.test("troupe schema ends in 0 when its reader has seen enough", async () => {
  const { code, stderr } = await new Deno.Command("sh", {
    args: ["-c", '{ "$@"; echo $? >&2; } | true', "sh", Deno.execPath(), ...TROUPE, "schema"],
    stdin: "null",
  }).output();
  assertEquals([code, new TextDecoder().decode(stderr)], [0, "0\n"]);
});

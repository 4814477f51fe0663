import { assert, assertEquals, assertStringIncludes } from "./assert.ts";
import { findNatsServer, isNewEnough, NatsServer } from "./nats_server.ts";
import { testWith } from "./needs.ts";

const need = await findNatsServer();

Deno.test("isNewEnough() refuses servers that ignore the time to live of a lease", () => {
  assertEquals(isNewEnough("nats-server: v2.9.10\n"), false);
  assertEquals(isNewEnough("nats-server: v2.10.29\n"), false);
  assertEquals(isNewEnough("nats-server: v2.11.0\n"), true);
  assertEquals(isNewEnough("nats-server: v3.0.0-preview\n"), true);
  assertEquals(isNewEnough("something else"), false);
});

testWith(
  need,
  "NatsServer.start() starts servers side by side, with JetStream where asked",
  async (executable) => {
    const storeDirectory = await Deno.makeTempDir();
    try {
      await using plain = await NatsServer.start({ executable });
      await using jetStream = await NatsServer.start({ executable, storeDirectory });
      assert(plain.port !== jetStream.port);
      for (const [{ port }, hasJetStream] of [[plain, false], [jetStream, true]] as const) {
        using tcp = await Deno.connect({ hostname: "127.0.0.1", port });
        const bytes = new Uint8Array(4096);
        const info = new TextDecoder().decode(bytes.subarray(0, await tcp.read(bytes) ?? 0));
        assertStringIncludes(info, "INFO {");
        assertEquals(info.includes('"jetstream":true'), hasJetStream);
      }
    } finally {
      await Deno.remove(storeDirectory, { recursive: true });
    }
  },
);

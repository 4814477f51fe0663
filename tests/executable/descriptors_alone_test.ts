import { assertEquals, assertGreater, assertLess, assertMatch } from "../helpers/assert.ts";
import { Program } from "../helpers/program.ts";
import { RawClient } from "../../src/testing/raw_client.ts";
import { foreignFolder } from "./stage.ts";
import { TROUPE } from "./runner.ts";

const LIMIT = 160;
const CLIENTS = 200;

Deno.test({
  name: "the executable finds by trying how many connections it may take, and keeps to it",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using folder = await foreignFolder();
    const flags = ["--engine", "ws", "--port", "0", "--log-format", "json"];
    await using program = new Program({
      executable: "sh",
      args: [
        "-c",
        `ulimit -n ${LIMIT} && exec "$0" "$@"`,
        ...TROUPE,
        ...flags,
      ],
      cwd: folder.path,
    });
    const port = await program.port();
    const line = program.lines.find((line) => line.includes("connections at once"))!;
    assertMatch(line, /"source":"tried"/);
    const { connections, limit } = JSON.parse(line);
    // What the runtime has open by itself is not to be had.
    assertGreater(limit, LIMIT / 2);
    assertLess(limit, LIMIT);

    await using early = await RawClient.connect({ port });
    const clients: RawClient[] = [];
    for (let i = 0; i < CLIENTS; i++) clients.push(await RawClient.connect({ port }));
    const answers = async (client: RawClient) => {
      try {
        return (await client.handshake({ path: "/health/live" })).status === 200;
      } catch {
        return false;
      }
    };
    assertEquals(await answers(early), true);
    const answered = (await Promise.all(clients.map(answers))).filter(Boolean).length;
    assertLess(answered, connections);
    assertGreater(answered, connections / 2);
    for (const client of clients) client.close();
  },
});

import { assertEquals, assertStringIncludes } from "../helpers/assert.ts";
import { OPCODE } from "../../src/testing/frames.ts";
import { RawClient } from "../../src/testing/raw_client.ts";
import { stop, testEverywhere } from "./stage.ts";

testEverywhere(
  "the executable has the operator's API, with a token from a file",
  async (folder) => {
    await folder.write("ops.token", "a-token-that-is-long-enough-to-be-one\n");
    await folder.write(
      "troupe.json",
      JSON.stringify({
        listen: { port: 0 },
        admin: { tokens: [{ name: "ops", token: "file:ops.token", scopes: ["admin"] }] },
        processes: { echo: { behavior: "echo" } },
        endpoints: { "/ws": { pool: ["echo"] } },
      }),
    );
    await using program = folder.start(["--log-format", "json"]);
    const port = await program.port();
    const api = `http://127.0.0.1:${port}/api/v1`;
    const ask = async (path: string, token: string, init: RequestInit = {}) => {
      const headers = { Authorization: `Bearer ${token}`, ...init.headers };
      const response = await fetch(`${api}${path}`, { ...init, headers });
      return [response.status, await response.text()] as const;
    };
    const token = "a-token-that-is-long-enough-to-be-one";
    await using client = await RawClient.open({ port, path: "/ws" });
    const [status, text] = await ask("/connections", token);
    assertEquals(status, 200);
    assertStringIncludes(text, client.localAddr);
    assertEquals((await ask("/connections", "another-token-of-about-the-same-length"))[0], 401);
    assertStringIncludes((await ask("/openapi.json", token))[1], '"3.1');
    const page = await fetch(`http://127.0.0.1:${port}/admin/app.js`);
    assertStringIncludes(await page.text(), "/socket");
    await using socket = await RawClient.open({ port, path: "/api/v1/socket" });
    for (const message of [{ token }, { id: 1, requests: [{ method: "GET", path: "/tree" }] }]) {
      await socket.send({ opcode: OPCODE.text, payload: JSON.stringify(message) });
    }
    assertStringIncludes(await socket.readText(), '"name":"troupe.api.socket"');
    client.close();
    socket.close();
    await stop(program);
    await folder.assertPermitted(program.lines);
  },
);

import { API_ROUTES } from "../../src/api/mod.ts";
import { assert, assertEquals } from "../helpers/assert.ts";
import { spawnActors, startApi, TOKENS } from "./stage.ts";

const DOCS = new URL("../../docs/api.md", import.meta.url);

Deno.test("every line of docs/api.md that asks with curl is answered as documented", async () => {
  const text = await Deno.readTextFile(DOCS);
  const lines = text.split("\n").filter((line) => line.startsWith("curl "));
  assert(lines.length >= API_ROUTES.length + 2, `${lines.length} lines`);
  await using stage = await startApi({
    processes: {
      echo: { behavior: "echo", instances: 3 },
      chat: { behavior: "chat" },
      topics: { behavior: "topics", env: { topics: ["news"] } },
    },
    endpoints: {
      "/ws": { pool: ["echo_1"] },
      "/chat": { pool: ["chat"] },
      "/t": { pool: ["topics"] },
    },
  });
  await spawnActors(stage);
  const board = stage.server.node.whereis("answerer")!;
  stage.server.node.register("board", board);
  const documented = new Set(API_ROUTES.flatMap(({ answers }) => Object.keys(answers)));
  for (const line of lines) {
    const command = new Deno.Command("sh", {
      args: ["-c", `${line} --silent --max-time 2 --write-out '\\n%{http_code}'`],
      env: { API: stage.base, TOKEN: TOKENS.admin },
    });
    const { stdout } = await command.output();
    const [status = ""] = new TextDecoder().decode(stdout).split("\n").slice(-1);
    assert(documented.has(status) && !["401", "403", "422"].includes(status), `${line}: ${status}`);
    const route = API_ROUTES.find(({ example }) => line.includes(`'${example.path}'`));
    if (route !== undefined) {
      assertEquals(Object.hasOwn(route.answers, status), true, `${line}: ${status}`);
    }
  }
});

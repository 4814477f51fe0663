import { API_ROUTES, type ApiRoute, MAX_BODY_BYTES } from "../../src/api/mod.ts";
import { RawClient } from "../../src/testing/mod.ts";
import { assert, assertEquals } from "../helpers/assert.ts";
import { TOKENS } from "./stage.ts";
import {
  ADDRESSES,
  type Answered,
  type Asking,
  startApart,
  startServer,
} from "./statuses_stage.ts";

type Server = Awaited<ReturnType<typeof startServer>>;
type Apart = ReturnType<typeof startApart>;
type Case = (server: Server, apart: Apart) => Promise<Answered>;
type Cases = Readonly<Record<number, Case>>;

const of = (target: string, rest = "") => `/actors/${encodeURIComponent(target)}${rest}`;
const hello = { message: "hello" };

/** Sends a body to each of those that a message can be for, by what comes of it. */
const sendCases: Cases = {
  202: ({ ask }) => ask("POST", of("answerer", "/send"), { body: hello }),
  404: ({ ask }) => ask("POST", of(ADDRESSES.nobody, "/send"), { body: hello }),
  410: ({ ask, ended }) => ask("POST", of(ended, "/send"), { body: hello }),
  429: ({ ask }) => ask("POST", of("full", "/send"), { body: hello }),
  503: ({ ask }) => ask("POST", of(ADDRESSES.away, "/send"), { body: hello }),
};

const askCases: Cases = {
  200: ({ ask }) => ask("POST", of("answerer", "/ask"), { body: hello }),
  404: ({ ask }) => ask("POST", of("nobody", "/ask"), { body: hello }),
  410: ({ ask, ended }) => ask("POST", of(ended, "/ask"), { body: hello }),
  429: ({ ask }) => ask("POST", of("full", "/ask"), { body: hello }),
  502: ({ ask }) => ask("POST", of("answerer", "/ask"), { body: { message: "throw" } }),
  503: ({ ask }) => ask("POST", of(ADDRESSES.away, "/ask"), { body: hello }),
  504: (_, { askPatiently }) =>
    askPatiently("POST", of(ADDRESSES.silent, "/ask?timeout=60s"), { body: hello }),
};

const token = { body: { token: "is none" } };

const tokenCases: Cases = {
  200: async ({ ask, connection, signFor }) =>
    ask("POST", of(connection, "/token"), { body: { token: await signFor("alice") } }),
  404: ({ ask }) => ask("POST", of(ADDRESSES.nobodyConnected, "/token"), token),
  410: async ({ ask, enter }) => {
    const client = await enter();
    const { body } = await ask("GET", "/connections?user=alice");
    const { id } = body.connections.at(-1);
    await ask("DELETE", of(id));
    await client.readClose();
    client.close();
    // Until the server has seen it go, its token is still looked at.
    let answered = await ask("POST", of(id, "/token"), token);
    for (let turn = 0; turn < 500 && answered.status === 502; turn++) {
      answered = await ask("POST", of(id, "/token"), token);
    }
    return answered;
  },
  429: ({ ask, mute }) => ask("POST", of(mute, "/token"), token),
  502: ({ ask, connection }) => ask("POST", of(connection, "/token"), token),
  503: ({ ask }) => ask("POST", of(ADDRESSES.awayConnected, "/token"), token),
  504: (_, { askPatiently }) =>
    askPatiently("POST", of(ADDRESSES.silentConnected, "/token"), token),
};

const endCases: Cases = {
  202: ({ ask, spawn }) => ask("DELETE", of(spawn())),
  404: ({ ask }) => ask("DELETE", of("nobody")),
  410: ({ ask, ended }) => ask("DELETE", of(ended)),
  429: ({ ask, mute }) => ask("DELETE", of(mute)),
  503: ({ ask }) => ask("DELETE", of(ADDRESSES.away)),
  504: (_, { askPatiently }) => askPatiently("DELETE", of(ADDRESSES.silent)),
};

const inspectCases: Cases = {
  200: ({ ask }) => ask("GET", of("answerer")),
  404: ({ ask }) => ask("GET", of("nobody")),
  410: ({ ask, ended }) => ask("GET", of(ended)),
  503: ({ ask }) => ask("GET", of(ADDRESSES.away)),
  504: (_, { askPatiently }) => askPatiently("GET", of(ADDRESSES.silent)),
};

const level = (node: string) => ({ body: { level: "info", node } });

/** What the others answer besides their 200. */
const ROUTE_CASES: Readonly<Record<string, Cases>> = {
  send: sendCases,
  ask: askCases,
  renewToken: tokenCases,
  end: endCases,
  inspectActor: inspectCases,
  listActors: { 404: ({ ask }) => ask("GET", "/actors?node=nowhere@localhost") },
  publishTopic: {
    404: ({ ask }) => ask("POST", "/topics/nowhere/publish", { body: { data: 1 } }),
  },
  sendUser: { 404: ({ ask }) => ask("POST", "/users/nobody/send", { body: { text: "x" } }) },
  broadcast: {
    404: ({ ask }) => ask("POST", "/broadcast", { body: { topics: ["nowhere"], data: 1 } }),
  },
  tap: {
    429: async (_, { ask, openTaps }) => {
      using _taps = await openTaps();
      return await ask("GET", "/tap?actor=x");
    },
  },
  log: {
    404: ({ ask }) => ask("GET", "/log?node=nowhere@localhost"),
    501: (_, { ask }) => ask("GET", "/log"),
    503: (_, { ask }) => ask("GET", "/log?node=ghost@localhost"),
  },
  setLogLevel: {
    404: ({ ask }) => ask("PUT", "/log/level", level("nowhere@localhost")),
    501: (_, { ask }) => ask("PUT", "/log/level", level("apart@localhost")),
  },
};

/** What the example of a route is asked with, and one whose path or body cannot be read. */
function exampleCases({ id, method, path, body, params, scope, example }: ApiRoute): Cases {
  const { path: asked, body: given } = example;
  const [pathname] = asked.split("?") as [string];
  const withBody = given === undefined ? {} : { body: given };
  const raw = (text: string, type = "application/json"): Case => ({ ask }) =>
    ask(method, asked, { body: text, headers: { "content-type": type } });
  const wrongScope = scope === "read" ? TOKENS.send : TOKENS.read;
  const inPath = path.replace(/\{\w+\}/, "%FF");
  const happy: Cases = { 200: ({ ask }) => ask(method, asked, withBody) };
  const badPath: Cases = { 400: ({ ask }) => ask(method, inPath, withBody) };
  const badBody: Cases = {
    400: raw("{"),
    413: raw(`"${"x".repeat(MAX_BODY_BYTES)}"`),
    415: raw("{}", "text/plain"),
  };
  return {
    ...id in ENDED ? {} : happy,
    ...params === undefined ? {} : badPath,
    401: ({ ask }) => ask(method, asked, { ...withBody, headers: { authorization: "" } }),
    403: scope === "none"
      ? ({ ask }) =>
        ask(method, asked, { ...withBody, headers: { origin: "https://evil.example" } })
      : ({ ask }) => ask(method, asked, { ...withBody, token: wrongScope }),
    421: ({ port }) => askAs("evil.example", port, method, asked),
    422: ({ ask }) => ask(method, `${pathname}?surely=unknown`, withBody),
    429: async (_, { ask, useUpRate }) => {
      await useUpRate();
      return await ask(method, asked, withBody);
    },
    ...body === undefined ? {} : badBody,
  };
}

/** Routes whose example meets nobody here: what they answer is in the cases above. */
const ENDED: Readonly<Record<string, true>> = {
  send: true,
  ask: true,
  renewToken: true,
  end: true,
  inspectActor: true,
};

/** Asks under a name that may have been made to resolve to this machine. */
async function askAs(host: string, port: number, method: string, path: string): Promise<Answered> {
  await using client = await RawClient.connect({ port });
  const lines = [`host: ${host}`, `authorization: Bearer ${TOKENS.admin}`, "content-length: 0"];
  await client.write(`${method} /api/v1${path} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`);
  const { status, headers, body } = await client.readResponse();
  return { status, type: headers.get("content-type") ?? "", body: JSON.parse(body) };
}

function casesOf(route: ApiRoute): Cases {
  return { ...exampleCases(route), ...ROUTE_CASES[route.id] };
}

async function documentedStatuses(ask: Asking): Promise<Map<string, number[]>> {
  const { body } = await ask("GET", "/openapi.json");
  return new Map(API_ROUTES.map(({ id, path, method }) => {
    const { responses } = body.paths[path][method.toLowerCase()];
    return [id, Object.keys(responses).map(Number)];
  }));
}

Deno.test("each status that the document has of a route is answered by it, and no other one is", async () => {
  await using server = await startServer();
  const documented = await documentedStatuses(server.ask);
  for (const route of API_ROUTES) {
    const cases = casesOf(route);
    const expected = documented.get(route.id)!.toSorted();
    assertEquals(Object.keys(cases).map(Number).toSorted(), expected, route.id);
    for (const [status, produce] of Object.entries(cases)) {
      await using apart = startApart();
      const answered = await produce(server, apart);
      const what = `${route.id} ${status}: ${JSON.stringify(answered.body)}`;
      assertEquals(answered.status, Number(status), what);
      if (answered.status < 400) continue;
      assertEquals([answered.type, answered.body.status], [
        "application/problem+json",
        answered.status,
      ], what);
      assert(answered.body.detail.length > 0, what);
    }
  }
});

Deno.test("a route has a status for each result that a send or a call can have", async () => {
  await using server = await startServer();
  const documented = await documentedStatuses(server.ask);
  // As the operator's reference names them.
  for (
    const [id, statuses] of [
      ["send", [202, 404, 410, 429, 503]],
      ["ask", [200, 404, 410, 429, 503, 504]],
    ] as const
  ) {
    for (const status of statuses) assert(documented.get(id)!.includes(status), `${id} ${status}`);
  }
});

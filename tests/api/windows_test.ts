import { answerQuestion } from "../../src/api/answers.ts";
import type { ConnectionRow } from "../../src/api/questions.ts";
import { createNode } from "../../src/actor/mod.ts";
import type { Alias } from "../../src/actor/mod.ts";
import type { ListFilter } from "../../src/websocket/mod.ts";
import { assertEquals } from "../helpers/assert.ts";

/** An endpoint with connections of some numbers, that counts how many are looked at. */
function endpointOf(path: string, numbers: readonly number[]) {
  return {
    path,
    connections: numbers.length,
    has: () => false,
    looks: 0,
    filters: [] as (ListFilter | undefined)[],
    list: undefined as unknown as (filter?: ListFilter) => Iterable<never>,
  };
}

async function hostWith(...endpoints: (readonly [string, readonly number[]])[]) {
  const stack = new AsyncDisposableStack();
  const node = stack.use(createNode());
  const made = endpoints.map(([path, numbers]) => {
    const endpoint = endpointOf(path, numbers);
    endpoint.list = function* (filter) {
      endpoint.filters.push(filter);
      for (const number of numbers) {
        endpoint.looks++;
        const id = `Alias#<troupe@localhost/0/${number}>` as Alias<never>;
        yield { id, remoteAddr: "127.0.0.1:1", ip: "127.0.0.1", openMs: 1 } as never;
      }
    };
    return endpoint;
  });
  const host = { node, endpoints: made, info: () => ({}) };
  await Promise.resolve();
  return {
    endpoints: made,
    list: async (question: { limit: number; after?: string; user?: string }) => {
      const rows = await answerQuestion(host, { kind: "connections", ...question });
      return (rows as ConnectionRow[]).map(({ id, endpoint }) => `${endpoint} ${id.slice(26, -1)}`);
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

const numbers = (first: number, step: number, count: number) =>
  Array.from({ length: count }, (_, index) => first + index * step);

Deno.test("a window of connections looks at no more of each endpoint than it shows", async () => {
  await using host = await hostWith(["/a", numbers(2, 2, 5_000)], ["/b", numbers(1, 2, 5_000)]);
  assertEquals(await host.list({ limit: 4 }), ["/b 1", "/a 2", "/b 3", "/a 4"]);
  assertEquals(host.endpoints.map(({ looks }) => looks), [4, 4]);
  const after = "Alias#<troupe@localhost/0/10>";
  assertEquals(await host.list({ limit: 3, after }), ["/b 11", "/a 12", "/b 13"]);
  // Whom a user has is for the endpoint to find.
  await host.list({ limit: 1, user: "alice" });
  const [{ filters }] = host.endpoints as unknown as [{ filters: ListFilter[] }];
  assertEquals(filters.at(-1), { user: "alice", ip: undefined });
});

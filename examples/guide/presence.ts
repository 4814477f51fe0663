/**
 * Who is there: a list that everybody has and that the rest of a back end can ask for. Run it with
 * `deno run --allow-net --allow-env examples/guide/presence.ts [PORT]`, connect WebSocket clients
 * to `/presence?user=NAME`, and see `/who`.
 *
 * @module
 */

import {
  type Accept,
  createHandler,
  createNode,
  type FromConnection,
  json,
  listen,
  type Process,
  refuse,
  untilSignalled,
} from "@troupe/troupe";

/** What other processes ask; answered with the names. */
interface Who {
  readonly kind: "who";
}

async function presence(self: Process<FromConnection<{ user: string }> | Who>): Promise<void> {
  /** Connections of each user: one may have several windows. */
  const online = new Map<string, Set<string>>();
  const userOf = new Map<string, string>();
  const names = () => [...online.keys()].sort();
  const tell = (change: object) => self.sendAll(userOf.keys(), json(change));

  for await (const { message, reply } of self) {
    if (message.kind === "who") {
      reply?.(names());
    } else if (message.kind === "connect") {
      const { id, attributes: { user } } = message;
      const connections = online.get(user) ?? new Set();
      if (connections.size === 0) tell({ came: user });
      online.set(user, connections.add(id));
      userOf.set(id, user);
      self.send(id, json({ online: names() }));
    } else if (message.kind === "disconnect") {
      const user = userOf.get(message.id)!;
      userOf.delete(message.id);
      online.get(user)!.delete(message.id);
      if (online.get(user)!.size > 0) continue;
      online.delete(user);
      tell({ left: user });
    }
  }
}

/** Here a program of your own verifies who it is: see chat.ts. */
const accept: Accept = ({ request }) => {
  const user = new URL(request.url).searchParams.get("user");
  return user === null ? refuse(401, "expected ?user=NAME") : { attributes: { user } };
};

const node = createNode();
const pid = node.spawn(presence, { name: "presence" });
const handler = createHandler({ pool: ["presence"], accept });
node.spawnMeta(handler);
const listener = await listen({ "/presence": handler }, {
  port: Number(Deno.args[0] ?? 8080),
  async fetch({ url }) {
    if (new URL(url).pathname !== "/who") return new Response("Not found", { status: 404 });
    return Response.json(await node.call(pid, { kind: "who" }));
  },
});
console.log(`Listening on http://127.0.0.1:${listener.addr.port}/`);
await untilSignalled();
await node.stop();
await listener.shutdown();

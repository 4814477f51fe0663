/**
 * A chat with rooms, for those who have logged in. Run it with
 * `deno run --allow-net --allow-env --allow-read examples/guide/chat.ts [PORT]` and open the
 * address that it prints in two browsers. Ctrl-C ends it in order.
 *
 * @module
 */

import {
  type Accept,
  createHandler,
  createNode,
  type FromConnection,
  isDataMessage,
  json,
  keyed,
  listen,
  type Process,
  refuse,
  untilSignalled,
} from "@troupe/troupe";

/** Names by the token that their browser has in a cookie. */
const sessions = new Map<string, string>();

function userOf({ headers }: Request): string | undefined {
  const cookie = /(?:^|; )session=([\w-]+)/.exec(headers.get("cookie") ?? "");
  return sessions.get(cookie?.[1] ?? "");
}

/** Here a program of your own asks for a password. */
async function logIn(request: Request): Promise<Response> {
  const name = String((await request.formData()).get("name"));
  if (!/^[\p{L}\d]{1,20}$/u.test(name)) return new Response("That is no name", { status: 400 });
  const token = crypto.randomUUID();
  sessions.set(token, name);
  const cookie = `session=${token}; HttpOnly; SameSite=Strict`;
  return new Response(null, { status: 303, headers: { location: "/", "set-cookie": cookie } });
}

const accept: Accept = ({ request }) => {
  const user = userOf(request);
  return user === undefined ? refuse(401, "log in first") : { attributes: { user } };
};

async function room(self: Process<FromConnection<{ user: string }>>): Promise<void> {
  const users = new Map<string, string>();
  const tell = (line: string) => self.sendAll(users.keys(), json({ line }));
  for await (const { message } of self) {
    if (message.kind === "connect") {
      users.set(message.id, message.attributes.user);
      tell(`${message.attributes.user} comes in`);
    } else if (message.kind === "disconnect") {
      const user = users.get(message.id);
      users.delete(message.id);
      tell(`${user} leaves`);
    } else if (isDataMessage(message)) tell(`${users.get(message.id)}: ${message.body}`);
  }
}

const node = createNode();
node.spawn(keyed("room", room));
const handler = createHandler({ accept, target: "room/:name" });
node.spawnMeta(handler);

const page = await Deno.readTextFile(new URL("chat.html", import.meta.url));
const listener = await listen({ "/rooms/:name": handler }, {
  port: Number(Deno.args[0] ?? 8080),
  fetch(request) {
    if (request.method === "POST") return logIn(request);
    const body = page.replace("{{user}}", userOf(request) ?? "");
    return new Response(body, { headers: { "content-type": "text/html; charset=utf-8" } });
  },
});
console.log(`Listening on http://127.0.0.1:${listener.addr.port}/`);
await untilSignalled();
await node.stop();
await listener.shutdown();

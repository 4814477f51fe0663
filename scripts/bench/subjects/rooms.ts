/** Subject: an event server that emits to a room of everybody. @module */

import { createNode } from "../../../src/mod.ts";
import { createEventServer } from "../../../src/doors/events.ts";
import { NEWS_DATA, NEWS_EVENT } from "../news.ts";

const ws = createEventServer();
ws.onConnection((connection) => {
  connection.join("everybody");
  connection.onMessage(() => void connection.to("everybody").emit(NEWS_EVENT, NEWS_DATA));
});

createNode().spawn(ws.run);
Deno.serve({
  hostname: "127.0.0.1",
  port: 0,
  onListen: ({ port }) => console.log(port),
}, ws.handler);

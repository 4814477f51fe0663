/** Subject: a broadcast loop over `Deno.upgradeWebSocket` and nothing else. @module */

import { NEWS_TEXT } from "../news.ts";

const sockets = new Set<WebSocket>();

Deno.serve({
  hostname: "127.0.0.1",
  port: 0,
  onListen: ({ port }) => console.log(port),
}, (request) => {
  const { socket, response } = Deno.upgradeWebSocket(request, { idleTimeout: 0 });
  socket.onopen = () => sockets.add(socket);
  socket.onclose = () => sockets.delete(socket);
  socket.onmessage = () => {
    for (const each of sockets) each.send(NEWS_TEXT);
  };
  return response;
});

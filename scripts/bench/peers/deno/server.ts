/**
 * Peer: `Deno.upgradeWebSocket` and nothing else, as Deno's documentation shows it.
 * Argument: echo or broadcast.
 *
 * @module
 */

const [role] = Deno.args;
const sockets = new Set<WebSocket>();

Deno.serve({
  hostname: "127.0.0.1",
  port: 0,
  onListen: ({ port }) => console.log(port),
}, (req) => {
  const { socket, response } = Deno.upgradeWebSocket(req);
  socket.addEventListener("open", () => sockets.add(socket));
  socket.addEventListener("close", () => sockets.delete(socket));
  socket.addEventListener("message", (event) => {
    if (role === "echo") socket.send(event.data);
    else for (const each of sockets) each.send(event.data);
  });
  return response;
});

// Peer: Bun, as its page "WebSockets" shows it (handlers, "Contextual data", "Publish/
// subscribe", "Compression"). Arguments: echo, broadcast or rooms, and "deflate".

const [, , role, deflate] = Bun.argv;

const server = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  fetch(req, server) {
    const room = new URL(req.url).searchParams.get("room") ?? "0";
    if (server.upgrade(req, { data: { room: role === "rooms" ? room : "all" } })) return;
    return new Response("Upgrade failed", { status: 500 });
  },
  websocket: {
    perMessageDeflate: deflate === "deflate",
    open(ws) {
      if (role !== "echo") ws.subscribe(ws.data.room);
    },
    message(ws, message) {
      if (role === "echo") ws.send(message, deflate === "deflate");
      else server.publish(ws.data.room, message, deflate === "deflate");
    },
  },
});

console.log(server.port);

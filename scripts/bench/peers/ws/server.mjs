// Peer: ws on Node, as its README shows it ("Simple server", "Server broadcast",
// "WebSocket compression"). Arguments: echo or broadcast, and "deflate".

import { argv } from "node:process";
import WebSocket, { WebSocketServer } from "ws";

const [, , role, deflate] = argv;
const wss = new WebSocketServer({
  host: "127.0.0.1",
  port: 0,
  perMessageDeflate: deflate === "deflate",
});

wss.on("listening", () => console.log(wss.address().port));

wss.on("connection", function connection(ws) {
  ws.on("error", console.error);
  ws.on("message", function message(data, isBinary) {
    if (role === "echo") {
      ws.send(data, { binary: isBinary });
      return;
    }
    wss.clients.forEach(function each(client) {
      if (client.readyState === WebSocket.OPEN) {
        client.send(data, { binary: isBinary });
      }
    });
  });
});

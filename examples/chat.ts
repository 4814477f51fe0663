/**
 * A chat with the library: events, as Iris' websocket package has them.
 *
 * Run it with `deno run --allow-net --allow-env examples/chat.ts [PORT]`
 * and open the address that it prints in two windows. Ctrl-C ends it in order.
 *
 * @module
 */

import { createNode, listen, untilSignalled } from "@troupe/troupe";
import { BROADCAST, createEventServer, type EventConnection } from "@troupe/troupe/events";
import { CLIENT_SOURCE } from "@troupe/troupe/server";

const PAGE = `<!DOCTYPE html>
<title>Chat</title>
<link rel="icon" href="data:,">
<form><input autofocus> <button>Send</button></form>
<pre></pre>
<script src="/troupe.js"></script>
<script>
  const output = document.querySelector("pre");
  const input = document.querySelector("input");
  const socket = new Ws("ws://" + location.host + "/echo");
  socket.OnConnect(() => output.append("Connected\\n"));
  socket.OnDisconnect(() => output.append("Disconnected\\n"));
  socket.On("chat", (message) => output.append(message + "\\n"));
  document.querySelector("form").addEventListener("submit", (event) => {
    event.preventDefault();
    socket.Emit("chat", input.value);
    output.append("me: " + input.value + "\\n");
    input.value = "";
  });
</script>`;

function handleConnection(connection: EventConnection): void {
  // Read events from the browser.
  connection.on("chat", (_, text) => {
    // Print the message to the console.
    console.log(`${connection.request.remoteAddr} sent: ${text}`);
    // Write it to everybody but its owner, who would be: connection.emit("chat", text)
    connection.to(BROADCAST).emit("chat", text);
  });
}

// Create the server and register what handles its connections.
const ws = createEventServer();
ws.onConnection(handleConnection);
const node = createNode();
node.spawn(ws.run, { name: "chat" });

const port = Number(Deno.args[0] ?? 8080);
const listener = await listen({ "/echo": ws.endpoint }, {
  port,
  // The client library, and the page.
  fetch({ url }) {
    const isClient = new URL(url).pathname === "/troupe.js";
    const type = isClient ? "text/javascript" : "text/html; charset=utf-8";
    return new Response(isClient ? CLIENT_SOURCE : PAGE, { headers: { "content-type": type } });
  },
});
console.log(`Listening on http://127.0.0.1:${listener.addr.port}/`);
await untilSignalled();
await node.stop();
await listener.shutdown();

// Peer: Socket.IO on Node, as its documentation shows it ("Initialization", "Emitting
// events", "Rooms"). Arguments: echo, broadcast or rooms, and "deflate".

import { createServer } from "node:http";
import { argv } from "node:process";
import { Server } from "socket.io";

const [, , role, deflate] = argv;
const httpServer = createServer();
const io = new Server(httpServer, { perMessageDeflate: deflate === "deflate" });

io.on("connection", (socket) => {
  let room;
  socket.on("join", (name) => {
    room = name;
    socket.join(name);
    socket.emit("joined", name);
  });
  socket.on("message", (text) => {
    if (role === "echo") socket.emit("message", text);
    else if (role === "rooms") io.to(room).emit("message", text);
    else io.emit("message", text);
  });
});

httpServer.listen(0, "127.0.0.1", 4096, () => console.log(httpServer.address().port));

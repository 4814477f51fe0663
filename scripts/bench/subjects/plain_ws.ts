/** Subject: an echo on npm `ws` over `node:http` and nothing else. @module */

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
// @ts-types="npm:@types/ws@8.18.2"
import { WebSocketServer } from "ws";

const server = createServer();
const webSockets = new WebSocketServer({ server, clientTracking: false });
webSockets.on("connection", (webSocket) => {
  webSocket.on("message", (data, binary) => webSocket.send(data, { binary }));
});
server.listen(0, "127.0.0.1", 4096, () => console.log((server.address() as AddressInfo).port));

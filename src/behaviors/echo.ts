/**
 * The process that sends every message back.
 *
 * @module
 */

import type { Process } from "../actor/mod.ts";
import {
  type ConnectMessage,
  type FromConnection,
  isConnect,
  isDataMessage,
  json,
} from "../websocket/mod.ts";

function wantsIntroduction(connect: ConnectMessage): boolean {
  return URL.parse(connect.url, "http://localhost")?.searchParams.has("introduce") ?? false;
}

/**
 * Sends every text and binary message back to the connection it came from.
 *
 * A connection whose URL has the query parameter `introduce` first gets
 * `{"connected":{"id":…,"process":…}}`: its own alias and the name (else the
 * pid) of the process that answers.
 */
export async function echo(self: Process<FromConnection>): Promise<void> {
  for await (const { message } of self) {
    if (isDataMessage(message)) {
      self.send(message.id, { kind: "message", type: message.type, body: message.body });
    } else if (isConnect(message) && wantsIntroduction(message)) {
      const connected = { id: message.id, process: self.name ?? self.pid };
      self.send(message.id, json({ connected }));
    }
  }
}

/** Sends everybody what anybody sends, on all workers. @module */

import {
  type Alias,
  type FromConnection,
  isConnect,
  isDataMessage,
  isDisconnect,
  type OutgoingMessage,
  type Process,
} from "@troupe/troupe";

const ALL = "all";

/** A process of this name on each worker. */
export default async function broadcast(self: Process<FromConnection>): Promise<void> {
  const connections = new Set<Alias>();
  const others = self.openSubjects("broadcast", {
    subjects: () => connections.size > 0 ? [ALL] : [],
    deliver: (_, message) => self.sendAll(connections, message),
  });
  for await (const { message } of self) {
    if (isConnect(message)) {
      connections.add(message.id);
      if (connections.size === 1) others.joined(ALL);
    } else if (isDisconnect(message)) {
      connections.delete(message.id);
      if (connections.size === 0) others.left(ALL);
    } else if (isDataMessage(message)) {
      const outgoing: OutgoingMessage = {
        kind: "message",
        type: message.type,
        body: message.body,
      };
      others.publish(ALL, outgoing);
      self.sendAll(connections, outgoing);
    }
  }
}

import { type FromConnection, type Process, text } from "@troupe/troupe";

/** Counts what clients of all nodes say. It runs on one of the nodes, and says which. */
export default async function counter(self: Process<FromConnection>): Promise<void> {
  let count = 0;
  for await (const { message } of self) {
    if (message.kind === "message") self.send(message.id, text(`${++count} on ${self.node}`));
  }
}

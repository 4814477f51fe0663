/**
 * Subject: actors of one node that talk to each other. Over TCP it takes a line
 * "SCENARIO MS" and answers with how many messages there were in that time.
 *
 * @module
 */

import { createNode, type Process } from "../../../src/mod.ts";

const node = createNode();
/** Between two looks at the clock. */
const BATCH = 1_000;

node.spawn(async (self) => {
  for await (const { message, from, reply } of self) {
    if (reply) reply(message);
    else if (message === "ping" || message === "last") self.send(from, message);
  }
}, { name: "other" });

/** Each does a batch and resolves when it was received. */
const SCENARIOS: Readonly<
  Record<string, (self: Process, mailbox: AsyncIterator<unknown>) => Promise<void>>
> = {
  async send(self, mailbox) {
    for (let i = 1; i < BATCH; i++) self.send("other", "more");
    self.send("other", "last");
    await mailbox.next();
  },
  async "ping-pong"(self, mailbox) {
    for (let i = 0; i < BATCH; i++) {
      self.send("other", "ping");
      await mailbox.next();
    }
  },
  async call(self) {
    for (let i = 0; i < BATCH; i++) await self.call("other", i);
  },
};

function measure(name: string, durationMs: number): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const batch = SCENARIOS[name];
  if (!batch) throw new RangeError(`Cannot measure ${JSON.stringify(name)}: no such scenario`);
  node.spawn(async (self) => {
    const mailbox = self[Symbol.asyncIterator]();
    const untilMs = performance.now() + durationMs;
    let count = 0;
    try {
      for (; performance.now() < untilMs; count += BATCH) await batch(self, mailbox);
      resolve(count);
    } catch (error) {
      reject(error);
    }
  });
  return promise;
}

const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
console.log(listener.addr.port);
for await (const connection of listener) {
  const buffer = new Uint8Array(1024);
  for (let count; (count = await connection.read(buffer)) !== null;) {
    const [name, ms] = new TextDecoder().decode(buffer.subarray(0, count)).trim().split(" ");
    const measured = await measure(name!, Number(ms));
    await connection.write(new TextEncoder().encode(`${measured}\n`));
  }
  connection.close();
}

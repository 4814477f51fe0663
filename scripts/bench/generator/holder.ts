/**
 * Opens connections, says "open", and keeps them and answers pings until it is ended.
 * Arguments: port, name of the protocol, how many. A process of its own, since files are
 * counted by process.
 *
 * @module
 */

import { Connection } from "./connection.ts";
import { PROTOCOLS } from "./protocols.ts";

const [port, name, count] = Deno.args;
const BATCH = 200;
const READ_BYTES = 512;

const protocol = PROTOCOLS.find((each) => each.name === name);
if (!protocol) throw new RangeError(`Cannot hold connections: no protocol is named ${name}`);
for (let left = Number(count); left > 0; left -= BATCH) {
  const batch = Array.from(
    { length: Math.min(BATCH, left) },
    () => Connection.open({ port: Number(port), protocol }),
  );
  for (const connection of await Promise.all(batch)) void readAll(connection);
}
console.log("open");

async function readAll(connection: Connection): Promise<void> {
  const buffer = new Uint8Array(READ_BYTES);
  for (;;) await connection.readMessages(buffer);
}

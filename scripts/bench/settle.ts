/**
 * Sees to it that a server does what is measured, before it is.
 *
 * @module
 */

import { textFrame } from "./generator/frames.ts";

/** What there must be of a connection. */
export interface Probed {
  send(bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  readText(): Promise<string>;
}

/**
 * A server may take note of a connection after its upgrade, so messages are sent again,
 * each after twice the time of the one before, in milliseconds.
 */
const ATTEMPTS = { count: 7, firstMs: 250 } as const;

/**
 * Sends messages over the first connection until one has come to all of them, whole.
 * No message is out after that.
 *
 * @throws {Error} If none does.
 */
export async function settle(
  connections: readonly Probed[],
  messageOf: (payload: string) => string,
  payload: string,
  { count, firstMs }: { readonly count: number; readonly firstMs: number } = ATTEMPTS,
): Promise<void> {
  let current = "";
  const follow = async (connection: Probed) => {
    // Receipts, pings and messages of earlier attempts may come before.
    while (!(await connection.readText()).includes(current));
  };
  const waiting = new Map<Probed, Promise<void>>();
  for (let attempt = 1; attempt <= count; attempt++) {
    const probe = `probe ${attempt}: ${payload}`;
    // As the message has it: where it is JSON, quotes are escaped.
    const message = messageOf(probe);
    current = message.includes(probe) ? probe : JSON.stringify(probe).slice(1, -1);
    for (const connection of connections) {
      if (waiting.has(connection)) continue;
      waiting.set(connection, follow(connection).then(() => void waiting.delete(connection)));
    }
    await connections[0]!.send(textFrame(message));
    if (await isDone(Promise.all(waiting.values()), firstMs * 2 ** (attempt - 1))) return;
  }
  throw new Error(
    `Cannot measure: ${waiting.size} of ${connections.length} connections were not sent ` +
      `${JSON.stringify(current.slice(0, 60))}, in ${count} attempts`,
  );
}

async function isDone(all: Promise<unknown>, withinMs: number): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), withinMs);
  });
  try {
    return await Promise.race([all.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}

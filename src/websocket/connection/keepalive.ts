/**
 * The pings that ask whether a peer is alive, and their answers.
 *
 * @module
 */

import { MESSAGE_TYPE } from "../messages.ts";
import type { Frame } from "../socket.ts";

/** Body of such a ping. An application's own pings have others, the empty one included. */
export const KEEPALIVE = "\0alive?";

const BYTES = new TextEncoder().encode(KEEPALIVE);

/** Whether a frame answers such a ping (RFC 6455, section 5.5.3): it is not for the target. */
export function isKeepalivePong({ type, body }: Pick<Frame, "type" | "body">): boolean {
  return type === MESSAGE_TYPE.pong && body.length === BYTES.length &&
    typeof body !== "string" && BYTES.every((byte, index) => body[index] === byte);
}

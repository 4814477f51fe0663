/**
 * Talking to a server from a terminal or a pipe.
 *
 * @module
 */

export { type ClientEnd, type ClientOptions, runClient } from "./client.ts";
export {
  DialError,
  findBadProtocol,
  isSendableHeader,
  TOKEN_CHARACTERS,
  toWebSocketUrl,
} from "../websocket/mod.ts";

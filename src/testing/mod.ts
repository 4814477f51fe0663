/**
 * What tests of processes and servers need: a clock that a test moves, an inbox,
 * connections without a network, and a client that obeys nobody.
 *
 * @module
 */

export { inDeadline } from "./deadline.ts";
export {
  closeBody,
  decodeFrame,
  encodeFrame,
  encodeFrames,
  type Frame,
  type FrameParts,
  OPCODE,
  readCloseBody,
} from "./frames.ts";
export { type HandshakeParts, type ResponseHead, SAMPLE_ACCEPT, SAMPLE_KEY } from "./handshake.ts";
export { Inbox, type Reaction } from "./inbox.ts";
export { LateClock, ManualClock, settle, settleUntil } from "./manual_clock.ts";
export { type ConnectedPeer, connectPeer } from "./peer.ts";
export { type CloseSeen, RawClient, type RawClientOptions } from "./raw_client.ts";
export type {
  CloseInfo,
  FrameSource,
  FrameTaker,
  MemoryConnectionOptions,
  PeerOptions,
  Socket,
  SocketFrame,
  SocketPeer,
} from "../websocket/mod.ts";

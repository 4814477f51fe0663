/**
 * Where the reading of one connection is.
 *
 * @module
 */

import type { MESSAGE_TYPE } from "../messages.ts";
import type { CloseInfo, Frame } from "../socket.ts";
import type { Assembly } from "./assembly.ts";
import { FrameHeader, type FrameLimits } from "./header.ts";
import type { MessageBody } from "./message_body.ts";

/** A close frame; nothing that follows it counts. */
export interface CloseFrame extends CloseInfo {
  readonly type: typeof MESSAGE_TYPE.close;
}

/** A fragment of a compressed message, as it is on the wire. */
export interface Deflated {
  readonly type: "deflated";
  /** Whether the message is text, or bytes. */
  readonly isText: boolean;
  readonly payload: Uint8Array;
  /** Whether it is the last one. */
  readonly isFinal: boolean;
}

/** Something that came whole. */
export type Arrived = Frame | CloseFrame | Deflated;

/**
 * Where the reading of one connection is: the header of the frame under way, and
 * what came of its message. Nothing outside is read or changed but
 * the chunks, which are unmasked in place: they belong to the reader.
 */
export class ReaderState extends FrameHeader {
  readonly limits: FrameLimits;
  /** Start of a header that is not whole yet. */
  start: Uint8Array | undefined;
  /** Payload of the frame under way that has not come, in bytes; -1 in a header. */
  left = -1;
  /** Type of the message under way, 0 between two. */
  type = 0;
  /** Whether its fragments are compressed. */
  isCompressed = false;
  /** Bytes of its fragments, as their headers say. */
  announced = 0;
  fragments = 0;
  emptyFragments = 0;
  /** Its payload, where it did not come in one piece. */
  body: MessageBody | undefined;
  /** Payload of a control frame, or of a compressed fragment, that did not come in one piece. */
  pieces: Assembly | undefined;
  /** Whether a close frame or a violation was read. */
  isDone = false;

  constructor(limits: FrameLimits) {
    super();
    this.limits = limits;
  }
}

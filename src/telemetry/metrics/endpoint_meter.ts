/**
 * What is counted of one endpoint.
 *
 * @module
 */

import { byteLength } from "../../text/mod.ts";
import { BoundedCounts } from "./bounded_counts.ts";

/** The places where something happens to a connection. Each is as cheap as an addition. */
export interface EndpointMeter {
  /** A handshake was answered with an error; `reason` is one of few words. */
  refused(reason: string): void;
  /** A connection is up. */
  opened(): void;
  /** A connection that was up has ended. */
  closed(code: number): void;
  /** A message has arrived; `bytes` is its length, if it is known. */
  received(body: string | Uint8Array, bytes?: number): void;
  /** A message was handed to the transport; `bytes` is its length, if it is known. */
  sent(body: string | Uint8Array, bytes?: number): void;
  /** So many messages were not sent. */
  dropped(count: number): void;
  /** A client turned out to read too slowly. */
  slow(): void;
}

/**
 * Plain numbers, which instruments read when they are collected: the path of a
 * message has no instrument on it.
 */
export class EndpointCounts implements EndpointMeter {
  /** Connections opened. */
  connections = 0;
  /** Connections open now. */
  active = 0;
  /** Messages in. */
  messagesReceived = 0;
  /** Messages out. */
  messagesSent = 0;
  /** Bytes in. */
  bytesReceived = 0;
  /** Bytes out. */
  bytesSent = 0;
  /** Messages dropped. */
  messagesDropped = 0;
  /** Slow clients. */
  consumersSlow = 0;
  /** Refused handshakes by reason. */
  readonly refusals: BoundedCounts = new BoundedCounts();
  /** Ended connections by close code. */
  readonly codes: BoundedCounts = new BoundedCounts();

  refused(reason: string): void {
    this.refusals.add(reason);
  }

  opened(): void {
    this.connections++;
    this.active++;
  }

  closed(code: number): void {
    this.active--;
    this.codes.add(String(code));
  }

  received(body: string | Uint8Array, bytes: number = byteLength(body)): void {
    this.messagesReceived++;
    this.bytesReceived += bytes;
  }

  sent(body: string | Uint8Array, bytes: number = byteLength(body)): void {
    this.messagesSent++;
    this.bytesSent += bytes;
  }

  dropped(count: number): void {
    this.messagesDropped += count;
  }

  slow(): void {
    this.consumersSlow++;
  }
}

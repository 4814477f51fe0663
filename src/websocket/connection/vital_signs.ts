/**
 * What is known of the life of one connection.
 *
 * @module
 */

import type { Socket } from "../socket.ts";
import { judgeLiveness, type LivenessLimits, type LivenessVerdict } from "./liveness.ts";

/**
 * Collects the facts for {@linkcode judgeLiveness}. Between two looks it only
 * notes that something came, since reading a clock costs more than a message;
 * what came counts as of the look.
 */
export class VitalSigns {
  /** Anything came since the last look. */
  heard = true;
  /** A message came since the last look. */
  gotMessage = true;
  #heardMs = 0;
  #messageMs = 0;
  #pingedMs = 0;
  #blockedSinceMs: number | undefined;
  #leftBytes: number | undefined;

  /** Judges the connection; while its reading is paused, silence is ours. */
  look(
    socket: Socket,
    limits: LivenessLimits,
    isPaused: boolean,
    clockMs: number,
  ): LivenessVerdict {
    // Whole milliseconds take no memory of their own.
    const nowMs = Math.trunc(clockMs);
    if (this.heard || isPaused) this.#heardMs = nowMs;
    if (this.gotMessage || isPaused) this.#messageMs = nowMs;
    this.heard = this.gotMessage = false;
    this.#lookAtWrites(socket, nowMs);
    const facts = {
      heardMs: this.#heardMs,
      messageMs: this.#messageMs,
      pingedMs: this.#pingedMs,
      blockedSinceMs: this.#blockedSinceMs,
    };
    const verdict = judgeLiveness(facts, socket.canPing ? limits : withoutPings(limits), nowMs);
    if (verdict === "ping") this.#pingedMs = nowMs;
    return verdict;
  }

  #lookAtWrites(socket: Socket, nowMs: number): void {
    if (socket.bufferedBytes === 0) {
      this.#blockedSinceMs = this.#leftBytes = undefined;
      return;
    }
    // The runtime is asked for it each time: that is too dear for a connection that waits for none.
    const { leftBytes } = socket;
    const hasMoved = leftBytes !== undefined && leftBytes !== this.#leftBytes;
    this.#leftBytes = leftBytes;
    if (hasMoved) this.#blockedSinceMs = nowMs;
    else this.#blockedSinceMs ??= nowMs;
  }
}

function withoutPings({ readTimeoutMs, writeTimeoutMs }: LivenessLimits): LivenessLimits {
  return { readTimeoutMs, writeTimeoutMs, pingPeriodMs: 0, pongTimeoutMs: 0 };
}

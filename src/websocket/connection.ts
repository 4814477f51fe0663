/**
 * The meta-process of one WebSocket: two loops on one socket.
 *
 * @module
 */

import type { Envelope, ExitReason, MetaBehavior, MetaProcess, Pid, Ref } from "../actor/mod.ts";
import { CLOSE_CODES } from "./close_codes.ts";
import { type ConnectMessage, isMessage, MESSAGE_TYPE, type OutgoingMessage } from "./messages.ts";
import type { TargetLostPolicy } from "./options.ts";
import { Outbox, type OutboxLimits } from "./outbox.ts";
import { assertOutgoing, closeFrameOf } from "./outgoing.ts";
import type { CloseInfo, Frame, Socket } from "./socket.ts";

/** Time for the peer to answer our close frame, in milliseconds. */
export const CLOSE_TIMEOUT_MS = 5_000;

/** What the connections of one handler share. */
export interface ConnectionSettings extends OutboxLimits {
  readonly maxMessageBytes: number;
  readonly targetLost: TargetLostPolicy;
  /** The next process, after the last one has gone. */
  nextTarget(): Pid | undefined;
  /** The connection has ended; its `disconnect` has been delivered if `reported`. */
  closed(connection: Connection, closeInfo: CloseInfo, reported: boolean): void;
}

/** What the handshake carried, for `connect`. */
export type ConnectInfo = Omit<ConnectMessage, "kind" | "id">;

/**
 * Reads the socket into the target process and writes what is sent to its alias.
 *
 * Order is kept in both directions. The target gets `connect` first and
 * `disconnect` last, exactly once; if it has gone by then, the parent gets it.
 */
export class Connection implements MetaBehavior {
  readonly stopTimeoutMs = CLOSE_TIMEOUT_MS + 1_000;
  readonly #socket: Socket;
  readonly #settings: ConnectionSettings;
  readonly #outbox: Outbox;
  /** Dropped after the handover, unless another target may have to be told. */
  #info: ConnectInfo | undefined;
  #target: Pid;
  #self: MetaProcess | undefined;
  #monitor: Ref | undefined;
  /** Whether some target has had a `connect` and no `disconnect`. */
  #announced = false;
  #closing: CloseInfo | undefined;
  #closeTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(socket: Socket, target: Pid, info: ConnectInfo, settings: ConnectionSettings) {
    this.#socket = socket;
    this.#target = target;
    this.#info = info;
    this.#settings = settings;
    this.#outbox = new Outbox(socket, settings);
  }

  async run(self: MetaProcess): Promise<void> {
    this.#self = self;
    self.onInspect(() => this.#describe());
    try {
      if (!this.#announce()) this.#targetGone();
      void this.#write(self);
      await this.#read(self);
    } finally {
      this.#finish();
    }
  }

  validate(message: unknown): void {
    assertOutgoing(message);
  }

  terminate(_reason: ExitReason): void {
    this.#socket.terminate();
    this.#finish();
  }

  /** Starts the closing handshake; ends without the peer after {@linkcode CLOSE_TIMEOUT_MS}. */
  close(code: number, reason: string): void {
    if (this.#closing !== undefined || this.#self === undefined) return;
    this.#closing = { code, reason };
    this.#socket.close(code, reason);
    this.#closeTimer = setTimeout(() => this.#socket.terminate(), CLOSE_TIMEOUT_MS);
  }

  async #read(self: MetaProcess): Promise<void> {
    for await (const frame of this.#socket) {
      // What arrives after our close frame is not for the application any more.
      if (this.#closing === undefined) this.#receive(self, frame);
    }
  }

  #receive(self: MetaProcess, { type, body }: Frame): void {
    if (isLonger(body, this.#settings.maxMessageBytes)) {
      const { code } = CLOSE_CODES.messageTooBig;
      return this.close(code, `longer than ${this.#settings.maxMessageBytes} bytes`);
    }
    const message = { kind: "message", id: self.id, type, body };
    let result = self.deliver(this.#target, message);
    if (result !== "accepted" && result !== "full") {
      this.#targetGone();
      if (this.#closing === undefined) result = self.deliver(this.#target, message);
    }
    if (result === "full") this.close(CLOSE_CODES.tryAgainLater.code, "mailbox full");
  }

  async #write(self: MetaProcess): Promise<void> {
    for await (const envelope of self) this.#handle(envelope);
    const stopped = self.signal.reason;
    const { code } = stopped === "shutdown" ? CLOSE_CODES.goingAway : CLOSE_CODES.serverError;
    this.close(code, stopped === "shutdown" ? "going away" : "");
  }

  #handle({ message, reply }: Envelope): void {
    if (isMessage(message)) {
      this.#send(message as OutgoingMessage);
      reply?.(true);
    } else if ((message as { ref?: Ref }).ref === this.#monitor) this.#targetGone();
  }

  #send(message: OutgoingMessage): void {
    if (this.#closing !== undefined) return;
    if ("body" in message) {
      if (this.#outbox.offer(message.type ?? MESSAGE_TYPE.text, message.body)) return;
      this.close(CLOSE_CODES.slowConsumer.code, "slow consumer");
    } else {
      const { code, reason } = closeFrameOf(message);
      this.close(code, reason);
    }
  }

  /** Tells the target of the connection; false if it has gone. */
  #announce(): boolean {
    const self = this.#self!;
    const result = self.deliver(this.#target, { kind: "connect", id: self.id, ...this.#info });
    if (result === "full") {
      this.close(CLOSE_CODES.tryAgainLater.code, "mailbox full");
      return true;
    }
    if (result !== "accepted") return false;
    this.#announced = true;
    this.#monitor = self.monitor(this.#target);
    if (this.#settings.targetLost === "close") this.#info = undefined;
    return true;
  }

  #targetGone(): void {
    const self = this.#self!;
    if (this.#closing !== undefined) return;
    if (this.#monitor !== undefined) self.demonitor(this.#monitor);
    this.#monitor = undefined;
    const next = this.#settings.targetLost === "next" ? this.#settings.nextTarget() : undefined;
    if (next === undefined) {
      return this.close(CLOSE_CODES.serverError.code, "process gone");
    }
    this.#target = next;
    if (!this.#announce()) this.#targetGone();
  }

  /** Reports the end, once. */
  #finish(): void {
    const self = this.#self;
    clearTimeout(this.#closeTimer);
    this.#self = undefined;
    if (self === undefined) return;
    const { code, reason } = this.#closing ?? this.#socket.closeInfo ??
      { code: CLOSE_CODES.abnormal.code, reason: "" };
    const reported = !this.#announced || this.#report(self, code, reason);
    this.#settings.closed(this, { code, reason }, reported);
  }

  #report(self: MetaProcess, code: number, reason: string): boolean {
    const message = { kind: "disconnect", id: self.id, code, reason };
    return self.deliver(this.#target, message, true) === "accepted" ||
      self.deliver(self.parent, message, true) === "accepted";
  }

  #describe(): Record<string, string | number> {
    return {
      target: this.#target,
      sendQueueBytes: this.#outbox.bytes,
      dropped: this.#outbox.dropped,
      closing: this.#closing?.code ?? 0,
    };
  }
}

/** Whether a text or bytes exceed a limit in bytes of UTF-8. */
function isLonger(body: string | Uint8Array, limitBytes: number): boolean {
  if (typeof body !== "string") return body.byteLength > limitBytes;
  // One UTF-16 unit takes one to three bytes: most texts need no counting.
  if (body.length * 3 <= limitBytes) return false;
  return body.length > limitBytes || new TextEncoder().encode(body).byteLength > limitBytes;
}

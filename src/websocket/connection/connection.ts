/**
 * The meta-process of one WebSocket: a loop over what arrives, and a writer of
 * what its mailbox hands it.
 *
 * @module
 */

import {
  type Envelope,
  type ExitReason,
  type InspectRecord,
  isDown,
  type MetaBehavior,
  type MetaProcess,
  type Pid,
  type Ref,
} from "../../actor/mod.ts";
import { type Clock, PatientTimer, SYSTEM_CLOCK } from "../../time/mod.ts";
import { isLonger } from "../../text/mod.ts";
import { CLOSE_CODES, closeFrameOfExit } from "../close_codes.ts";
import {
  type ConnectMessage,
  isMessage,
  type ListedConnection,
  MESSAGE_TYPE,
  type OutgoingMessage,
} from "../messages.ts";
import type { ConnectionObservation } from "../observation.ts";
import type { Login, RateLimit, TargetLostPolicy } from "../options.ts";
import type { CloseInfo, Frame, FrameTaker, Socket } from "../socket.ts";
import { type AsideHost, Asides, isAside } from "./asides.ts";
import { ABNORMAL, leaveTarget, reportEnd, watchTarget } from "./farewell.ts";
import { isKeepalivePong, KEEPALIVE } from "./keepalive.ts";
import { hostnameOf } from "./listed.ts";
import type { LivenessLimits } from "./liveness.ts";
import { type Handed, Outbox, type OutboxLimits, UNSENT, type Unsent } from "./outbox.ts";
import { assertOutgoing, closeFrameOf, typeOf } from "./outgoing.ts";
import { Pace } from "./pace.ts";
import { VitalSigns } from "./vital_signs.ts";
import { mayMove, movedTo } from "../targets.ts";
import type { Watched } from "./watch.ts";

/** Time that ending takes after the peer was given up, in milliseconds. */
const STOP_MARGIN_MS = 1_000;

/** Time that a peer which seems to be gone has to read why it is closed, in milliseconds. */
const EVICTION_MS = 1_000;

const PROCESS_GONE = [CLOSE_CODES.serverError.code, "process gone"] as const;

/** What the connections of one handler share. */
export interface ConnectionSettings extends OutboxLimits, LivenessLimits {
  readonly maxMessageBytes: number;
  readonly targetLost: TargetLostPolicy;
  readonly rateLimit: RateLimit | undefined;
  /** Time for the peer to answer our close frame, in milliseconds. */
  readonly closeTimeoutMs: number;
  /** The next process, after the last one has gone: of a name, or else of the pool. */
  nextTarget(name: string | undefined): Pid | undefined;
  /**
   * The connection has ended; its `disconnect`, where there was a `connect`, has
   * been delivered if `reported`. May come twice.
   */
  closed(connection: WebSocketConnection, reported: boolean): void;
}

/** What the handshake carried, for `connect`. */
export type ConnectInfo = Omit<ConnectMessage, "kind" | "id">;

/**
 * Reads the socket into the target process and writes what is sent to its alias.
 *
 * Order is kept in both directions. The target gets `connect` first and
 * `disconnect` last, exactly once; if it has gone by then, the parent gets it.
 * A target that takes over gets its own `connect` first.
 */
export class WebSocketConnection implements AsideHost, FrameTaker, MetaBehavior, Watched {
  readonly #socket: Socket;
  readonly #settings: ConnectionSettings;
  readonly #outbox: Outbox;
  readonly #observed: ConnectionObservation;
  #lazyPace: Pace | undefined;
  readonly #signs = new VitalSigns();
  /** Dropped after the handover, unless another target may have to be told. */
  #info: ConnectInfo | undefined;
  #target: Pid;
  /** What to look for when the target has gone, if it is not the pool. */
  readonly #targetName: string | undefined;
  #self: MetaProcess | undefined;
  #monitor: Ref | undefined;
  /** Whether some target has had a `connect` and no `disconnect`. */
  #announced = false;
  #closing: CloseInfo | undefined;
  #closeTimer: PatientTimer | undefined;
  /** Absent until somebody asks, where nobody has logged in. */
  #asides: Asides | undefined;
  /** With what it is closed instead of being announced. */
  #barred: CloseInfo | undefined;
  /** `ip:port` of the peer. */
  readonly remoteAddr: string;
  #openedMs = 0;

  constructor(
    socket: Socket,
    target: Pid,
    info: ConnectInfo,
    settings: ConnectionSettings,
    observed: ConnectionObservation,
    { targetName, login }: { readonly targetName?: string; readonly login?: Login } = {},
  ) {
    this.#socket = socket;
    this.#target = target;
    this.#targetName = targetName;
    this.#info = info;
    this.remoteAddr = info.remoteAddr;
    this.#settings = settings;
    this.#observed = observed;
    this.#outbox = new Outbox(socket, settings, observed);
    if (login !== undefined) this.#asides = new Asides(this, login);
  }

  get stopTimeoutMs(): number {
    return this.#settings.closeTimeoutMs + STOP_MARGIN_MS;
  }

  /** Ends when everything was read: a promise for that would take memory for each connection. */
  run(self: MetaProcess): undefined {
    this.#self = self;
    // Whole milliseconds take no memory of their own.
    this.#openedMs = Math.trunc(self.clock.now());
    this.#observed.opened(self.id);
    this.#asides?.start(self.clock);
    const { code, reason } = this.#barred ?? {};
    if (code !== undefined) this.close(code, reason!);
    // The target may be stopping by now: then another one may have it.
    else if (!this.#announce(this.#target) && !this.#handOver()) this.close(...PROCESS_GONE);
    this.#socket.frames.handTo(this);
    return undefined;
  }

  /** Before it runs: it is closed, and no target hears of it. */
  bar(code: number, reason: string): void {
    this.#barred = { code, reason };
  }

  validate(message: unknown, round?: object): void {
    if (isAside(message)) (this.#asides ??= new Asides(this, undefined)).validate(message);
    else assertOutgoing(message, round);
  }

  /** The writer: it has nothing to do, and waits for nothing, while nothing is sent. */
  receive(envelope: Envelope): void {
    try {
      this.#write(envelope);
    } catch (error) {
      this.#self?.log.error("A message could not be written: {error}", { error });
      envelope.reply?.(error);
      this.close(CLOSE_CODES.serverError.code, "");
    }
  }

  stop(why: ExitReason): void {
    const { code, reason } = closeFrameOfExit(why);
    this.close(code, reason);
  }

  terminate(_reason: ExitReason): void {
    this.#socket.terminate();
    this.#finish();
  }

  sendText(body: string): void {
    this.#send({ kind: "message", type: MESSAGE_TYPE.text, body }, undefined);
  }

  /** Starts the closing handshake; ends without the peer after `closeTimeoutMs`. */
  close(code: number, reason: string, timeoutMs: number = this.#settings.closeTimeoutMs): void {
    if (this.#closing !== undefined) return;
    this.#closing = { code, reason };
    this.#closeTimer = new PatientTimer(() => this.#socket.terminate(), timeoutMs, this.#clock);
    this.#lazyPace?.release();
    try {
      this.#outbox.flush();
      this.#socket.close(code, reason);
    } catch (error) {
      // It is closed with others: none of them waits for what this one cannot write.
      this.#self?.log.error("A close frame could not be written: {error}", { error });
      this.#socket.terminate();
    }
  }

  /** Pings the peer or gives it up, as the limits say. */
  look(nowMs: number): void {
    if (this.#closing !== undefined) return;
    switch (
      this.#signs.look(this.#socket, this.#settings, this.#lazyPace?.isPaused ?? false, nowMs)
    ) {
      case "ping":
        return void this.#socket.send(MESSAGE_TYPE.ping, KEEPALIVE);
      case "noPong":
        return this.#evict(CLOSE_CODES.noPong.code, "no pong");
      case "readTimeout":
        return this.#evict(CLOSE_CODES.policyViolation.code, "read timeout");
      case "writeTimeout":
        this.#observed.slow();
        return this.#evict(CLOSE_CODES.slowConsumer.code, "write timeout");
    }
  }

  /** Closes for a peer that seems to be gone: what waits for it would keep it from hearing why. */
  #evict(code: number, reason: string): void {
    this.#outbox.end();
    this.close(code, reason, EVICTION_MS);
  }

  takeFrame(frame: Frame): Promise<void> | undefined {
    const self = this.#self;
    // What arrives after our close frame is not for the application any more.
    if (self === undefined || this.#closing !== undefined) return undefined;
    return this.#onFrame(self, frame);
  }

  readingEnded(...failure: [] | [error: unknown]): void {
    const self = this.#self;
    this.#finish();
    self?.end(...failure);
  }

  /** Takes a frame; returns what to wait for before the next one is read. */
  #onFrame(self: MetaProcess, frame: Frame): Promise<void> | undefined {
    const { type, body } = frame;
    this.#signs.heard = true;
    const { maxMessageBytes, rateLimit } = this.#settings;
    if (isKeepalivePong(frame)) return rateLimit && this.#keepRate(rateLimit);
    const isTooLong = frame.bytes === undefined
      ? isLonger(body, maxMessageBytes)
      : frame.bytes > maxMessageBytes;
    if (isTooLong) {
      this.close(CLOSE_CODES.messageTooBig.code, `longer than ${maxMessageBytes} bytes`);
      return undefined;
    }
    if (type === MESSAGE_TYPE.text || type === MESSAGE_TYPE.binary) {
      this.#signs.gotMessage = true;
      this.#observed.received(body, frame.bytes);
      if (this.#asides?.takes(body)) return rateLimit && this.#keepRate(rateLimit);
    }
    if (this.#socket.pause !== undefined && self.capacity(this.#target) !== undefined) {
      return this.#deliverWithRoom(self, frame);
    }
    this.#deliver(self, frame);
    return rateLimit === undefined ? undefined : this.#keepRate(rateLimit);
  }

  async #deliverWithRoom(self: MetaProcess, frame: Frame): Promise<void> {
    await this.#pace.awaitRoom(() => self.capacity(this.#target));
    if (this.#closing === undefined) this.#deliver(self, frame);
    const { rateLimit } = this.#settings;
    if (rateLimit !== undefined) await this.#keepRate(rateLimit);
  }

  async #keepRate(rateLimit: RateLimit): Promise<void> {
    const code = await this.#pace.keepRate(rateLimit);
    if (code !== undefined) this.close(code, "rate limited");
  }

  /** That of the node; before it is spawned nothing waits. */
  get #clock(): Clock {
    return this.#self?.clock ?? SYSTEM_CLOCK;
  }

  get #pace(): Pace {
    return this.#lazyPace ??= new Pace(this.#socket, this.#clock);
  }

  #deliver(self: MetaProcess, { type, body }: Frame): void {
    const { trace } = this.#observed;
    const message = trace === undefined
      ? { kind: "message", id: self.id, type, body }
      : { kind: "message", id: self.id, type, body, trace };
    let result = self.sendUnchecked(this.#target, message);
    if (result !== "accepted" && result !== "full") {
      this.#targetGone();
      if (this.#closing === undefined) result = self.sendUnchecked(this.#target, message);
    }
    if (result === "full") this.close(CLOSE_CODES.tryAgainLater.code, "mailbox full");
  }

  #write(envelope: Envelope): void {
    const { message, reply } = envelope;
    if (isDown(envelope)) {
      if (envelope.message.ref === this.#monitor) this.#targetGone();
    } else if (isMessage(message)) {
      this.#send(message as OutgoingMessage, reply && ((unsent) => answer(reply, unsent)));
    } else if (isAside(message)) {
      (this.#asides ??= new Asides(this, undefined)).receive(message, reply);
    }
  }

  #send(message: OutgoingMessage, handed: Handed | undefined): void {
    if (this.#closing !== undefined) return handed?.(UNSENT.closing);
    if (this.#socket.closeInfo !== undefined) return handed?.(UNSENT.ended);
    if (message.type === MESSAGE_TYPE.close) {
      const { code, reason } = closeFrameOf(message);
      this.close(code, reason);
      return handed?.(undefined);
    }
    if (this.#outbox.offer(typeOf(message.type, message.body), message.body, handed)) return;
    this.#observed.slow();
    this.close(CLOSE_CODES.slowConsumer.code, "slow consumer");
  }

  /** Tells a process that it is the target; false if it has gone. */
  #announce(target: Pid): boolean {
    const self = this.#self!;
    const { trace } = this.#observed;
    const traced = trace === undefined ? {} : { trace };
    const connect = { kind: "connect", id: self.id, ...this.#info, ...traced };
    const result = self.sendUnchecked(target, connect);
    if (result === "full") {
      this.close(CLOSE_CODES.tryAgainLater.code, "mailbox full");
      return true;
    }
    if (result !== "accepted") return false;
    this.#announced = true;
    this.#target = target;
    this.#monitor = watchTarget(self, target);
    if (this.#settings.targetLost === "close" && !mayMove(self, target)) this.#info = undefined;
    return true;
  }

  #targetGone(): void {
    const self = this.#self!;
    if (this.#closing !== undefined) return;
    if (this.#monitor !== undefined) leaveTarget(self, this.#target, this.#monitor);
    this.#monitor = undefined;
    const moved = movedTo(self, this.#target);
    const goesOn = moved !== undefined || this.#settings.targetLost === "next";
    if (!goesOn || !this.#handOver(moved)) this.close(...PROCESS_GONE);
  }

  /** Finds another target; false if there is none. */
  #handOver(name: string | undefined = this.#targetName): boolean {
    // A name may lead to a process that is stopping: each is asked once.
    const asked = new Set<Pid>();
    for (;;) {
      const next = this.#settings.nextTarget(name);
      if (next === undefined || asked.has(next)) return false;
      if (this.#announce(next)) return true;
      asked.add(next);
    }
  }

  /** Reports the end, once; from here on nothing is received or sent. */
  #finish(): void {
    this.#closeTimer?.[Symbol.dispose]();
    this.#asides?.[Symbol.dispose]();
    this.#lazyPace?.release();
    const { code, reason } = this.#closing ??= this.#socket.closeInfo ?? ABNORMAL;
    this.#outbox.end();
    const self = this.#self;
    this.#self = undefined;
    const reported = self === undefined || !this.#announced ||
      reportEnd(self, this.#target, this.#monitor, { code, reason });
    this.#observed.closed(code, reason);
    this.#settings.closed(this, reported);
  }

  /** As a list of connections shows it; absent before it is open and once it is closing. */
  get listed(): ListedConnection | undefined {
    if (this.#self === undefined || this.#closing !== undefined) return undefined;
    const { id, clock } = this.#self;
    const openMs = Math.round(clock.now() - this.#openedMs);
    const user = this.#asides?.user;
    const ip = hostnameOf(this.remoteAddr);
    return { id, remoteAddr: this.remoteAddr, ip, ...user !== undefined && { user }, openMs };
  }

  inspect(): InspectRecord {
    return {
      target: this.#self?.placed(this.#target)?.name ?? this.#target,
      sendQueueBytes: this.#outbox.bytes,
      dropped: this.#outbox.dropped,
      closing: this.#closing?.code ?? 0,
    };
  }
}

/** Answers a call: true for what was handed to the transport, an error for what was not. */
function answer(reply: NonNullable<Envelope["reply"]>, unsent: Unsent | undefined): void {
  reply(unsent === undefined ? true : new Error(`Cannot send a message: ${unsent}`));
}

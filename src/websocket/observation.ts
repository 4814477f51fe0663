/**
 * What is counted and traced of handshakes and connections.
 *
 * @module
 */

import type { MetaProcess } from "../actor/mod.ts";
import type { EndpointMeter, TraceSpan } from "../telemetry/mod.ts";
import type { Refusal } from "./handshake/handshake.ts";
import type { ConnectMessage } from "./messages.ts";

/** Reasons of refusals by status, where the refusal itself names none. */
const REASONS: Readonly<Record<number, string>> = Object.freeze({
  400: "bad_request",
  403: "origin",
  405: "method",
  408: "timeout",
  426: "no_upgrade",
  429: "address_limit",
  431: "headers_too_large",
  501: "engine",
  503: "unavailable",
});

/** What is told of a handshake. */
type SeenHandshake = Pick<ConnectMessage, "remoteAddr" | "url" | "headers">;

/** A handshake, from its request to its answer. */
export class HandshakeObservation {
  readonly #meter: EndpointMeter | undefined;
  readonly #span: TraceSpan | undefined;
  readonly #attributes: Readonly<Record<"troupe.endpoint" | "client.address", string>>;

  /**
   * Begins. Without the meta-process of the handler nothing can be told to
   * anybody; without what the handshake says it is counted and not traced.
   * Whether its span `inherits` is said in `SpanOptions`.
   */
  constructor(
    endpoint: string,
    self: MetaProcess | undefined,
    connect: SeenHandshake | undefined,
    inherits: boolean,
  ) {
    this.#meter = self?.telemetry.endpoint(endpoint);
    const headers = connect?.headers;
    this.#span = headers && self?.telemetry.span("accept", { headers, inherits });
    const clientAddress = connect?.remoteAddr ?? "";
    this.#attributes = { "troupe.endpoint": endpoint, "client.address": clientAddress };
    if (this.#span === undefined) return;
    const path = URL.parse(connect?.url ?? "")?.pathname;
    this.#span.set({ ...this.#attributes, "url.path": path });
  }

  /** It was answered with an error. */
  refused({ status, reason, cause }: Refusal): void {
    this.#meter?.refused(cause ?? REASONS[status] ?? "error");
    this.#span?.set({ "http.response.status_code": status });
    if (status >= 500) this.#span?.fail(reason);
    this.#span?.end();
  }

  /** The client left in mid-upgrade. */
  lost(): void {
    this.#meter?.refused("lost");
    this.#span?.fail("the connection was lost");
    this.#span?.end();
  }

  /** It was upgraded; the connection is observed from here. */
  accepted(): ConnectionObservation {
    this.#span?.set({ "http.response.status_code": 101 });
    const span = this.#span?.child("connection", this.#attributes);
    this.#span?.end();
    return new ConnectionObservation(this.#meter, span);
  }
}

/** A connection, from its upgrade to its end. */
export class ConnectionObservation {
  /** Identity of its span, for the messages that come in; `undefined` if there is none. */
  readonly trace: string | undefined;
  readonly #meter: EndpointMeter | undefined;
  readonly #span: TraceSpan | undefined;
  #isOpen = false;
  #isClosed = false;
  #isSlow = false;

  constructor(meter: EndpointMeter | undefined, span: TraceSpan | undefined) {
    this.#meter = meter;
    this.#span = span;
    this.trace = span?.traceparent;
  }

  /** It has its address. */
  opened(id: string): void {
    this.#isOpen = true;
    this.#meter?.opened();
    this.#span?.set({ "troupe.connection.id": id });
  }

  /** It has ended; the first call counts. */
  closed(code: number, reason: string): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (this.#isOpen) this.#meter?.closed(code);
    this.#span?.set({ "troupe.close.code": code, "troupe.close.reason": reason });
    this.#span?.end();
  }

  /** A message has arrived; `bytes` is its length, if it is known. */
  received(body: string | Uint8Array, bytes?: number): void {
    this.#meter?.received(body, bytes);
  }

  /** A message was handed to the transport; `bytes` is its length, if it is known. */
  sent(body: string | Uint8Array, bytes?: number): void {
    this.#meter?.sent(body, bytes);
  }

  /** Messages to it were not sent: they made room for newer ones, or it ended. */
  dropped(count: number): void {
    if (count > 0) this.#meter?.dropped(count);
  }

  /** Its client reads too slowly; counted once. */
  slow(): void {
    if (!this.#isSlow) this.#meter?.slow();
    this.#isSlow = true;
  }
}

/** Endpoint of the connections that this program has dialed. */
const DIALED = "(dialed)";

/** Observes a connection to another server. */
export function observeDialed(self: MetaProcess, remoteAddr: string): ConnectionObservation {
  const attributes = { "troupe.endpoint": DIALED, "client.address": remoteAddr };
  const span = self.telemetry.span("connection", { attributes });
  return new ConnectionObservation(self.telemetry.endpoint(DIALED), span);
}

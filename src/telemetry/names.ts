/**
 * Every span and metric that Troupe has: name, unit, attributes, meaning.
 *
 * The reference in the documentation is made from these tables.
 *
 * @module
 */

/** How a metric behaves: only rises, rises and falls, is a reading, or counts into buckets. */
export type MetricKind = "counter" | "updown" | "gauge" | "histogram";

/** One metric. */
export interface MetricDefinition {
  /** Name; on `/metrics` with `_` for `.`, and a counter ends in `_total`. */
  readonly name: string;
  /** How it behaves. */
  readonly kind: MetricKind;
  /** Unit, as in UCUM: `s`, `By`, or what is counted, in braces. */
  readonly unit: string;
  /** Names of its attributes. */
  readonly attributes: readonly string[];
  /** What it counts. */
  readonly description: string;
  /** Upper bounds of the buckets of a histogram, in its unit. */
  readonly boundaries?: readonly number[];
}

/** What one kind of span is called and means. */
export interface SpanDefinition {
  /** Name. */
  readonly name: string;
  /** What it is a child of. */
  readonly parent: string;
  /** Names of its attributes. */
  readonly attributes: readonly string[];
  /** What it spans. */
  readonly description: string;
}

/** Keys of {@linkcode METRICS}. */
export type MetricName =
  | "connections"
  | "connectionsActive"
  | "startTimestamp"
  | "started"
  | "connectionsClosed"
  | "handshakesRefused"
  | "messagesReceived"
  | "messagesSent"
  | "bytesReceived"
  | "bytesSent"
  | "messagesDropped"
  | "consumersSlow"
  | "mailboxDepth"
  | "mailboxOverflows"
  | "remoteRefusals"
  | "processRestarts"
  | "webhooks"
  | "apiRequests"
  | "logins"
  | "callDuration"
  | "eventLoopLag";

/** Keys of {@linkcode SPANS}. */
export type SpanName =
  | "start"
  | "stop"
  | "accept"
  | "connection"
  | "handle"
  | "echo"
  | "subscribe"
  | "unsubscribe"
  | "heartbeat"
  | "closeClientConnections"
  | "apiRequest"
  | "deliver";

/** Upper bounds of the buckets of durations, in seconds. */
const DURATIONS: readonly number[] = Object.freeze([
  0.0005,
  0.001,
  0.005,
  0.01,
  0.05,
  0.1,
  0.5,
  1,
  5,
]);

function metric(
  name: string,
  kind: MetricKind,
  unit: string,
  attributes: readonly string[],
  description: string,
): MetricDefinition {
  const boundaries = kind === "histogram" ? { boundaries: DURATIONS } : {};
  return Object.freeze({ name, kind, unit, attributes, description, ...boundaries });
}

const ENDPOINT = ["endpoint"] as const;

/** Every metric, by a name for use in code. The first four are those of seed 004. */
export const METRICS: Readonly<Record<MetricName, MetricDefinition>> = Object.freeze({
  connections: metric(
    "troupe.connections",
    "counter",
    "{connection}",
    ENDPOINT,
    "Connections opened since the start.",
  ),
  connectionsActive: metric(
    "troupe.connections.active",
    "updown",
    "{connection}",
    ENDPOINT,
    "Connections that are open now.",
  ),
  startTimestamp: metric(
    "troupe.start.timestamp",
    "gauge",
    "s",
    [],
    "When the server was started, in seconds since 1970; 0 while it is stopped.",
  ),
  started: metric(
    "troupe.started",
    "gauge",
    "1",
    [],
    "1 from the start of the server to its stop, else 0.",
  ),
  connectionsClosed: metric(
    "troupe.connections.closed",
    "counter",
    "{connection}",
    ["endpoint", "code"],
    "Connections that ended, by close code.",
  ),
  handshakesRefused: metric(
    "troupe.handshakes.refused",
    "counter",
    "{handshake}",
    ["endpoint", "reason"],
    "Handshakes that were answered with an error.",
  ),
  messagesReceived: metric(
    "troupe.messages.received",
    "counter",
    "{message}",
    ENDPOINT,
    "Messages that clients sent.",
  ),
  messagesSent: metric(
    "troupe.messages.sent",
    "counter",
    "{message}",
    ENDPOINT,
    "Messages that were handed to the transport.",
  ),
  bytesReceived: metric(
    "troupe.bytes.received",
    "counter",
    "By",
    ENDPOINT,
    "Bytes of the messages that clients sent, without framing.",
  ),
  bytesSent: metric(
    "troupe.bytes.sent",
    "counter",
    "By",
    ENDPOINT,
    "Bytes of the messages that were handed to the transport, without framing.",
  ),
  messagesDropped: metric(
    "troupe.messages.dropped",
    "counter",
    "{message}",
    ENDPOINT,
    "Messages to slow clients that made room for newer ones, or waited when they left.",
  ),
  consumersSlow: metric(
    "troupe.consumers.slow",
    "counter",
    "{connection}",
    ENDPOINT,
    "Connections that were closed, or lost messages, because the client read too slowly.",
  ),
  mailboxDepth: metric(
    "troupe.mailbox.depth",
    "updown",
    "{message}",
    ["kind", "process"],
    "Messages that wait in mailboxes.",
  ),
  mailboxOverflows: metric(
    "troupe.mailbox.overflows",
    "counter",
    "{message}",
    ["kind", "process"],
    "Messages refused because a mailbox was full.",
  ),
  remoteRefusals: metric(
    "troupe.remote.refusals",
    "counter",
    "{message}",
    ["node"],
    "Messages from another node that the actor they were for refused.",
  ),
  processRestarts: metric(
    "troupe.process.restarts",
    "counter",
    "{restart}",
    ["process"],
    "Processes that a supervisor started again.",
  ),
  webhooks: metric(
    "troupe.webhooks",
    "counter",
    "{event}",
    ["event", "outcome"],
    "Webhooks by what became of them.",
  ),
  apiRequests: metric(
    "troupe.api.requests",
    "counter",
    "{request}",
    ["route", "outcome"],
    "Requests to the operator's API, by route and status, or by why they were refused.",
  ),
  logins: metric(
    "troupe.logins",
    "counter",
    "{login}",
    ["endpoint", "outcome"],
    "Tokens that clients showed: `accepted`, `renewed`, or what was wrong with them.",
  ),
  callDuration: metric(
    "troupe.call.duration",
    "histogram",
    "s",
    ["outcome"],
    "Time from a call to its reply or its error.",
  ),
  eventLoopLag: metric(
    "troupe.event_loop.lag",
    "histogram",
    "s",
    [],
    "How late a timer fired: what else kept the thread busy.",
  ),
});

const CONNECTION_ID = "troupe.connection.id";
const REQUEST = ["troupe.request.id", "troupe.error.code"] as const;

function span(
  name: string,
  parent: string,
  attributes: readonly string[],
  description: string,
): SpanDefinition {
  return Object.freeze({ name, parent, attributes, description });
}

/** Every span, by a name for use in code (seed 004). */
export const SPANS: Readonly<Record<SpanName, SpanDefinition>> = Object.freeze({
  start: span(
    "start",
    "the caller",
    ["troupe.node", "server.address", "server.port"],
    "From the start of a server until it listens.",
  ),
  stop: span("stop", "the caller", ["troupe.node", "troupe.connections"], "Stopping a server."),
  accept: span(
    "accept",
    "the client (`traceparent`)",
    ["troupe.endpoint", "url.path", "client.address", "http.response.status_code"],
    "A handshake, from request to upgrade or refusal.",
  ),
  connection: span(
    "connection",
    "`accept`",
    [
      "troupe.endpoint",
      CONNECTION_ID,
      "client.address",
      "troupe.close.code",
      "troupe.close.reason",
    ],
    "A connection, from upgrade to end.",
  ),
  handle: span(
    "handle",
    "`connection`",
    [CONNECTION_ID, "troupe.message.type", "troupe.error.code"],
    "One message, from mailbox to reply.",
  ),
  echo: span("echo", "`handle`", REQUEST, "An echo request."),
  subscribe: span("subscribe", "`handle`", ["troupe.topic", ...REQUEST], "A subscribe request."),
  unsubscribe: span(
    "unsubscribe",
    "`handle`",
    ["troupe.topic", ...REQUEST],
    "An unsubscribe request.",
  ),
  heartbeat: span(
    "heartbeat",
    "`connection`",
    ["troupe.topic", CONNECTION_ID],
    "One heartbeat to one subscriber.",
  ),
  closeClientConnections: span(
    "close client connections",
    "the caller (`trace` of the message)",
    ["troupe.close.code", "troupe.close.reason", "troupe.connections"],
    "Closing all connections of a topics process.",
  ),
  apiRequest: span(
    "api request",
    "who asks (`traceparent`)",
    ["troupe.api.route", "http.request.method", "http.response.status_code"],
    "A request to the operator's API; each one of a batch below the batch.",
  ),
  deliver: span(
    "deliver",
    "`api request`",
    ["troupe.node", "troupe.connections", "troupe.send.result"],
    "What one node delivers for a request: a publication, a message, closing.",
  ),
});

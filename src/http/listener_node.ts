/**
 * The listener that carries every engine: `node:http`, or `node:https` with TLS.
 *
 * @module
 */

import { getRequestListener, RequestError } from "@hono/node-server";
import {
  createServer as createHttpServer,
  type IncomingMessage,
  type Server as HttpServer,
  ServerResponse,
} from "node:http";
import { createServer as createHttpsServer, type Server as HttpsServer } from "node:https";
import { type AddressInfo, type ListenOptions, Server as NetServer, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { getLogger } from "../telemetry/mod.ts";
import { inTime, LATE } from "../time/mod.ts";
import {
  asksForWebSocket,
  HANDSHAKE_LIMITS,
  loadWsEngine,
  type RequestInfo,
  targetOf,
} from "../websocket/mod.ts";
import { AnswersDue } from "./answers_due.ts";
import { watchAccepting } from "./accept_watch.ts";
import { findMostConnections } from "./descriptors.ts";
import { type Listener, type ListenerOptions, toRequestInfo } from "./listener_types.ts";
import { keepPatience } from "./header_patience.ts";
import { Relistener } from "./relisten.ts";
import { answerBadTarget, withParams } from "./routes.ts";

const log = getLogger(["troupe", "server"]);

type NodeServer = HttpServer | HttpsServer;
type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** Stands in for a target that cannot be read, which is answered with 400. */
const NOWHERE = "http://localhost/";

/** Bounds of how often the deadlines of open requests are looked at, in milliseconds. */
const CHECK_PERIOD = Object.freeze({ share: 0.1, leastMs: 20, mostMs: 1000 });

/** How often deadlines are looked at, so that each is met within `handshakeTimeoutMs`. */
export function planDeadlines(
  handshakeTimeoutMs: number,
): { readonly deadlineMs: number; readonly checkMs: number } {
  const wanted = Math.floor(handshakeTimeoutMs * CHECK_PERIOD.share);
  const checkMs = Math.min(Math.max(wanted, CHECK_PERIOD.leastMs), CHECK_PERIOD.mostMs);
  return { checkMs, deadlineMs: Math.max(1, handshakeTimeoutMs - checkMs) };
}

/** Path of a request's target, be it a path or a whole URL; empty if it is neither. */
export function pathOf(target: string): string {
  const url = target.startsWith("/") ? `http://localhost${target}` : target;
  return URL.parse(url)?.pathname ?? "";
}

function infoOf(request: IncomingMessage, options: ListenerOptions): RequestInfo {
  const { remoteAddress = "", remotePort = 0, localAddress = "", localPort = 0 } = request.socket;
  const peer = { transport: "tcp", hostname: remoteAddress, port: remotePort } as const;
  const header = (name: string) => request.headers[name]?.toString();
  const localAddr = { transport: "tcp", hostname: localAddress, port: localPort } as const;
  return toRequestInfo(options.clientOf(peer, header), localAddr, options);
}

function answerError(error: unknown): Response {
  if (error instanceof RequestError) {
    return new Response("Cannot answer: the request has no valid target and host\n", {
      status: 400,
    });
  }
  log.error("A request failed: {error}", { error });
  return new Response("Internal server error\n", { status: 500 });
}

/** Its connection ends with the answer, so that an unwanted upload is not read to its end. */
function hasBody({ headers }: IncomingMessage): boolean {
  return headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;
}

/** Answers requests, those with too many headers too: Node would leave out the rest of them. */
function createAnswer(options: ListenerOptions, due: AnswersDue): Answer {
  const misdirected = new WeakMap<object, string>();
  const adapted = getRequestListener(
    (request, { incoming }) => {
      const why = misdirected.get(incoming);
      if (why !== undefined) return answerBadTarget(why);
      return options.routes(request, infoOf(incoming as IncomingMessage, options));
    },
    // What this server answers reads no body, so there is none to clean up after.
    { overrideGlobalObjects: false, errorHandler: answerError, autoCleanupIncoming: false },
  );
  return (request, response) => {
    due.add(request.socket, response);
    const count = request.rawHeaders.length / 2;
    const target = targetOf(request);
    if ("wrong" in target) misdirected.set(request, target.wrong);
    // A whole URL is taken as it is; of a path and a host the adapter has an opinion of its own.
    request.url = "wrong" in target ? NOWHERE : target.url;
    if (hasBody(request)) response.setHeader("connection", "close");
    if (count <= HANDSHAKE_LIMITS.headers) return void adapted(request, response);
    response.writeHead(431, { "content-type": "text/plain", connection: "close" });
    response.end(
      `Cannot answer: got ${count} headers, expected at most ${HANDSHAKE_LIMITS.headers}\n`,
    );
  };
}

/** Answers an upgrade as if it were a plain request, and closes. */
function answerPlainly(answer: Answer, request: IncomingMessage, socket: Socket): void {
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(socket);
  response.on("finish", () => {
    response.detachSocket(socket);
    // A peer that does not end its half is not waited for.
    socket.end(() => socket.destroy());
  });
  answer(request, response);
}

function createUpgrade(options: ListenerOptions, answer: Answer, due: AnswersDue) {
  return async (request: IncomingMessage, socket: Duplex, head: Uint8Array) => {
    // The server has taken its own listener away, and a reset may come at any time.
    socket.on("error", (error) => log.debug("An upgrade broke off: {error}", { error }));
    const before = due.allGiven(socket);
    if (before !== undefined && await inTime(before, options.handshakeTimeoutMs) === LATE) {
      return socket.destroy();
    }
    const target = targetOf(request);
    const found = "wrong" in target ? undefined : options.endpoints.find(pathOf(target.url));
    if (found === undefined || found === "malformed") {
      return answerPlainly(answer, request, socket as Socket);
    }
    try {
      const info = withParams(infoOf(request, options), found);
      await found.endpoint.upgrade(request, socket, head, info);
    } catch (error) {
      log.error("An upgrade failed: {error}", { error });
      socket.destroy();
    }
  };
}

function createNodeServer(options: ListenerOptions): NodeServer {
  const { certificate, handshakeTimeoutMs } = options;
  const { deadlineMs, checkMs } = planDeadlines(handshakeTimeoutMs);
  const due = new AnswersDue();
  const answer = createAnswer(options, due);
  const settings = {
    keepAliveTimeout: options.keepAliveTimeoutMs,
    headersTimeout: deadlineMs,
    requestTimeout: deadlineMs,
    connectionsCheckingInterval: checkMs,
    maxHeaderSize: HANDSHAKE_LIMITS.headerBytes,
    // Any other upgrade, such as curl's to HTTP/2, is left out and the request answered.
    shouldUpgradeCallback: ({ headers }: IncomingMessage) => asksForWebSocket(headers.upgrade),
  };
  const server = certificate === undefined
    ? createHttpServer(settings, answer)
    : createHttpsServer({ ...settings, ...certificate, handshakeTimeout: deadlineMs }, answer);
  server.maxHeadersCount = 0;
  const mostConnections = findMostConnections(options.maxOpenFiles);
  if (mostConnections !== undefined) server.maxConnections = mostConnections;
  server.on("upgrade", createUpgrade(options, answer, due));
  server.on("tlsClientError", (error) => log.debug("A TLS handshake failed: {error}", { error }));
  return server;
}

/** Where a server listens. */
interface Place extends Pick<ListenerOptions, "hostname" | "port" | "reusesPort"> {}

async function startListening(
  server: NodeServer,
  { hostname, port, reusesPort = false }: Place,
): Promise<void> {
  const started = Promise.withResolvers<void>();
  server.once("error", started.reject);
  server.listen({ port, host: hostname, reusePort: reusesPort } as ListenOptions, started.resolve);
  await started.promise;
  server.off("error", started.reject);
}

/**
 * Listens anew on the same address. Open connections stay.
 *
 * @throws {Error} If the address cannot be had again.
 */
async function listenAgain(server: NodeServer, place: Place): Promise<void> {
  // Of the server's own `close`, only the part that does not end idle connections.
  NetServer.prototype.close.call(server);
  await startListening(server, place);
}

/** Starts a server of Node's kind. Rejects with the system's error. */
export async function listenNode(options: ListenerOptions): Promise<Listener> {
  await loadWsEngine();
  const server = createNodeServer(options);
  // Before the server's own looks begin, with the start of listening.
  using stack = new DisposableStack();
  const { checkMs } = planDeadlines(options.handshakeTimeoutMs);
  const patience = stack.use(keepPatience(server, checkMs));
  await startListening(server, options);
  server.on("error", (error) => log.error("The listener failed: {error}", { error }));
  const { address, port } = server.address() as AddressInfo;
  const addr: Deno.NetAddr = { transport: "tcp", hostname: address, port };
  const relistener = new Relistener(() =>
    listenAgain(server, { hostname: address, port, reusesPort: options.reusesPort })
  );
  const watch = watchAccepting(server, addr, (isWell) => {
    if (isWell) return relistener.isWell();
    const why = "Nothing is accepted any more, as when file descriptors run out";
    relistener.start(why, { atOnce: true });
  });
  // From here on it ends with the listener.
  stack.move();
  return {
    addr,
    get isListening() {
      return relistener.isListening;
    },
    async shutdown(graceMs) {
      watch[Symbol.dispose]();
      relistener[Symbol.dispose]();
      patience[Symbol.dispose]();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      const timer = setTimeout(() => server.closeAllConnections(), graceMs);
      await closed.finally(() => clearTimeout(timer));
    },
    replaceCertificate: (certificate) => {
      if ("setSecureContext" in server) server.setSecureContext({ ...certificate });
    },
  };
}

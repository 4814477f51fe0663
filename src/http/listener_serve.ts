/**
 * The listener whose endpoints all have the engine `native`: `Deno.serve`.
 *
 * @module
 */

import { getLogger } from "../telemetry/mod.ts";
import { readTarget } from "../websocket/mod.ts";
import { type Listener, type ListenerOptions, toRequestInfo } from "./listener_types.ts";
import { Relistener } from "./relisten.ts";
import { answerBadTarget } from "./routes.ts";

const log = getLogger(["troupe", "server"]);

const WILDCARDS = ["0.0.0.0", "::"];

/** Deno makes one URL of a path and the host; told apart again, an error shows what was sent. */
function targetAsSent(url: string, host: string | undefined): string {
  const origin = `${/^https?:\/\//.exec(url)?.[0]}${host}`;
  return host !== undefined && url.startsWith(`${origin}/`) ? url.slice(origin.length) : url;
}

/** The answer to `HEAD`: over HTTP/2 Deno sends the body that it is given, which is an error there. */
async function withoutBody(response: Response): Promise<Response> {
  const { status, headers } = response;
  if (response.body === null) return response;
  headers.set("content-length", String((await response.arrayBuffer()).byteLength));
  return new Response(null, { status, headers });
}

/**
 * Starts a `Deno.serve`. When it ends because there were no file descriptors
 * left to accept with, it is started again until that works; open connections
 * outlive it.
 */
export function listenServe(options: ListenerOptions): Listener {
  const { hostname, certificate = {}, routes, clientOf } = options;
  let { port } = options;
  let localAddr: Deno.NetAddr | undefined;
  let isStopping = false;

  let server: Deno.HttpServer<Deno.NetAddr>;

  const onError = (error: unknown) => {
    log.error("A request failed: {error}", { error });
    return new Response("Internal server error\n", { status: 500 });
  };
  const answer = async (request: Request, { remoteAddr }: Deno.ServeHandlerInfo) => {
    relistener.isWell();
    const host = request.headers.get("host") ?? undefined;
    const target = readTarget(targetAsSent(request.url, host), host);
    if ("wrong" in target) return answerBadTarget(target.wrong);
    const client = clientOf(remoteAddr, (name) => request.headers.get(name));
    const response = routes(request, toRequestInfo(client, localAddr, options));
    return request.method === "HEAD" ? withoutBody(await response) : response;
  };
  const start = () => {
    server = Deno.serve({ hostname, port, ...certificate, onListen() {}, onError }, answer);
    server.finished.catch((error) => {
      if (isStopping) return;
      relistener.start(`The listener ended (${error})`, { atOnce: false });
    });
    return server;
  };
  const relistener = new Relistener(start);
  start();
  const { addr } = server!;
  port = addr.port;
  // Of a wildcard address the connection's own end is not known.
  if (!WILDCARDS.includes(addr.hostname)) localAddr = addr;
  return {
    addr,
    get isListening() {
      return relistener.isListening;
    },
    async shutdown() {
      isStopping = true;
      relistener[Symbol.dispose]();
      await server.shutdown();
    },
  };
}

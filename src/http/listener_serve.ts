/**
 * The listener whose endpoints all have the engine `native`: `Deno.serve`.
 *
 * @module
 */

import { getLogger } from "../telemetry/mod.ts";
import { readTarget } from "../websocket/mod.ts";
import {
  type Listener,
  type ListenerOptions,
  RETRY_DELAYS,
  toRequestInfo,
} from "./listener_types.ts";
import { answerBadTarget } from "./routes.ts";

const log = getLogger(["troupe", "server"]);

const WILDCARDS = ["0.0.0.0", "::"];

/**
 * Starts a `Deno.serve`. When it ends because there were no file descriptors
 * left to accept with, it is started again until that works; open connections
 * outlive it.
 */
export function listenServe(options: ListenerOptions): Listener {
  const { hostname, certificate = {}, routes, clientOf } = options;
  let { port } = options;
  let localAddr: Deno.NetAddr | undefined;
  let delayMs: number = RETRY_DELAYS.firstMs;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isStopping = false;

  const onError = (error: unknown) => {
    log.error("A request failed: {error}", { error });
    return new Response("Internal server error\n", { status: 500 });
  };
  const answer = (request: Request, { remoteAddr }: Deno.ServeHandlerInfo) => {
    delayMs = RETRY_DELAYS.firstMs;
    const target = readTarget(request.url, request.headers.get("host") ?? undefined);
    if ("wrong" in target) return answerBadTarget(target.wrong);
    const client = clientOf(remoteAddr, (name) => request.headers.get(name));
    return routes(request, toRequestInfo(client, localAddr, options));
  };
  const start = () => {
    const started = Deno.serve({ hostname, port, ...certificate, onListen() {}, onError }, answer);
    started.finished.catch(restartLater);
    return started;
  };
  const restartLater = (error: unknown) => {
    if (isStopping) return;
    log.error("The listener ended and is started again in {delayMs} ms: {error}", {
      delayMs,
      error,
    });
    timer = setTimeout(() => {
      try {
        server = start();
      } catch (error) {
        restartLater(error);
      }
    }, delayMs);
    delayMs = Math.min(delayMs * 2, RETRY_DELAYS.mostMs);
  };

  let server = start();
  const { addr } = server;
  port = addr.port;
  // Of a wildcard address the connection's own end is not known.
  if (!WILDCARDS.includes(addr.hostname)) localAddr = addr;
  return {
    addr,
    async shutdown() {
      isStopping = true;
      clearTimeout(timer);
      await server.shutdown();
    },
  };
}

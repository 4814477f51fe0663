/**
 * Sees when a `node:http` server has stopped to accept.
 *
 * When the system has no file descriptor left to accept with, Deno 2.9 does not
 * ask it again and tells nobody: new clients wait for ever. So whenever nothing
 * has been accepted for a while the server is asked by a connection of its own.
 *
 * @module
 */

import { connect, type Socket } from "node:net";
import { PatientTimer } from "../time/mod.ts";

/** How often it looks, and how long a connection may take to be accepted, in milliseconds. */
const LOOK_PERIOD_MS = 1000;

/** Looks without anything accepted after which a server that seemed well is asked again. */
const LOOKS_UNTIL_DOUBT = 30;

/** What is remembered between two looks. */
export interface WatchState {
  /** Nothing was accepted since the server was last asked and answered. */
  readonly isVerified: boolean;
  /** Looks since then. */
  readonly looks: number;
}

/** Before the first look. */
export const FIRST_WATCH_STATE: WatchState = Object.freeze({ isVerified: true, looks: 0 });

/**
 * Decides whether to ask the server. While it accepts it is well; once it does
 * not, a burst may have stopped it, or there is nobody: asking tells.
 */
export function stepWatch(
  { isVerified, looks }: WatchState,
  hasAccepted: boolean,
): { readonly state: WatchState; readonly ask: boolean } {
  if (hasAccepted) return { state: { isVerified: false, looks: 0 }, ask: false };
  const ask = !isVerified || looks >= LOOKS_UNTIL_DOUBT;
  return { state: { isVerified, looks: looks + 1 }, ask };
}

/** What came of asking: `unknown` if there was no descriptor to ask with. */
type Answer = "accepts" | "stuck" | "unknown";

/** What {@linkcode watchAccepting} needs of a server. */
export interface WatchedServer {
  on(event: "connection", listener: (socket: Socket) => void): unknown;
  off(event: "connection", listener: (socket: Socket) => void): unknown;
}

function reachable(hostname: string): string {
  if (hostname === "0.0.0.0") return "127.0.0.1";
  return hostname === "::" ? "::1" : hostname;
}

async function askServer(
  server: WatchedServer,
  { hostname, port }: Deno.NetAddr,
): Promise<Answer> {
  const answer = Promise.withResolvers<Answer>();
  const probe = connect({ host: reachable(hostname), port });
  const acceptedPorts = new Set<number | undefined>();
  // The server may hear of the connection before the probe knows its own port.
  const compare = () => {
    if (acceptedPorts.has(probe.localPort ?? NaN)) answer.resolve("accepts");
  };
  const onConnection = ({ remotePort }: Socket) => {
    acceptedPorts.add(remotePort);
    compare();
  };
  using _timer = new PatientTimer(() => answer.resolve("stuck"), LOOK_PERIOD_MS);
  server.on("connection", onConnection);
  probe.on("connect", compare);
  // Refused: nobody listens. Any other error is this end's own, such as having no descriptor.
  probe.on("error", ({ code }: Error & { code?: string }) => {
    answer.resolve(code === "ECONNREFUSED" ? "stuck" : "unknown");
  });
  // Beyond its most connections a server closes what it accepts at once.
  probe.on("end", () => answer.resolve("accepts"));
  probe.resume();
  try {
    return await answer.promise;
  } finally {
    server.off("connection", onConnection);
    probe.destroy();
  }
}

/** Tells whether the server accepts whenever it was asked and answered, until disposed. */
export function watchAccepting(
  server: WatchedServer,
  addr: Deno.NetAddr,
  tell: (isWell: boolean) => void,
): Disposable {
  let state = FIRST_WATCH_STATE;
  let accepted = 0;
  let isAsking = false;
  let isDisposed = false;
  const onConnection = () => accepted++;
  const look = async () => {
    if (isAsking) return;
    const step = stepWatch(state, accepted > 0);
    accepted = 0;
    state = step.state;
    if (!step.ask) return;
    isAsking = true;
    const answer = await askServer(server, addr);
    isAsking = false;
    if (answer === "accepts") state = FIRST_WATCH_STATE;
    else state = { ...state, isVerified: false };
    // Our own connection does not count.
    accepted = Math.max(0, accepted - 1);
    if (answer !== "unknown" && !isDisposed) tell(answer === "accepts");
  };
  server.on("connection", onConnection);
  const timer = setInterval(look, LOOK_PERIOD_MS);
  Deno.unrefTimer(timer);
  return {
    [Symbol.dispose]() {
      isDisposed = true;
      clearInterval(timer);
      server.off("connection", onConnection);
    },
  };
}

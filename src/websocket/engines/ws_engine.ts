/**
 * The engine on npm `ws`, which is loaded when somebody asks for it: with it come
 * parts of Node that a server on engine `native` does without.
 *
 * @module
 */

import type { WsAcceptor, WsAcceptorOptions } from "./ws.ts";

let loaded: typeof import("./ws.ts") | undefined;

/** Whether acceptors can be made. */
export function isWsEngineLoaded(): boolean {
  return loaded !== undefined;
}

/** Loads the engine, which stays. */
export async function loadWsEngine(): Promise<void> {
  loaded ??= await import("./ws.ts");
}

/** Makes an acceptor; its limits hold for the sockets that it opens. */
export function createAcceptor(options: WsAcceptorOptions): WsAcceptor {
  if (loaded === undefined) throw new Error("Cannot accept: the engine ws is not loaded");
  return loaded.createWsAcceptor(options);
}

/**
 * Which engine carries the frames of an endpoint.
 *
 * @module
 */

import { isLoopbackHost } from "../text/mod.ts";
import { CONFIGURED_OPTIONS, type EngineName, HANDLER_DEFAULTS, rowOf } from "../websocket/mod.ts";
import { CONFIG_DEFAULTS } from "./defaults.ts";
import type { Config, EndpointConfig, ListenConfig } from "./types.ts";

export { NATIVE_LIMITS } from "../websocket/mod.ts";

/** An engine that exists. */
export type ChosenEngine = Exclude<EngineName, "auto">;

/** What was chosen for a listener, and what an operator should know about it. */
export interface EngineChoice {
  /** Never `auto`: all endpoints of a listener have one. */
  readonly engine: ChosenEngine;
  /** Why, in a few words for each endpoint, for the log. */
  readonly reasons: ReadonlyMap<string, string>;
  /** Whether peers that mean harm may reach an engine that cannot stop them. */
  readonly exposed: boolean;
}

/** What an endpoint alone would have, and why. */
interface Wish {
  readonly path: string;
  readonly engine: ChosenEngine;
  readonly reason: string;
  /** It names its engine. */
  readonly isNamed: boolean;
}

/** Keys with which an endpoint asks for what only `ws` does, or only `ws` does well. */
function keysOfWs(endpoint: EndpointConfig): string[] {
  return CONFIGURED_OPTIONS.filter((name) => endpoint[name] !== HANDLER_DEFAULTS[name])
    .map(rowOf)
    .flatMap((row) => row?.native === undefined ? [] : [row.key!]);
}

/** Why no endpoint of a listener is `native` by itself. */
function whyNotNative(listen: ListenConfig): string | undefined {
  if (listen.tls !== undefined) return "with TLS";
  // Who lists proxies is reached through them from elsewhere.
  if (listen.trustProxy.length > 0) return "behind a proxy";
  if (listen.keepAliveTimeoutMs !== CONFIG_DEFAULTS.keepAliveTimeoutMs) {
    return "with listen.keepAliveTimeout";
  }
  return isLoopbackHost(listen.hostname) ? undefined : "on a public address";
}

function wishOf(path: string, endpoint: EndpointConfig, listen: ListenConfig): Wish {
  const { engine } = endpoint;
  if (engine !== "auto") return { path, engine, reason: "as configured", isNamed: true };
  const asked = keysOfWs(endpoint);
  const why = asked.length > 0 ? `it asks for ${asked.join(", ")}` : whyNotNative(listen);
  return why === undefined
    ? { path, engine: "native", reason: "on a loopback address", isNamed: false }
    : { path, engine: "ws", reason: why, isNamed: false };
}

/**
 * Chooses the engine of a listener, which all of its endpoints share.
 *
 * It is `native` if each endpoint names it, or is `auto` and may be: on a loopback
 * address, without TLS, trusted proxies and a time for idle connections, and only if
 * it leaves everything at its default that `native` does not do as well. Else it is
 * `ws`, which a configuration that names `native` for another endpoint is refused for.
 */
export function chooseEngine({ listen, endpoints }: EngineAsked): EngineChoice {
  const wishes = Object.entries(endpoints).map(([path, each]) => wishOf(path, each, listen));
  const needing = wishes.find(({ engine }) => engine === "ws");
  const engine = needing === undefined ? "native" : "ws";
  const reasons = new Map(wishes.map((wish) => [
    wish.path,
    wish.engine === engine ? wish.reason : `since ${needing!.path} has it: ${needing!.reason}`,
  ]));
  return { engine, reasons, exposed: engine === "native" && !isLoopbackHost(listen.hostname) };
}

/** What the choice of an engine depends on. */
export type EngineAsked = Pick<Config, "listen" | "endpoints">;

/** Paths that name `native` beside one that needs `ws`, and that one with why. */
export function engineConflicts(
  { listen, endpoints }: EngineAsked,
): readonly { readonly path: string; readonly other: string; readonly reason: string }[] {
  const wishes = Object.entries(endpoints).map(([path, each]) => wishOf(path, each, listen));
  const needing = wishes.find(({ engine }) => engine === "ws");
  if (needing === undefined) return [];
  return wishes.filter(({ engine }) => engine === "native").filter(({ isNamed }) => isNamed)
    .map(({ path }) => ({ path, other: needing.path, reason: needing.reason }));
}

/** Paths of the endpoints that would have `native` on a public address. */
export function exposedEndpoints(config: EngineAsked): string[] {
  return chooseEngine(config).exposed ? Object.keys(config.endpoints) : [];
}

/**
 * Which engine carries the frames of an endpoint.
 *
 * @module
 */

import { isLoopbackHost } from "../text/mod.ts";
import { type EngineName, optionsForWs, rowOf } from "../websocket/mod.ts";
import { CONFIG_DEFAULTS } from "./defaults.ts";
import type { Config, ListenConfig } from "./types.ts";

export { NATIVE_LIMITS } from "../websocket/mod.ts";

/** What was chosen for a listener, and what an operator should know about it. */
export interface EngineChoice {
  /** Never `auto`: all endpoints of a listener have one. */
  readonly engine: EngineName;
  /** Why, in a few words for each endpoint, for the log. */
  readonly reasons: ReadonlyMap<string, string>;
  /** Whether peers that mean harm may reach an engine that cannot stop them. */
  readonly exposed: boolean;
}

/** What an endpoint alone would have, and why. */
interface Wish {
  readonly path: string;
  readonly engine: EngineName;
  readonly reason: string;
  /** It names its engine. */
  readonly isNamed: boolean;
}

/** What an endpoint says of its engine. */
export interface EngineWanted {
  readonly engine: EngineName | "auto";
  /** What it asks for that only `ws` does, or only `ws` does well. */
  readonly forWs: readonly string[];
}

/** What is to be known of a listener for the choice of its engine. */
export interface EngineListener
  extends Pick<ListenConfig, "hostname" | "trustProxy" | "keepAliveTimeoutMs"> {
  /** Present: TLS. */
  readonly tls?: unknown;
}

/** Why no endpoint of a listener is `native` by itself. */
function whyNotNative(listen: EngineListener): string | undefined {
  if (listen.tls !== undefined) return "with TLS";
  // Who lists proxies is reached through them from elsewhere.
  if (listen.trustProxy.length > 0) return "behind a proxy";
  if (listen.keepAliveTimeoutMs !== CONFIG_DEFAULTS.keepAliveTimeoutMs) {
    return "with listen.keepAliveTimeout";
  }
  return isLoopbackHost(listen.hostname) ? undefined : "on a public address";
}

function wishOf(path: string, { engine, forWs }: EngineWanted, listen: EngineListener): Wish {
  if (engine !== "auto") return { path, engine, reason: "as configured", isNamed: true };
  const why = forWs.length > 0 ? `it asks for ${forWs.join(", ")}` : whyNotNative(listen);
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
export function chooseEngineFor(
  listen: EngineListener,
  endpoints: Readonly<Record<string, EngineWanted>>,
): EngineChoice {
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

/** What the endpoints of a configuration say of their engine, with the keys of a file. */
function wantedOf(endpoints: EngineAsked["endpoints"]): Record<string, EngineWanted> {
  return Object.fromEntries(
    Object.entries(endpoints).map(([path, endpoint]) => {
      const { accept: _, ...options } = endpoint;
      const forWs = optionsForWs(options).flatMap((name) => rowOf(name)?.key ?? []);
      return [path, { engine: endpoint.engine, forWs }];
    }),
  );
}

/** As {@linkcode chooseEngineFor}, of a configuration. */
export function chooseEngine({ listen, endpoints }: EngineAsked): EngineChoice {
  return chooseEngineFor(listen, wantedOf(endpoints));
}

/** Paths that name `native` beside one that needs `ws`, and that one with why. */
export function engineConflicts(
  { listen, endpoints }: EngineAsked,
): readonly { readonly path: string; readonly other: string; readonly reason: string }[] {
  const wishes = Object.entries(wantedOf(endpoints))
    .map(([path, each]) => wishOf(path, each, listen));
  const needing = wishes.find(({ engine }) => engine === "ws");
  if (needing === undefined) return [];
  return wishes.filter(({ engine }) => engine === "native").filter(({ isNamed }) => isNamed)
    .map(({ path }) => ({ path, other: needing.path, reason: needing.reason }));
}

/** Paths of the endpoints that would have `native` on a public address. */
export function exposedEndpoints(config: EngineAsked): string[] {
  return chooseEngine(config).exposed ? Object.keys(config.endpoints) : [];
}

/**
 * Which engine carries the frames of an endpoint.
 *
 * @module
 */

import { type EngineName, isLoopbackHost, NATIVE_SHORTCOMINGS } from "../websocket/mod.ts";
import type { Config } from "./config_types.ts";

/** An engine that exists. */
export type ChosenEngine = Exclude<EngineName, "auto">;

/** What was chosen, and what an operator should know about it. */
export interface EngineChoice {
  /** Never `auto`. */
  readonly engine: ChosenEngine;
  /** Whether peers that mean harm may reach an engine that cannot stop them. */
  readonly exposed: boolean;
}

/** What `native` does not do, whatever is built on top of it, and what happens instead. */
export const NATIVE_LIMITS: readonly string[] = Object.freeze(
  NATIVE_SHORTCOMINGS.map(({ name, instead }) => `${name} (instead, ${instead})`),
);

/**
 * Chooses the engine of an endpoint. `auto` is `native`, the only engine so
 * far.
 */
export function chooseEngine(wanted: EngineName, hostname: string): EngineChoice {
  const engine = wanted === "auto" ? "native" : wanted;
  return { engine, exposed: engine === "native" && !isLoopbackHost(hostname) };
}

/** Paths of the endpoints that would have `native` on a public address. */
export function exposedEndpoints({ listen, endpoints }: Config): string[] {
  return Object.entries(endpoints)
    .filter(([, { engine }]) => chooseEngine(engine, listen.hostname).exposed)
    .map(([path]) => path);
}

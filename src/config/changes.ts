/**
 * What of a changed configuration takes effect while the server runs.
 *
 * @module
 */

import {
  CONFIGURED_OPTIONS,
  LIVE_OPTIONS,
  type ReconfigurableOptions,
  rowOf,
} from "../websocket/mod.ts";
import { chooseEngine } from "./engine_choice.ts";
import { Secret } from "./secrets.ts";
import type { Config, EndpointConfig } from "./types.ts";

/** What an endpoint can take over while it runs. */
const RELOADED = CONFIGURED_OPTIONS.filter((name) =>
  (LIVE_OPTIONS as readonly string[]).includes(name)
);

/** What a running server does with another configuration. */
export interface ReloadPlan {
  /** What handlers take over, by path. */
  readonly endpoints: ReadonlyMap<string, ReconfigurableOptions>;
  /** Keys whose changes wait for the next start, such as `listen` or `endpoints./ws.pool`. */
  readonly later: readonly string[];
}

/**
 * Decides about each key whether a server that was started with `running` takes
 * it over from `next`; what it takes over is exactly what is not in `later`.
 *
 * A handler keeps its engine, so a limit that would make `auto` stand for
 * another one waits.
 */
export function planReload(running: Config, next: Config): ReloadPlan {
  const later = laterParts(running, next);
  const endpoints = new Map<string, ReconfigurableOptions>();
  const isOther = chooseEngine(next).engine !== chooseEngine(running).engine;
  for (const [path, before] of Object.entries(running.endpoints)) {
    const after = next.endpoints[path];
    if (after === undefined) later.push(`endpoints.${path}`);
    else {
      const isLive = (key: string) => staysLive(path, key as keyof EndpointConfig, after, running);
      endpoints.set(path, liveOptions(before, after, isLive));
      const changed = changedKeys(before, after).filter((key) => !isLive(key));
      later.push(...changed.map((key) => `endpoints.${path}.${nameOf(key)}`));
      if (isOther && before.engine === after.engine) later.push(`endpoints.${path}.engine`);
    }
  }
  const added = Object.keys(next.endpoints).filter((path) => running.endpoints[path] === undefined);
  later.push(...added.map((path) => `endpoints.${path}`));
  return { endpoints, later };
}

function laterParts(running: Config, next: Config): string[] {
  const [old, other] = [fixedParts(running), fixedParts(next)];
  return Object.keys(old).filter((key) => !isSame(old[key], other[key]));
}

function fixedParts(
  { node, workers, listen, processes, cluster, webhooks, admin, drain, log }: Config,
): Record<string, unknown> {
  const { tls, ...rest } = listen;
  // All but the names of certificate files, which are read again; not whether there are any.
  return {
    node,
    workers,
    listen: { ...rest, tls: tls !== undefined },
    processes,
    cluster,
    webhooks,
    admin,
    drain,
    "log.format": log.format,
  };
}

/** Whether a handler can take a key over with the engine that it has. */
function staysLive(
  path: string,
  key: keyof EndpointConfig,
  after: EndpointConfig,
  running: Config,
): boolean {
  if (!(RELOADED as readonly string[]).includes(key)) return false;
  const { engine } = chooseEngine(running);
  // Engine ws carries every value, those too without which there would be another.
  if (engine === "ws") return true;
  const changed = { ...running.endpoints[path]!, [key]: after[key] };
  const endpoints = { ...running.endpoints, [path]: changed };
  return chooseEngine({ ...running, endpoints }).engine === engine;
}

function liveOptions(
  before: EndpointConfig,
  after: EndpointConfig,
  isLive: (key: string) => boolean,
): ReconfigurableOptions {
  return Object.fromEntries(
    RELOADED.map((key) => [key, isLive(key) ? after[key] : before[key]]),
  );
}

function changedKeys(before: EndpointConfig, after: EndpointConfig): (keyof EndpointConfig)[] {
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return ([...keys] as (keyof EndpointConfig)[])
    .filter((key) => !isSame(before[key], after[key]));
}

/** The key of a file: there the unit is in the value. */
function nameOf(key: string): string {
  return rowOf(key)?.key ?? key;
}

function isSame(one: unknown, other: unknown): boolean {
  return comparable(one) === comparable(other);
}

/** JSON, in which otherwise all secrets are the same. */
function comparable(value: unknown): string | undefined {
  return JSON.stringify(value, function (this: Record<string, unknown>, key, given) {
    const own = this[key];
    return own instanceof Secret ? own.fingerprint : given;
  });
}

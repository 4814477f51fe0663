/**
 * The webhooks of a server.
 *
 * @module
 */

import type { Node } from "../actor/mod.ts";
import type { Config, SecretSources } from "../config/mod.ts";
import { ServerStartError } from "../http/mod.ts";
import type { Telemetry } from "../telemetry/mod.ts";
import { createWebhooks, type Webhooks, WEBHOOKS_PROCESS } from "../webhooks/mod.ts";

/**
 * Makes the webhooks of a configuration; `undefined` without any.
 *
 * @throws {ConfigError} If the secret cannot be read.
 * @throws {ServerStartError} If it is none.
 */
export async function prepareWebhooks(
  { webhooks }: Config,
  sources: SecretSources,
  telemetry: Telemetry,
): Promise<Webhooks | undefined> {
  if (webhooks === undefined) return undefined;
  const secret = await webhooks.secret.reveal(["webhooks", "secret"], sources);
  try {
    const tell = (event: string, outcome: string) => telemetry.webhook(event, outcome);
    return createWebhooks({ ...webhooks, secret }, { tell });
  } catch (cause) {
    throw new ServerStartError("webhooks_failed", (cause as Error).message, { cause });
  }
}

/** Time for the last events of a server that stops, in milliseconds. */
const LAST_EVENTS_MS = 1_000;

/** Starts to tell; returns what ends that, within a time. */
export function startWebhooks(
  webhooks: Webhooks | undefined,
  node: Node,
): (leftMs: number) => Promise<void> {
  if (webhooks === undefined) return () => Promise.resolve();
  node.spawn(webhooks.run, { name: WEBHOOKS_PROCESS });
  const unwatch = webhooks.watch(node);
  return async (leftMs) => {
    unwatch();
    await webhooks.flush(Math.max(0, Math.min(leftMs, LAST_EVENTS_MS)));
    webhooks[Symbol.dispose]();
  };
}

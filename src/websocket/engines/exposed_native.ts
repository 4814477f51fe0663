/**
 * The warning of engine `native` where anybody may reach it.
 *
 * @module
 */

import { getLogger } from "../../telemetry/mod.ts";
import { isLoopbackHost } from "../../text/mod.ts";
import { NATIVE_SHORTCOMINGS } from "./native.ts";

/** What `native` does not do, whatever is built on top of it, and what happens instead. */
export const NATIVE_LIMITS: readonly string[] = Object.freeze(
  NATIVE_SHORTCOMINGS.map(({ name, instead }) => `${name} (instead, ${instead})`),
);

/** Warns if something of that name, with engine `native`, listens on no loopback address. */
export function warnIfExposed(category: readonly string[], name: string, hostname: string): void {
  if (isLoopbackHost(hostname)) return;
  const limits = NATIVE_LIMITS.join("; ");
  getLogger([...category]).warn("{name} has engine native on a public address; nothing {limits}", {
    name,
    hostname,
    limits,
  });
}

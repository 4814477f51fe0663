/**
 * What a `connect` says: checked, since any process can send one, and taken apart.
 *
 * @module
 */

import { type Alias, parseIdentity } from "../actor/mod.ts";
import { showValue } from "../text/mod.ts";
import type { ConnectMessage } from "../websocket/mod.ts";
import type { ConnectionRequest } from "./options.ts";

/** Attribute of a `connect` that joins it with an upgrade. */
export const TOKEN = "upgradeToken";

/** A connection that has arrived. */
export interface Arrival {
  readonly alias: Alias;
  /** Of its upgrade; undefined if it has none. */
  readonly token: unknown;
  /** What the application sees, without the token. */
  readonly request: ConnectionRequest;
}

/**
 * Reads a `connect`.
 *
 * @throws {TypeError} If it is not one as connections send it.
 */
export function readConnect(message: ConnectMessage): Arrival {
  const { kind: _, id: alias, attributes, ...rest } = message;
  if (typeof alias !== "string" || parseIdentity(alias) === undefined) {
    throw refusal("id", alias, "an alias");
  }
  for (const key of ["remoteAddr", "localAddr", "url", "protocol"] as const) {
    if (typeof rest[key] !== "string") throw refusal(key, rest[key], "a text");
  }
  if (!isObject(rest.headers)) throw refusal("headers", rest.headers, "an object");
  if (attributes === undefined) return { alias, token: undefined, request: rest };
  if (!isObject(attributes)) throw refusal("attributes", attributes, "an object or none");
  const { [TOKEN]: token, ...others } = attributes;
  const isBare = token !== undefined && Object.keys(others).length === 0;
  return { alias, token, request: isBare ? rest : { ...rest, attributes: others } };
}

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null;
}

function refusal(key: string, value: unknown, expected: string): TypeError {
  return new TypeError(
    `Cannot take a connection: its ${key} is ${showValue(value)}, expected ${expected}`,
  );
}

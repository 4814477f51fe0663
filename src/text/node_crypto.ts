/**
 * Node's cryptography.
 *
 * @module
 */

import process from "node:process";

/**
 * Node's cryptography, which is loaded with the first call: most servers start without it,
 * and it brings a large part of Node along.
 */
export function nodeCrypto(): typeof import("node:crypto") {
  return process.getBuiltinModule("node:crypto");
}

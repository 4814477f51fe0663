/**
 * Keeps `ws` from looking for its optional native packages.
 *
 * Imported for its effect, before `ws`. Inside of the executable packages lie in
 * a folder below the system's temporary one, which exists nowhere but in the
 * executable: what is not in there, Node's way of looking for packages goes on
 * to look for in folders that every user of the machine can write to. Native
 * code is not needed either: Deno has what these packages bring to old Nodes.
 *
 * @module
 */

import process from "node:process";

const SWITCHES = ["WS_NO_BUFFER_UTIL", "WS_NO_UTF_8_VALIDATE"] as const;

for (const variable of SWITCHES) {
  // A program that may not set it is not to be asked for it.
  const { state } = Deno.permissions.querySync({ name: "env", variable });
  if (state === "granted") process.env[variable] = "1";
}

/**
 * File descriptors: how many there may be, and how many of them connections may take.
 *
 * @module
 */

/** What is kept free for files, other sockets and the runtime itself. */
const RESERVE = Object.freeze({ least: 40, share: 0.1 });

const LIMITS_FILE = "/proc/self/limits";

/** Connections that fit into a limit of open files and leave some for the rest. */
export function connectionsWithin(limit: number): number {
  const reserve = Math.max(RESERVE.least, Math.ceil(limit * RESERVE.share));
  return Math.max(1, limit - reserve);
}

/** The soft limit of open files in the text of Linux's `/proc/self/limits`. */
export function parseOpenFilesLimit(text: string): number | undefined {
  const match = /^Max open files\s+(\d+)/m.exec(text);
  return match === null ? undefined : Number(match[1]);
}

function mayRead(path: string): boolean {
  return Deno.permissions.querySync({ name: "read", path }).state === "granted";
}

/** How many files this process may have open; `undefined` where that is not told. */
export function openFilesLimit(): number | undefined {
  if (Deno.build.os !== "linux" || !mayRead(LIMITS_FILE)) return undefined;
  return parseOpenFilesLimit(Deno.readTextFileSync(LIMITS_FILE));
}

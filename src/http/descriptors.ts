/**
 * File descriptors: how many there may be, and how many of them connections may take.
 *
 * @module
 */

import { getLogger } from "../telemetry/mod.ts";

const log = getLogger(["troupe", "server"]);

/** What is kept free for files, other sockets and the runtime itself. */
const RESERVE = Object.freeze({ least: 40, share: 0.1 });

const LIMITS_FILE = "/proc/self/limits";

/** What is opened to see how often that works: a device that costs nothing and is always there. */
const TRIED_FILE = "/dev/null";

/** Files that are opened at most to find the limit; so many take a tenth of a second. */
export const MOST_TRIED = 8_192;

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

/** Where the limit of open files can be learned. */
export interface LimitSources {
  /** The system's table of limits. Throws where it cannot be had. */
  readonly read: () => string;
  /** Opens a file. Throws an error with code `EMFILE` or `ENFILE` when there may be no more. */
  readonly open: () => Disposable;
}

/** How many files this process may have open; `limit` is `undefined` where that is not known. */
export interface OpenFilesLimit {
  readonly limit: number | undefined;
  readonly source: "configured" | "read" | "tried";
}

/**
 * How many files this process may have open: as configured, else as the system
 * says, else as many as can be opened now.
 *
 * Deno lets only a program with all permissions read the system's word, which
 * the executable is not.
 */
export function findOpenFilesLimit(
  configured: number | undefined,
  sources: LimitSources = SYSTEM,
): OpenFilesLimit {
  if (configured !== undefined) return { limit: configured, source: "configured" };
  const read = attempt(sources.read);
  if (read !== undefined) return { limit: parseOpenFilesLimit(read), source: "read" };
  return { limit: countOpenable(sources.open), source: "tried" };
}

/** How many connections a listener may take at once, which it logs; `undefined`: no bound. */
export function findMostConnections(maxOpenFiles: number | undefined): number | undefined {
  const { limit, source } = findOpenFilesLimit(maxOpenFiles);
  if (limit === undefined) {
    if (source === "tried") {
      log.info("How many files may be open is not known: listen.maxOpenFiles bounds connections");
    }
    return undefined;
  }
  const connections = connectionsWithin(limit);
  const text = "At most {connections} connections at once, of {limit} open files ({source})";
  log[source === "tried" ? "info" : "debug"](text, { connections, limit, source });
  return connections;
}

const SYSTEM: LimitSources = {
  read() {
    if (Deno.build.os !== "linux") throw new Deno.errors.NotSupported("there is no such file");
    return Deno.readTextFileSync(LIMITS_FILE);
  },
  open: () => Deno.openSync(TRIED_FILE),
};

function attempt<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}

/** How many more files can be opened, if that is at most {@linkcode MOST_TRIED}. */
function countOpenable(open: () => Disposable): number | undefined {
  const files: Disposable[] = [];
  try {
    while (files.length < MOST_TRIED) files.push(open());
    return undefined;
  } catch (error) {
    const { code } = error as { code?: unknown };
    return code === "EMFILE" || code === "ENFILE" ? files.length : undefined;
  } finally {
    for (const file of files) file[Symbol.dispose]();
  }
}

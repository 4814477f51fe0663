/**
 * The server on its embedded defaults, as the page meets it.
 *
 * @module
 */

import { parseConfig } from "../../src/config/mod.ts";
import { serve } from "../../src/server/mod.ts";

/** A server that is stopped at the end of its scope. */
export interface Stage extends AsyncDisposable {
  /** Address of the page. */
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts it on a port that the system chooses, or with another configuration. */
export async function startServer(root: Record<string, unknown> = {}): Promise<Stage> {
  const server = await serve(parseConfig({ listen: { port: 0 }, ...root }));
  return {
    url: `http://127.0.0.1:${server.addr.port}/`,
    stop: () => server.drain(),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

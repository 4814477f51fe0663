/**
 * Handlers on engine `ws` whose TCP sockets tell what is written to them.
 *
 * @module
 */

import type { Duplex } from "node:stream";
import { listenOnNode } from "../helpers/node_server.ts";
import { type Served, serveHandler, type ServeOptions } from "./stage.ts";

/** The server's end of one TCP connection. */
export interface Tap {
  readonly tcp: Duplex;
  /** What was handed to the stream since the handshake, in order. */
  readonly chunks: unknown[];
  /** Chunks in each write to the system. */
  readonly writes: number[];
}

/** As `serveWs`; `taps` are in the order of the handshakes. */
export async function serveTapped(
  options: ServeOptions = {},
): Promise<{ readonly served: Served; readonly taps: Tap[] }> {
  const taps: Tap[] = [];
  const served = await serveHandler(options, (handler) =>
    listenOnNode({
      fetch: handler.fetch,
      upgrade(incoming, tcp, head, info) {
        handler.upgrade(incoming, tcp, head, info);
        taps.push(tap(tcp));
      },
    }));
  return { served, taps };
}

type Done = (error?: Error | null) => void;

function tap(tcp: Duplex): Tap {
  const [chunks, writes] = [[] as unknown[], [] as number[]];
  const own = {
    write: tcp.write.bind(tcp),
    _write: tcp._write.bind(tcp),
    _writev: tcp._writev!.bind(tcp),
  };
  tcp.write = ((chunk: unknown, ...rest: []) => {
    chunks.push(chunk);
    return own.write(chunk as Uint8Array, ...rest);
  }) as typeof tcp.write;
  tcp._write = (chunk, encoding, done: Done) => {
    writes.push(1);
    own._write(chunk, encoding, done);
  };
  tcp._writev = (all, done: Done) => {
    writes.push(all.length);
    own._writev(all, done);
  };
  return { tcp, chunks, writes };
}

/**
 * What passes between actors, on all nodes, as server-sent events, bounded.
 *
 * @module
 */

import { isDown, type Pid, type ProcessFunction } from "../actor/mod.ts";
import { ApiError } from "./error.ts";
import { API_PROCESS, type ApiHost } from "./host.ts";
import { Bounded, TAP_LIMITS } from "./tap_bounds.ts";
import { LOOK_MS, type TapFilter, watch } from "./tap_watch.ts";

/** What a node is told that is to show another one what passes on it. */
export interface TapOrder extends TapFilter {
  readonly kind: "tap";
  /** The process that gets it; when that ends, so does the tap. */
  readonly to: Pid;
}

/** What that process gets: an event, or how many were left out. */
type Tapped =
  | { readonly kind: "tapped"; readonly event: string }
  | { readonly kind: "skipped"; readonly skipped: number };

/** The process that shows another node what passes on this one, itself within the bounds. */
export function createTapper(host: ApiHost, { to, kind: _, ...filter }: TapOrder): ProcessFunction {
  return async (self) => {
    self.monitor(to);
    const tell = (tapped: Tapped) => self.send(to, tapped) === "accepted";
    const bounded = new Bounded((event) => tell({ kind: "tapped", event }));
    const unwatch = watch(host, filter, (event) => bounded.show(event));
    const timer = setInterval(() => {
      const skipped = bounded.turn();
      if (skipped > 0) tell({ kind: "skipped", skipped });
    }, LOOK_MS);
    try {
      for await (const envelope of self) if (isDown(envelope)) break;
    } finally {
      clearInterval(timer);
      unwatch();
    }
  };
}

/** Open taps of a server. */
export class Taps implements Disposable {
  readonly #host: ApiHost;
  readonly #open = new Set<() => void>();

  constructor(host: ApiHost) {
    this.#host = host;
  }

  /** Ends all of them. */
  [Symbol.dispose](): void {
    for (const end of [...this.#open]) end();
  }

  /**
   * Streams what passes, on all nodes, until the reader leaves. What a reader does not keep up
   * with is left out, as is what passes the bounds.
   */
  stream(filter: TapFilter): ReadableStream<Uint8Array> {
    if (this.#open.size >= TAP_LIMITS.taps) {
      throw new ApiError(429, `There are ${TAP_LIMITS.taps} taps, which is as many as may be`);
    }
    const host = this.#host;
    let end = () => {};
    return new ReadableStream<Uint8Array>({
      start: (controller) => {
        const stop = runTap(host, filter, controller);
        end = () => {
          if (!this.#open.delete(end)) return;
          stop();
          try {
            controller.close();
          } catch {
            // The reader has left, and closed it so.
          }
        };
        this.#open.add(end);
      },
      cancel: () => end(),
    }, new ByteLengthQueuingStrategy({ highWaterMark: TAP_LIMITS.bytesPerSecond }));
  }
}

function runTap(
  host: ApiHost,
  filter: TapFilter,
  controller: ReadableStreamDefaultController<Uint8Array>,
): () => void {
  const encoder = new TextEncoder();
  const write = (text: string) => controller.enqueue(encoder.encode(text));
  const bounded = new Bounded((event) => {
    if ((controller.desiredSize ?? 0) <= 0) return false;
    write(event);
    return true;
  });
  const unwatch = watch(host, filter, (event) => bounded.show(event));
  const others = new OtherNodes(host, filter, bounded);
  write(": tapping\n\n");
  const timer = setInterval(() => {
    const skipped = bounded.turn();
    // A line that says nothing keeps proxies from cutting a quiet stream.
    write(skipped === 0 ? ": still here\n\n" : `event: sampled\ndata: {"skipped":${skipped}}\n\n`);
    others.look();
  }, LOOK_MS);
  return () => {
    clearInterval(timer);
    unwatch();
    others[Symbol.dispose]();
  };
}

/** What passes on the other nodes, also on those that join later. */
class OtherNodes implements Disposable {
  readonly #host: ApiHost;
  readonly #filter: TapFilter;
  readonly #collector: Pid;
  #asked: ReadonlySet<string> = new Set();

  constructor(host: ApiHost, filter: TapFilter, bounded: Bounded) {
    this.#host = host;
    this.#filter = filter;
    this.#collector = host.node.spawn(async (self) => {
      for await (const { message } of self) {
        const tapped = message as Tapped;
        if (tapped.kind === "tapped") bounded.show(tapped.event);
        else bounded.skip(tapped.skipped);
      }
    });
    this.look();
  }

  look(): void {
    const { node } = this.#host;
    const peers = new Set(this.#host.peers?.());
    const { actor } = this.#filter;
    const meant = actor === undefined ? undefined : node.whereis(actor) ?? actor;
    for (const peer of peers.difference(this.#asked)) {
      const order = { ...this.#filter, ...meant !== undefined && { actor: meant } };
      node.send({ name: API_PROCESS, node: peer }, { ...order, kind: "tap", to: this.#collector });
    }
    this.#asked = peers;
  }

  [Symbol.dispose](): void {
    void this.#host.node.exit(this.#collector);
  }
}

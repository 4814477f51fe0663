/**
 * What users of a cluster see.
 *
 * @module
 */

import type { Pid, ProcessFunction } from "../actor/mod.ts";
import type { GlobalGroup } from "./global_names.ts";
import type { KeyedGroupOptions } from "./keyed/placements.ts";
import type { LinkMeter } from "./meter.ts";

/** Another node of the cluster. */
export interface ClusterPeer {
  /** `name@host`. */
  readonly name: string;
  /** Of its start. */
  readonly incarnation: string;
  /** `"suspect"`: it was not heard, and may come back as it was. */
  readonly state: "up" | "suspect" | "down";
  /** Counts of the link with it. */
  readonly link: Readonly<LinkMeter>;
  /** Bytes that may be sent before it confirms some. */
  readonly credit: number;
}

/** A node's part in a cluster. Disposing it leaves. */
export interface Cluster extends AsyncDisposable {
  /** Name of the cluster. */
  readonly name: string;
  /** The other nodes that were heard of. */
  readonly peers: readonly ClusterPeer[];
  /** Why this node is not fully part of it now; `undefined` if it is. */
  readonly trouble: string | undefined;
  /** Resolves when a node is up; at once if it is. */
  whenUp(node: string): Promise<void>;
  /**
   * Gives a process of this node a name that is known on every node. It has the name as long as
   * it lives; when this node loses its lease, it is ended.
   *
   * @throws {ClusterError} Code `"no_jetstream"` if the broker has none.
   * @throws {NameTakenError} If another process has the name.
   * @throws {TypeError} If the name has a character no name has.
   */
  register(name: string, pid: Pid): Promise<void>;
  /**
   * Frees a name of `register`, or gives a process of `spawnGlobal`, or the keyed ones of a
   * name, to other nodes.
   */
  unregister(name: string): Promise<void>;
  /**
   * Runs a process under a name on exactly one of the nodes that ask for it. It is started again
   * when it ends. `self.env.fence` is a number that grows with each node that runs it.
   *
   * @throws {ClusterError} Code `"no_jetstream"` if the broker has none.
   * @throws {TypeError} If the name has a character no name has, or was given before.
   */
  spawnGlobal(
    name: string,
    run: ProcessFunction,
    options?: { readonly env?: Readonly<Record<string, unknown>> },
  ): void;
  /** As `spawnGlobal`, of several processes that are started together. */
  addGlobal(group: Pick<GlobalGroup, "name" | "instances"> & { start(fence: number): Pid }): void;
  /**
   * Places the keyed processes of a name over the nodes that do this: the process of a key runs
   * on one of them, and `NAME/KEY` leads to it from every node. `run` is what `keyed` gives.
   * `self.env.fence` is a number that grows with each node that has the process; when it moves,
   * `self.onHandover` says what the next one gets as `self.handover`.
   *
   * @throws {ClusterError} Code `"no_jetstream"` if the broker has none.
   * @throws {TypeError} If that is not what `keyed` gives, its processes are one for each
   * connection, or the name was given before.
   */
  spawnKeyed(run: ProcessFunction): void;
  /** As `spawnKeyed`, of what is started otherwise. */
  addKeyed(group: KeyedGroupOptions): void;
  /**
   * The fence under which a global name, or `NAME/KEY`, may be acted for here at this moment; `undefined` if it
   * may not: it is elsewhere, or this node was stopped for longer than its lease lasts.
   */
  fenceOf(name: string): number | undefined;
  /** Gives back what it owns, says goodbye and lets go of the broker; the node itself goes on. */
  leave(): Promise<void>;
}

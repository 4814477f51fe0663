/**
 * What a server is started with, and what it offers.
 *
 * @module
 */

import type { Node } from "../actor/mod.ts";
import type { Cluster } from "../cluster/mod.ts";
import type { Config } from "../config/mod.ts";
import type { OtherCounts } from "../websocket/mod.ts";
import type { LogsHandle } from "../telemetry/mod.ts";
import type { DrainOptions } from "./drain.ts";
import type { InstrumentsOptions } from "./instruments.ts";

/** Options of {@linkcode serve}. */
export interface ServeOptions extends InstrumentsOptions {
  /**
   * With workers: what each of them exports to, as `startOtlpExport` takes it. Providers, and
   * `flush`, stay on the thread that they were made on.
   */
  readonly otlp?: {
    readonly environment: Readonly<Record<string, string>>;
    readonly version: string;
  };
  /** Variables that secrets of the configuration name. Default: those of the process. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Directory that paths of modules and certificates start from. Default `Deno.cwd()`. */
  readonly baseDirectory?: string;
  /** Logs whose levels and last lines the operator's API has. Default: it has none. */
  readonly logs?: LogsHandle;
}

/** A running server. Disposing it drains without delay. */
export interface Server extends AsyncDisposable {
  /** Where it listens; with the port that the system chose for port 0. */
  readonly addr: Deno.NetAddr;
  /** Where the operator's API is; `undefined` where it is off. */
  readonly adminAddr: Deno.NetAddr | undefined;
  /** The node with all processes and connections; with workers, that of the main thread. */
  readonly node: Node;
  /** The node's part in the configured cluster. */
  readonly cluster: Cluster | undefined;
  /** `"ready"` until `drain` is called. */
  readonly state: "ready" | "draining" | "stopped";
  /**
   * Stops in an orderly way and resolves when stopped, within
   * `drain.delay + drain.timeout` whatever hangs. A second call joins the first.
   */
  drain(options?: DrainOptions): Promise<void>;
  /** Resolves when the server has stopped. */
  readonly finished: Promise<void>;
  /** Why it has stopped by itself; `undefined` if it was told to, or runs. */
  readonly failure?: string | undefined;
  /**
   * Reads the certificate again, and takes over origins and limits of the
   * endpoints that are there; open connections keep what they began with
   * where it cannot change under them. Several come one after the other.
   *
   * @throws {ServerStartError} If the certificate cannot be used; then nothing has changed.
   */
  reconfigure(config: Config): Promise<void>;
}

/** What a server is that is one of several in a program. */
export interface ServerPart {
  /** Links its node with the others. */
  join(node: Node): void;
  /** Its way to the connection that all of them have in common. */
  readonly machine: MessagePort | undefined;
  /** Other sockets listen on its port, too. */
  readonly reusesPort: boolean;
  /** Connections of an endpoint that others have. */
  countsOf(path: string): OtherCounts | undefined;
  /** Nodes of the other parts. */
  readonly others: readonly string[];
  /** Another part has the listener of the operator's API. */
  readonly isAdminElsewhere: boolean;
  /** Logs of its thread. */
  readonly logs: Pick<LogsHandle, "overrideLevel" | "lines">;
  /** What `/metrics` answers. */
  readMetrics(): Promise<string>;
}

/** A server whose own metrics can be read. */
export interface MeasuredServer extends Server {
  /** Its metrics, in Prometheus' text format. */
  readMetrics(): Promise<string>;
}

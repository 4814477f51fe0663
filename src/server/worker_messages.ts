/**
 * What a server and its workers say to each other.
 *
 * @module
 */

import type { LogLevel, OtlpOptions } from "../telemetry/mod.ts";
import type { DrainOptions } from "./drain.ts";
import type { CountsMessage } from "./shared_counts.ts";

/** What a worker begins with. */
export interface WorkerData {
  /** The configuration as it was written, flags and environment included. */
  readonly root: unknown;
  readonly port: number;
  /** Paths of endpoints, and memory with the counts of their connections. */
  readonly paths: readonly string[];
  readonly totals: SharedArrayBuffer;
  /** What the others told of their connections so far. */
  readonly counts: readonly (readonly [worker: number, message: CountsMessage])[];
  /** Nodes of the other workers. */
  readonly others: readonly string[];
  readonly baseDirectory: string;
  readonly environment: Readonly<Record<string, string>> | undefined;
  readonly logLevel: LogLevel;
  readonly otlp: OtlpOptions | undefined;
}

/** From the main thread. */
export type FromMain =
  | { readonly kind: "counts"; readonly worker: number; readonly message: CountsMessage }
  | { readonly kind: "ended"; readonly worker: number }
  | { readonly kind: "logLevel"; readonly level: string }
  /** The rest is asked. */
  | { readonly kind: "metrics" }
  | { readonly kind: "drain"; readonly options: DrainOptions }
  | { readonly kind: "reconfigure"; readonly root: unknown };

/** From a worker; `metrics` is asked. */
export type FromServerWorker =
  | CountsMessage
  | { readonly kind: "log"; readonly record: unknown }
  /** A category has a level of its own there, until there is none. */
  | {
    readonly kind: "override";
    readonly id: number;
    readonly category: readonly string[];
    readonly level: LogLevel | undefined;
  }
  | { readonly kind: "metrics" };

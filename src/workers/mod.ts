/**
 * Workers: threads of one program whose nodes are linked, started again when one ends.
 *
 * @module
 */

export { LEAST_KILL_MS } from "./pulse.ts";
export { runWorker, type WorkerContext, type WorkerHandle } from "./thread.ts";
export {
  BACK_OFF,
  nameOfWorker,
  startWorkers,
  type Workers,
  type WorkersOptions,
  WorkerStartError,
} from "./workers.ts";

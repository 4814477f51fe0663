/**
 * Workers: threads of one program whose nodes are linked, started again when one ends.
 *
 * @module
 */

export { runWorker, type WorkerContext, type WorkerHandle } from "./thread.ts";
export {
  BACK_OFF,
  nameOfWorker,
  startWorkers,
  type Workers,
  type WorkersOptions,
  WorkerStartError,
} from "./workers.ts";

/**
 * A meter provider that knows who reads for it.
 *
 * @module
 */

type Result = { observe(value: number, attributes?: Record<string, unknown>): void };
type Callback = (result: Result) => void;

/** What {@linkcode createCountingProvider} gives. */
export interface CountingProvider {
  /** Callbacks of all meters, with the metric that each is of. */
  readonly callbacks: Map<Callback, string>;
  /** How often it was flushed. */
  readonly flushes: number;
  /** The values of a metric, of each that reads it. */
  read(name: string): number[];
  getMeter(name: string): object;
  forceFlush(): Promise<unknown>;
}

/** Makes one; `flush` is what flushing it takes. */
export function createCountingProvider(
  flush: () => Promise<unknown> = () => Promise.resolve(),
): CountingProvider {
  const callbacks = new Map<Callback, string>();
  let flushes = 0;
  const createObservable = (name: string) => ({
    addCallback: (callback: Callback) => void callbacks.set(callback, name),
    removeCallback: (callback: Callback) => void callbacks.delete(callback),
  });
  const meter = {
    createObservableCounter: createObservable,
    createObservableUpDownCounter: createObservable,
    createObservableGauge: createObservable,
    createHistogram: () => ({ record() {} }),
  };
  return {
    callbacks,
    get flushes() {
      return flushes;
    },
    read(name) {
      const values: number[] = [];
      for (const [callback, of] of callbacks) {
        if (of === name) callback({ observe: (value) => void values.push(value) });
      }
      return values;
    },
    getMeter: () => meter,
    forceFlush() {
      flushes++;
      return flush();
    },
  };
}

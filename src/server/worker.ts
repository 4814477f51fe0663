/**
 * A worker of a server: serves as a server does, and is told what the main thread decides.
 *
 * @module
 */

import { type Config, parseConfig } from "../config/mod.ts";
import { forwardLogs, type LogLevel, startOtlpExport } from "../telemetry/mod.ts";
import { runWorker } from "../workers/mod.ts";
import { placeOf } from "./admin.ts";
import { SharedCounts, SharedTotals } from "./shared_counts.ts";
import { startServer } from "./serve.ts";
import { catchUncaught } from "./signals.ts";
import type { FromMain, WorkerData } from "./worker_messages.ts";

runWorker<WorkerData>(async ({ index, name, data, machine, join, tell, ask }) => {
  const logs = forwardLogs(data.logLevel, (record) => tell({ kind: "log", record }));
  let overrides = 0;
  catchUncaught();
  const config = configOf(data, name);
  const totals = new SharedTotals(data.paths, data.others.length + 1, data.totals);
  const counts = new Map(
    data.paths.map((path) => [path, new SharedCounts(index, path, totals, tell)]),
  );
  for (const [worker, message] of data.counts) counts.get(message.path)?.hear(worker, message);
  const { environment, baseDirectory, otlp } = data;
  const exporting = otlp && await startOtlpExport(otlp);
  const { tracerProvider, meterProvider } = exporting ?? {};
  const options = {
    baseDirectory,
    ...environment && { environment },
    ...tracerProvider && { tracerProvider },
    ...meterProvider && { meterProvider },
    ...exporting && { flush: (timeoutMs: number) => exporting.shutdown(timeoutMs) },
  };
  const server = await startServer(config, options, {
    join,
    machine,
    reusesPort: true,
    others: data.others,
    // One of several that listen there would be asked at random.
    isAdminElsewhere: index > 1 && placeOf(config) === "own listener",
    logs: {
      lines: (after, limit) => logs.lines(after, limit),
      overrideLevel: (category, level) => {
        const id = ++overrides;
        const undo = logs.overrideLevel(category, level);
        // Whoever writes the lines must let them pass, too.
        tell({ kind: "override", id, category, level });
        return () => {
          undo();
          tell({ kind: "override", id, category, level: undefined });
        };
      },
    },
    countsOf: (path) => counts.get(path),
    readMetrics: async () => String(await ask({ kind: "metrics" })),
  });
  return {
    hear(message) {
      const order = message as FromMain;
      if (order.kind === "counts") {
        counts.get(order.message.path)?.hear(order.worker, order.message);
      } else if (order.kind === "ended") {
        for (const each of counts.values()) each.forget(order.worker);
      } else if (order.kind === "logLevel") logs.setLevel(order.level as LogLevel);
    },
    async answer(request) {
      const order = request as FromMain;
      if (order.kind === "metrics") return await server.readMetrics();
      if (order.kind === "drain") return await server.drain(order.options);
      if (order.kind !== "reconfigure") throw new TypeError(`Cannot answer ${order.kind}`);
      await server.reconfigure(configOf({ ...data, root: order.root }, name));
    },
  };
});

/** The configuration of the whole, as it is for one of several. */
function configOf({ root, port }: Pick<WorkerData, "root" | "port">, name: string): Config {
  const config = parseConfig(root);
  const endpoints = Object.entries(config.endpoints).map(([path, endpoint]) => [path, {
    ...endpoint,
    // Only that of Node shares a port.
    engine: "ws" as const,
  }]);
  return {
    ...config,
    node: { name, workers: 1 },
    listen: { ...config.listen, port },
    endpoints: Object.fromEntries(endpoints),
  };
}

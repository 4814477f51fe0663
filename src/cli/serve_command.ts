/**
 * `troupe serve`: configuration, logs, server, signals.
 *
 * @module
 */

import {
  type Assignment,
  type Config,
  loadConfig,
  type LoadOptions,
  planReload,
} from "../config/mod.ts";
import { catchUncaught, runUntilSignalled, serve, type Server } from "../server/mod.ts";
import { configureLogs, getLogger, startOtlpExport } from "../telemetry/mod.ts";
import type { CliIo } from "./io.ts";
import { createNotifier } from "./service_manager.ts";
import { VERSION } from "./version.ts";

/** Whether code of the user's is loaded at the start. */
function hasModules({ processes, endpoints }: Config): boolean {
  return Object.values(processes).some(({ module }) => module !== undefined) ||
    Object.values(endpoints).some(({ accept }) => accept !== undefined);
}

/** Runs the server until a signal ends it; resolves with the exit code. */
export async function runServe(
  file: string | undefined,
  assignments: readonly Assignment[],
  io: CliIo,
): Promise<number> {
  const { directory, environment } = io;
  const options: LoadOptions = { file, directory, environment, assignments };
  const { config, baseDirectory, warnings, file: found } = await loadConfig(options);
  await using logs = configureLogs({ ...config.log, ...io.writeLog && { write: io.writeLog } });
  using _uncaught = catchUncaught();
  const guard = io.guardExit?.(config.drain.delayMs + config.drain.timeoutMs);
  // A module of the user's may keep the main thread from its first line on.
  if (hasModules(config)) guard?.watch();
  const log = getLogger(["troupe", "cli"]);
  log.info("Troupe {version}, configuration {file}", {
    version: VERSION,
    file: found ?? "built-in",
  });
  for (const warning of warnings) log.warn(warning);

  await using notifier = createNotifier(environment, io.signals);
  const reload = async (server: Server) => {
    using _reloading = await notifier.reloading();
    const { config: next } = await loadConfig(options);
    await server.reconfigure(next);
    logs.setLevel(next.log.level);
    log.info("Re-read log level, certificate, origins and limits");
    const { later } = planReload(config, next);
    if (later.length > 0) log.warn("Changes of {keys} wait for the next start", { keys: later });
  };
  const otlp = { environment, version: VERSION };
  // Workers export by themselves.
  const exporting = config.node.workers === 1 ? await startOtlpExport(otlp) : undefined;
  const { tracerProvider, meterProvider } = exporting ?? {};
  const start = async () => {
    const server = await serve(config, {
      baseDirectory,
      environment,
      logs,
      otlp,
      ...tracerProvider && { tracerProvider },
      ...meterProvider && { meterProvider },
      ...exporting && { flush: (timeoutMs: number) => exporting.shutdown(timeoutMs) },
    });
    guard?.watch();
    notifier.ready();
    return server;
  };
  return await runUntilSignalled(start, { reload, source: io.signals });
}

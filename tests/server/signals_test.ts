import {
  catchUncaught,
  runUntilSignalled,
  type Server,
  type SignalSource,
  untilSignalled,
} from "../../src/server/mod.ts";
import { assertEquals, assertRejects } from "../helpers/assert.ts";
import { settle } from "../../src/testing/manual_clock.ts";
import { captureLogs } from "./stage.ts";

/** Signals that the test gives, and a server whose drain it ends. */
function stage() {
  const listeners = new Map<string, () => void>();
  const source: SignalSource = {
    addSignalListener: (signal, listener) => listeners.set(signal, listener),
    removeSignalListener: (signal) => listeners.delete(signal),
  };
  const finished = Promise.withResolvers<void>();
  let drains = 0;
  const server = {
    drain() {
      drains++;
      return finished.promise;
    },
    finished: finished.promise,
  } as Partial<Server> as Server;
  return {
    start: () => Promise.resolve(server),
    source,
    signal: (name: string) => listeners.get(name)?.(),
    finish: finished.resolve,
    drains: () => drains,
    listening: () => [...listeners.keys()],
  };
}

Deno.test("untilSignalled() resolves at SIGTERM or SIGINT, and leaves the next one to the system", async () => {
  for (const name of ["SIGTERM", "SIGINT"]) {
    const { source, signal, listening } = stage();
    let isSignalled = false;
    const signalled = untilSignalled(source).then(() => isSignalled = true);
    assertEquals(listening(), ["SIGTERM", "SIGINT"]);
    await settle();
    assertEquals(isSignalled, false);
    signal(name);
    await signalled;
    assertEquals(listening(), []);
  }
});

const reload = () => Promise.resolve();

Deno.test("runUntilSignalled() drains at SIGTERM or SIGINT and ends in 0", async () => {
  for (const name of ["SIGTERM", "SIGINT"]) {
    const { start, source, signal, finish, drains, listening } = stage();
    const code = runUntilSignalled(start, { reload, source });
    assertEquals(listening(), ["SIGTERM", "SIGINT", "SIGHUP"]);
    await Promise.resolve();
    signal(name);
    assertEquals(drains(), 1);
    finish();
    assertEquals(await code, 0);
    assertEquals(listening(), []);
  }
});

Deno.test("runUntilSignalled() ends in 1 at the second signal, without waiting", async () => {
  const { start, source, signal, drains } = stage();
  const code = runUntilSignalled(start, { reload, source });
  await Promise.resolve();
  signal("SIGTERM");
  signal("SIGINT");
  assertEquals(await code, 1);
  assertEquals(drains(), 1);
});

Deno.test("runUntilSignalled() drains a server that was still starting at the signal", async () => {
  const { start, source, signal, finish, drains } = stage();
  const started = Promise.withResolvers<void>();
  const code = runUntilSignalled(() => started.promise.then(start), { reload, source });
  signal("SIGTERM");
  assertEquals(drains(), 0);
  started.resolve();
  finish();
  assertEquals(await code, 0);
  assertEquals(drains(), 1);
});

Deno.test("runUntilSignalled() ends in 0 when a start that was ended takes too long", async () => {
  await using logs = captureLogs();
  const { source, signal, listening } = stage();
  const start = () => new Promise<Server>(() => {});
  const code = runUntilSignalled(start, { reload, source, startTimeoutMs: 1 });
  signal("SIGTERM");
  assertEquals(await code, 0);
  assertEquals((await logs.find("Stopped while starting")).startTimeoutMs, 1);
  assertEquals(listening(), []);
});

Deno.test("runUntilSignalled() rejects when the server does not start", async () => {
  const { source, listening } = stage();
  const start = () => Promise.reject(new Error("port in use"));
  await assertRejects(() => runUntilSignalled(start, { reload, source }), Error, "port in use");
  assertEquals(listening(), []);
});

Deno.test("runUntilSignalled() reloads at SIGHUP and logs a reload that fails", async () => {
  await using logs = captureLogs();
  const { start, source, signal, finish, drains } = stage();
  let reloads = 0;
  const code = runUntilSignalled(start, {
    source,
    reload: () => ++reloads === 1 ? Promise.resolve() : Promise.reject(new Error("bad file")),
  });
  signal("SIGHUP");
  assertEquals(reloads, 0);
  await Promise.resolve();
  signal("SIGHUP");
  signal("SIGHUP");
  const line = await logs.find("was not reloaded");
  assertEquals((line.error as Error).message, "bad file");
  assertEquals([reloads, drains()], [2, 0]);
  finish();
  await code;
});

Deno.test("runUntilSignalled() reloads one at a time, and once more for all that came meanwhile", async () => {
  const { start, source, signal, finish } = stage();
  const files = ["old", "new"];
  const loaded: string[] = [];
  const reads: PromiseWithResolvers<void>[] = [];
  const code = runUntilSignalled(start, {
    source,
    reload: async () => {
      const file = files.shift() ?? "none";
      const read = Promise.withResolvers<void>();
      reads.push(read);
      await read.promise;
      loaded.push(file);
    },
  });
  await Promise.resolve();
  for (let i = 0; i < 3; i++) signal("SIGHUP");
  assertEquals(reads.length, 1);
  reads[0]!.resolve();
  await settle();
  assertEquals([reads.length, loaded], [2, ["old"]]);
  reads[1]!.resolve();
  await settle();
  assertEquals([reads.length, loaded], [2, ["old", "new"]]);
  finish();
  await code;
});

Deno.test("catchUncaught() logs what nobody caught until it is disposed", async () => {
  await using logs = captureLogs();
  const init = { cancelable: true, error: new Error("from a timer") };
  const rejected = Promise.reject(new Error("from a promise"));
  rejected.catch(() => {});
  const rejection = { cancelable: true, promise: rejected, reason: new Error("from a promise") };
  const uncaught = () => [
    dispatchEvent(new ErrorEvent("error", init)),
    dispatchEvent(new PromiseRejectionEvent("unhandledrejection", rejection)),
  ];
  {
    using _uncaught = catchUncaught();
    assertEquals(uncaught(), [false, false]);
  }
  assertEquals(uncaught(), [true, true]);
  const messages = ["nobody caught it", "nobody handled it"].map(async (text) =>
    ((await logs.find(text)).error as Error).message
  );
  assertEquals(await Promise.all(messages), ["from a timer", "from a promise"]);
});

/**
 * Tells systemd, or who speaks its protocol, what a service is doing: sd_notify(3).
 *
 * @module
 */

import type { SignalSource } from "../server/mod.ts";
import { getLogger } from "../telemetry/mod.ts";

const log = getLogger(["troupe", "cli"]);

/** What may be told. */
export type ServiceState = "ready" | "reloading" | "stopping";

interface UnixAddress {
  readonly transport: "unixpacket";
  readonly path: string;
}

interface UnixSocket {
  send(bytes: Uint8Array, address: UnixAddress): Promise<number>;
  close(): void;
}

/** Not there unless the runtime was started with `--unstable-net`, as the executable is. */
type ListenDatagram = (options: UnixAddress) => UnixSocket;

const STOP_SIGNALS = ["SIGTERM", "SIGINT"] as const;

/** By what is told; for units of `Type=notify`, since the runtime has no clock of the system. */
const NOTIFICATIONS: Readonly<Record<ServiceState, string>> = Object.freeze({
  ready: "READY=1\nSTATUS=Ready",
  reloading: "RELOADING=1\nSTATUS=Reloading",
  stopping: "STOPPING=1\nSTATUS=Draining",
});

/** Path of a socket as the system calls have it: one without a file begins with a zero byte. */
function socketPath(given: string): string {
  return given.startsWith("@") ? `\0${given.slice(1)}` : given;
}

async function tell(path: string, state: ServiceState): Promise<void> {
  const { listenDatagram } = Deno as { listenDatagram?: ListenDatagram };
  try {
    if (listenDatagram === undefined) throw new Error("it needs --unstable-net");
    // A sender has to have a name; one like this is no file.
    const from = { transport: "unixpacket", path: `\0troupe-${crypto.randomUUID()}` } as const;
    const socket = listenDatagram(from);
    try {
      const to = { transport: "unixpacket", path: socketPath(path) } as const;
      await socket.send(new TextEncoder().encode(NOTIFICATIONS[state]), to);
    } finally {
      socket.close();
    }
  } catch (error) {
    log.warn("Cannot tell the service manager {state}: {error}", { state, error });
  }
}

/** Tells one after the other. Disposing it waits for the last. */
export interface Notifier extends AsyncDisposable {
  /** The server is ready. */
  ready(): void;
  /** The configuration is being read again, until the result is disposed. */
  reloading(): Promise<Disposable>;
}

const SILENT: Notifier = Object.freeze({
  ready() {},
  reloading: () => Promise.resolve({ [Symbol.dispose]() {} }),
  [Symbol.asyncDispose]: () => Promise.resolve(),
});

/**
 * Speaks to the socket in `NOTIFY_SOCKET`, if there is one; tells of a stop at the
 * first signal for it. What cannot be told is logged and stops nothing.
 */
export function createNotifier(
  { NOTIFY_SOCKET: path = "" }: Readonly<Record<string, string>>,
  signals: SignalSource,
): Notifier {
  if (path === "") return SILENT;
  let last = Promise.resolve();
  const next = (state: ServiceState) => last = last.then(() => tell(path, state));
  const unlisten = () => {
    for (const signal of STOP_SIGNALS) signals.removeSignalListener(signal, onStop);
  };
  const onStop = () => {
    unlisten();
    next("stopping");
  };
  for (const signal of STOP_SIGNALS) signals.addSignalListener(signal, onStop);
  return {
    ready() {
      next("ready");
    },
    async reloading() {
      await next("reloading");
      return { [Symbol.dispose]: () => void next("ready") };
    },
    [Symbol.asyncDispose]() {
      unlisten();
      return last;
    },
  };
}

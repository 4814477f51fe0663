/**
 * Who takes part: Troupe, the floor, and peers.
 *
 * @module
 */

import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { CENTRIFUGO, EVENTS, PLAIN, type Protocol, SOCKET_IO } from "./generator/protocols.ts";
import {
  fetchBun,
  fetchCentrifugo,
  fetchGorilla,
  fetchNodePeer,
  peerSource,
} from "./peers/fetch.ts";
import { type Command, denoCommand, startProgram, type Subject } from "./subject.ts";

/** What a server does with a message: back, to all, or to the sender's room. */
export type Role = "echo" | "broadcast" | "rooms";

/** A kind of server. */
export interface Contestant {
  /** Stable, for results and the command line. */
  readonly id: string;
  readonly title: string;
  readonly roles: readonly Role[];
  readonly compresses: boolean;
  protocol(role: Role): Protocol;
  /** How to start it, after all it needs was fetched. @throws {MissingPeerError} If it is not to be had. */
  command(role: Role, compression: boolean): Promise<Command>;
}

/** Starts one. */
export async function start(
  contestant: Contestant,
  role: Role,
  compression = false,
): Promise<Subject> {
  return await startProgram(contestant.id, await contestant.command(role, compression));
}

/** Fetches when it is asked first. */
function once<T>(fetch: () => Promise<T>): () => Promise<T> {
  let fetched: Promise<T> | undefined;
  return () => fetched ??= fetch();
}

const bun = once(fetchBun);
const gorilla = once(fetchGorilla);
const centrifugo = once(fetchCentrifugo);

const ALL_ROLES = ["echo", "broadcast", "rooms"] as const;

function own(
  name: string,
  args: readonly string[] = [],
): (role: Role, compression: boolean) => Promise<Command> {
  const script = new URL(`./subjects/${name}.ts`, import.meta.url).href;
  return (role, compression) =>
    Promise.resolve(denoCommand(script, [...args, role, ...flag(compression)]));
}

function flag(compression: boolean): readonly string[] {
  return compression ? ["deflate"] : [];
}

function troupe(engine: "ws" | "native"): Contestant {
  return {
    id: `troupe-${engine}`,
    title: `Troupe, engine ${engine}`,
    roles: ALL_ROLES,
    compresses: engine === "ws",
    protocol: (role) => role === "rooms" ? EVENTS : PLAIN,
    command: own("contestant", [engine]),
  };
}

/** Troupe on the engine of its listener. */
export const TROUPE_WS: Contestant = troupe("ws");

/** Two threads of the program, on engine `ws`. */
export const TROUPE_WORKERS: Contestant = {
  id: "troupe-workers",
  title: "Troupe, engine ws, two workers",
  roles: ["echo", "broadcast"],
  compresses: false,
  protocol: () => PLAIN,
  command: (role) => {
    const port = freePort();
    const script = new URL("../../main.ts", import.meta.url).href;
    const config = fileURLToPath(new URL(`./subjects/workers/${role}.json`, import.meta.url));
    const args = ["serve", "-c", config, "--port", `${port}`];
    return Promise.resolve({ ...denoCommand(script, args), port });
  },
};

/** Troupe on Deno's own WebSockets. */
export const TROUPE_NATIVE: Contestant = troupe("native");

/** The least that a server on `node:net` must do. */
export const FLOOR: Contestant = {
  id: "floor",
  title: "Floor: node:net, no actors",
  roles: ["echo", "broadcast"],
  compresses: false,
  protocol: () => PLAIN,
  command: own("floor"),
};

/** Answers without looking, so that the generator is what is measured. */
export const CEILING: Contestant = {
  id: "ceiling",
  title: "Ceiling of the generator",
  roles: ["echo"],
  compresses: false,
  protocol: () => PLAIN,
  command: own("ceiling"),
};

/** `Deno.upgradeWebSocket` and nothing else. */
export const DENO: Contestant = {
  id: "deno",
  title: "Deno.upgradeWebSocket, bare",
  roles: ["echo", "broadcast"],
  compresses: false,
  protocol: () => PLAIN,
  command: (role) =>
    Promise.resolve(denoCommand(new URL("./peers/deno/server.ts", import.meta.url).href, [role])),
};

function onNode(
  pinned: "ws" | "socket.io",
  program: string,
  rest: Pick<Contestant, "id" | "title" | "roles" | "protocol">,
): Contestant {
  const fetched = once(() => fetchNodePeer(pinned, program));
  return {
    ...rest,
    compresses: true,
    command: async (role, compression) => ({
      file: "node",
      args: [await fetched(), role, ...flag(compression)],
    }),
  };
}

/** ws on Node. */
export const WS: Contestant = onNode("ws", "ws", {
  id: "ws",
  title: "ws on Node",
  roles: ["echo", "broadcast"],
  protocol: () => PLAIN,
});

/** Socket.IO on Node. */
export const SOCKETS: Contestant = onNode("socket.io", "socket_io", {
  id: "socket.io",
  title: "Socket.IO on Node",
  roles: ALL_ROLES,
  protocol: () => SOCKET_IO,
});

/** Bun. */
export const BUN: Contestant = {
  id: "bun",
  title: "Bun",
  roles: ALL_ROLES,
  compresses: true,
  protocol: () => PLAIN,
  command: async (role, compression) => ({
    file: await bun(),
    args: [join(peerSource("bun"), "server.mjs"), role, ...flag(compression)],
  }),
};

/** gorilla/websocket. */
export const GORILLA: Contestant = {
  id: "gorilla",
  title: "gorilla/websocket",
  roles: ["echo", "broadcast"],
  compresses: true,
  protocol: () => PLAIN,
  command: async (role, compression) => ({
    file: await gorilla(),
    args: [role, ...flag(compression)],
  }),
};

/**
 * Centrifugo, which has no echo. Its pings are far apart: while others are measured nobody
 * would answer them in time.
 */
export const CENTRIFUGE: Contestant = {
  id: "centrifugo",
  title: "Centrifugo",
  roles: ["broadcast", "rooms"],
  compresses: false,
  protocol: () => CENTRIFUGO,
  command: async () => {
    const port = freePort();
    const config = join(peerSource("centrifugo"), "config.json");
    const args = ["-c", config, "--http_server.port", `${port}`, "--log.level", "error"];
    return { file: await centrifugo(), args, port };
  },
};

/** All, in the order of tables. */
export const CONTESTANTS: readonly Contestant[] = [
  TROUPE_WS,
  TROUPE_WORKERS,
  TROUPE_NATIVE,
  FLOOR,
  DENO,
  WS,
  SOCKETS,
  BUN,
  GORILLA,
  CENTRIFUGE,
];

/** Free a moment ago, for what cannot print the port that it took. */
function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

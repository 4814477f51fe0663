/**
 * Three nats-servers that are one cluster, for tests.
 *
 * @module
 */

import { jetstreamManager } from "@nats-io/jetstream";
import { connect } from "../../src/cluster/nats/socket_transport.ts";
import { NatsServer } from "./nats_server.ts";

const NAMES = ["first", "second", "third"] as const;

/** Ports that nobody listens on at this moment. */
function freePorts(count: number): number[] {
  const listeners = Array.from(
    { length: count },
    () => Deno.listen({ hostname: "127.0.0.1", port: 0 }),
  );
  const ports = listeners.map(({ addr }) => addr.port);
  for (const listener of listeners) listener.close();
  return ports;
}

/** Starts them, each with a store of its own in a folder that is gone at the end. */
export async function startNatsCluster(executable: string) {
  const stack = new AsyncDisposableStack();
  const folder = await Deno.makeTempDir();
  stack.defer(() => Deno.remove(folder, { recursive: true }));
  const routes = freePorts(NAMES.length).map((port) => `nats://127.0.0.1:${port}`);
  const servers = await Promise.all(NAMES.map((name, i) =>
    NatsServer.start({
      executable,
      storeDirectory: `${folder}/${name}`,
      args: [
        ["--name", name, "--cluster_name", "test"],
        ["--cluster", routes[i]!, "--routes", routes.join(",")],
      ].flat(),
    })
  ));
  for (const server of servers) stack.use(server);
  return {
    urls: servers.map(({ url }) => url),
    /** Kills the server that leads a stream. */
    async killLeaderOf(stream: string): Promise<void> {
      const connection = await connect({ servers: servers.map(({ url }) => url.slice(7)) });
      const manager = await jetstreamManager(connection);
      const { cluster } = await manager.streams.info(stream);
      await connection.close();
      const leader = servers[NAMES.indexOf(cluster!.leader as typeof NAMES[number])]!;
      await leader[Symbol.asyncDispose]();
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

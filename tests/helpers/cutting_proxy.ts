/**
 * A network between a client and a server that a test can cut and mend.
 *
 * @module
 */

/** A TCP proxy on the loopback address. */
export interface CuttingProxy extends AsyncDisposable {
  readonly port: number;
  /** Connections accepted so far. */
  readonly accepted: number;
  /** Drops every connection, and each new one, until `mend`. */
  cut(): void;
  /**
   * Lets nothing more through on the connections of now, and tells neither end,
   * as a network does that forgot them. New ones are as before.
   */
  freeze(): void;
  /** As `freeze`, of what clients say only: they hear the server, and are not heard. */
  mute(): void;
  /** Takes nothing more from the server, on any connection, until the function is called. */
  hold(): () => void;
  /** Lets connections through again. */
  mend(): void;
}

/** Starts one in front of a port. */
export function startCuttingProxy(targetPort: number): CuttingProxy {
  const hostname = "127.0.0.1";
  const listener = Deno.listen({ hostname, port: 0 });
  const open = new Set<Deno.TcpConn>();
  const frozen = new Set<Deno.TcpConn>();
  const clients = new Set<Deno.TcpConn>();
  let held: Promise<void> | undefined;
  let isCut = false;
  let accepted = 0;

  async function pump(from: Deno.TcpConn, to: Deno.TcpConn): Promise<void> {
    const buffer = new Uint8Array(16_384);
    try {
      for (;;) {
        if (!clients.has(from)) await held;
        const count = await from.read(buffer);
        if (count === null) return frozen.has(from) ? undefined : drop(to);
        if (frozen.has(from)) continue;
        for (let at = 0; at < count;) at += await to.write(buffer.subarray(at, count));
      }
    } catch {
      // Cut, or left by the other end.
      drop(to);
    } finally {
      drop(from);
      clients.delete(from);
    }
  }

  function drop(connection: Deno.TcpConn): void {
    if (open.delete(connection)) connection.close();
  }

  async function join(client: Deno.TcpConn): Promise<void> {
    const server = await Deno.connect({ hostname, port: targetPort });
    open.add(client).add(server);
    clients.add(client);
    await Promise.all([pump(client, server), pump(server, client)]);
  }

  const working = new Set<Promise<void>>();
  const accepting = (async () => {
    for await (const client of listener) {
      accepted++;
      if (isCut) client.close();
      else {
        const joined = join(client).finally(() => working.delete(joined));
        working.add(joined);
      }
    }
  })();

  function cut(): void {
    isCut = true;
    for (const connection of [...open]) drop(connection);
  }

  return {
    port: listener.addr.port,
    get accepted() {
      return accepted;
    },
    cut,
    freeze: () => open.forEach((connection) => frozen.add(connection)),
    mute: () => clients.forEach((client) => frozen.add(client)),
    hold() {
      const { promise, resolve } = Promise.withResolvers<void>();
      held = promise;
      return () => {
        held = undefined;
        resolve();
      };
    },
    mend: () => void (isCut = false),
    [Symbol.asyncDispose]: async () => {
      listener.close();
      cut();
      await accepting;
      await Promise.all(working);
    },
  };
}

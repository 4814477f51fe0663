/**
 * Load on a WebSocket server: many connections that each keep a number of
 * messages in flight, over plain TCP, so that the server is what is measured.
 *
 * @module
 */

/** One kind of load. */
export interface Load {
  readonly connections: number;
  /** Messages in flight on each connection. */
  readonly depth: number;
  /** Payload of a message, in bytes, below 126. */
  readonly size: number;
}

const HANDSHAKE = (path: string) =>
  `GET ${path} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";

/** Fan-out: one message comes to all connections. */
export interface FanOut {
  readonly connections: number;
  /** Messages in flight. */
  readonly depth: number;
  /** Payload of a message, in bytes, below 126. */
  readonly size: number;
}

/** A masked text frame of `x`, repeated; the masking key is zero. */
function frames({ size, depth }: Load): Uint8Array<ArrayBuffer> {
  const frame = [0x81, 0x80 | size, 0, 0, 0, 0, ...new Array(size).fill(0x78)];
  return new Uint8Array(Array.from({ length: depth }, () => frame).flat());
}

/** Opens a connection and reads the response to its handshake. */
export async function open(port: number, path = "/"): Promise<Deno.TcpConn> {
  const connection = await Deno.connect({ hostname: "127.0.0.1", port });
  connection.setNoDelay(true);
  await connection.write(new TextEncoder().encode(HANDSHAKE(path)));
  const buffer = new Uint8Array(4096);
  let head = "";
  while (!head.includes("\r\n\r\n")) {
    const count = await connection.read(buffer);
    if (count === null) throw new Error(`Cannot open ${path}: the server closed, after ${head}`);
    head += new TextDecoder().decode(buffer.subarray(0, count));
  }
  if (!head.startsWith("HTTP/1.1 101")) throw new Error(`Cannot open ${path}: ${head}`);
  return connection;
}

/** Echoes for `durationMs` on open connections; resolves with echoes per second. */
export async function echoRate(
  connections: readonly Deno.TcpConn[],
  load: Load,
  durationMs: number,
): Promise<number> {
  const batch = frames(load);
  const startedMs = performance.now();
  const untilMs = startedMs + durationMs;
  const counts = await Promise.all(
    connections.map((connection) => ping(connection, load, batch, untilMs)),
  );
  return counts.reduce((sum, count) => sum + count, 0) / (performance.now() - startedMs) * 1000;
}

async function ping(
  connection: Deno.TcpConn,
  { size, depth }: Load,
  batch: Uint8Array<ArrayBuffer>,
  untilMs: number,
): Promise<number> {
  const buffer = new Uint8Array(65_536);
  const replyBytes = size + 2;
  const frameBytes = size + 6;
  let sent = depth;
  let received = 0;
  let echoed = 0;
  await connection.write(batch);
  while (echoed < sent) {
    const count = await connection.read(buffer);
    if (count === null) throw new Error("Cannot measure: the server closed a connection");
    received += count;
    const due = Math.floor(received / replyBytes) - echoed;
    echoed += due;
    if (due === 0 || performance.now() > untilMs) continue;
    await connection.write(batch.subarray(0, due * frameBytes));
    sent += due;
  }
  return echoed;
}

/**
 * Sends over the first connection what comes to all of them, for `durationMs`;
 * resolves with deliveries per second, when the last one has come.
 */
export async function fanOutRate(
  connections: readonly Deno.TcpConn[],
  { depth, size }: FanOut,
  durationMs: number,
): Promise<number> {
  const batch = frames({ connections: 1, depth, size });
  const state = { sent: depth, isOver: false };
  const startedMs = performance.now();
  const [first, ...others] = connections;
  const reads = others.map((connection) => countUntilOver(connection, size + 2, state));
  await first!.write(batch);
  const own = await driveFanOut(first!, batch, size, state, startedMs + durationMs);
  const counts = await Promise.all(reads);
  const all = counts.reduce((sum, count) => sum + count, own);
  return all / (performance.now() - startedMs) * 1000;
}

interface FanOutState {
  /** Messages sent so far. */
  sent: number;
  /** Nothing more is sent. */
  isOver: boolean;
}

async function driveFanOut(
  connection: Deno.TcpConn,
  batch: Uint8Array<ArrayBuffer>,
  size: number,
  state: FanOutState,
  untilMs: number,
): Promise<number> {
  const buffer = new Uint8Array(65_536);
  let received = 0;
  let seen = 0;
  while (seen < state.sent) {
    received += await read(connection, buffer);
    const due = Math.floor(received / (size + 2)) - seen;
    seen += due;
    if (due === 0 || state.isOver) continue;
    state.isOver = performance.now() > untilMs;
    // The last one wakes those who have read all that came before.
    const more = state.isOver ? 1 : due;
    state.sent += more;
    await connection.write(batch.subarray(0, more * (size + 6)));
  }
  return seen;
}

/** Counts what comes until all that was sent has come. */
async function countUntilOver(
  connection: Deno.TcpConn,
  replyBytes: number,
  state: FanOutState,
): Promise<number> {
  const buffer = new Uint8Array(65_536);
  let received = 0;
  while (!state.isOver || received < state.sent * replyBytes) {
    received += await read(connection, buffer);
  }
  return received / replyBytes;
}

async function read(connection: Deno.TcpConn, buffer: Uint8Array): Promise<number> {
  const count = await connection.read(buffer);
  if (count === null) throw new Error("Cannot measure: the server closed a connection");
  return count;
}

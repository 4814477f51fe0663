/**
 * A game of snakes without walls: each room is a process of its own, which moves everybody ten
 * times a second. Run it with `deno run --allow-net --allow-env examples/guide/game.ts [PORT]`
 * and connect WebSocket clients to `/game/NAME`; `left`, `right`, `up` and `down` turn.
 *
 * @module
 */

import {
  createHandler,
  createNode,
  type FromConnection,
  isDataMessage,
  json,
  keyed,
  listen,
  type Process,
  untilSignalled,
} from "@troupe/troupe";

const TICK_MS = 100;
const SIZE = 20;
const TURNS = { left: [-1, 0], right: [1, 0], up: [0, -1], down: [0, 1] } as const;

/** What the game sends itself. */
interface Tick {
  readonly kind: "tick";
}

interface Player {
  x: number;
  y: number;
  turn: readonly [dx: number, dy: number];
}

async function game(self: Process<FromConnection | Tick>): Promise<void> {
  const players = new Map<string, Player>();
  let isTicking = false;
  let round = 0;
  const state = () => json({ room: self.key, round, players: [...players.values()] });
  const tickLater = () => {
    isTicking = players.size > 0;
    if (isTicking) self.sendAfter(self.pid, { kind: "tick" }, TICK_MS);
  };
  for await (const { message } of self) {
    if (message.kind === "connect") {
      players.set(message.id, { x: players.size % SIZE, y: 0, turn: TURNS.down });
      // Whoever comes late sees the game as it is.
      self.send(message.id, state());
      if (!isTicking) tickLater();
    } else if (message.kind === "disconnect") {
      players.delete(message.id);
    } else if (message.kind === "tick") {
      round++;
      for (const player of players.values()) {
        player.x = (player.x + player.turn[0] + SIZE) % SIZE;
        player.y = (player.y + player.turn[1] + SIZE) % SIZE;
      }
      self.sendAll(players.keys(), state());
      tickLater();
    } else if (isDataMessage(message) && Object.hasOwn(TURNS, String(message.body))) {
      players.get(message.id)!.turn = TURNS[message.body as keyof typeof TURNS];
    }
  }
}

const node = createNode();
// A room that nobody is in for a minute is forgotten; the next player starts it anew.
node.spawn(keyed("game", game, { idleTimeoutMs: 60_000 }));
const handler = createHandler({ target: "game/:room" });
node.spawnMeta(handler);
const listener = await listen({ "/game/:room": handler }, { port: Number(Deno.args[0] ?? 8080) });
console.log(`Listening on http://127.0.0.1:${listener.addr.port}/`);
await untilSignalled();
await node.stop();
await listener.shutdown();

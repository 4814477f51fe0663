/**
 * The behaviour `chat`: a chat with rooms.
 *
 * @module
 */

import type { Process } from "../actor/mod.ts";
import { BROADCAST, createEventServer, type EventConnection } from "../events/mod.ts";

/** Longest name of a person or a room, in UTF-16 units. */
const MAX_NAME_LENGTH = 64;
/** Rooms that one connection can be in, that of its own id not counted. */
const MAX_ROOMS = 32;

/** The form of the ids that connections have by default. */
const ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

interface Saying {
  readonly room?: unknown;
  readonly text?: unknown;
}

/**
 * The chat of one connection.
 *
 * | event from the client | data | what comes of it |
 * | --- | --- | --- |
 * | `name` | text | what others are told as `name`; until then its id |
 * | `join` | room | everybody in it, the new one too, gets `joined` |
 * | `leave` | room | everybody in it, the leaving one too, gets `left` |
 * | `say` | `{room, text}` | everybody in it gets `said` |
 * | `chat` | text | everybody else gets `chat` |
 *
 * The connection first gets `welcome` with `{id}`. `joined` and `left` carry
 * `{room, id, name}`, `said` carries `{room, id, name, text}`. When a connection
 * ends, its rooms get `left` and everybody gets `disconnected` with `{id, name}`.
 * What cannot be done is answered with `refused` and a text that says why.
 */
export function serveChat(connection: EventConnection): void {
  const { id } = connection;
  const who = () => ({ id, name: connection.getValueString("name") ?? id });
  const refuse = (what: string, why: string) => {
    connection.emit("refused", `Cannot ${what}: ${why}`);
  };
  let rooms = 0;

  connection.on("name", (_, name) => {
    if (isName(name)) connection.setValue("name", name);
    else refuse("take the name", `expected 1 to ${MAX_NAME_LENGTH} characters`);
  });
  const join = (room: string) => {
    if (connection.isJoined(room)) return refuse("join", "you are in it");
    if (rooms >= MAX_ROOMS) return refuse("join", `you are in ${MAX_ROOMS} rooms`);
    rooms++;
    connection.join(room);
    connection.to(room).emit("joined", { room, ...who() });
  };

  connection.on("join", (_, room) => {
    if (!isRoom(connection, room)) return refuse("join", "this is no name of a room");
    if (!ID.test(room)) return join(room);
    // It may be that of somebody on another node.
    return connection.server.inCluster.isConnected(room).then((isId) => {
      if (isId) refuse("join", "this is no name of a room");
      else if (connection.isConnected) join(room);
    }, () => refuse("join", "not all nodes answer"));
  });
  connection.on("leave", (_, room) => {
    if (!isRoom(connection, room) || !connection.leave(room)) {
      refuse("leave", "you are not in this room");
    }
  });
  connection.on("say", (saying: Saying | null) => {
    const { room, text } = saying ?? {};
    if (typeof room !== "string" || typeof text !== "string") {
      return refuse("say it", 'expected {"room": …, "text": …}');
    }
    if (!connection.isJoined(room)) return refuse("say it", "you are not in this room");
    connection.to(room).emit("said", { room, ...who(), text });
  });
  connection.on("chat", (_, text) => {
    connection.to(BROADCAST).emit("chat", text);
  });
  connection.onLeave((room) => {
    if (room === id) return;
    rooms--;
    connection.to(room).emit("left", { room, ...who() });
  });
  connection.onDisconnect(() => {
    connection.to(BROADCAST).emit("disconnected", who());
  });
  connection.emit("welcome", { id });
}

function isName(text: string): boolean {
  return text.trim() !== "" && text.length <= MAX_NAME_LENGTH;
}

/** Its own id, and those of others, are no rooms of the chat. */
function isRoom({ server }: EventConnection, room: string): boolean {
  return isName(room) && room !== BROADCAST && !server.isConnected(room);
}

/** A process of the chat, for any number of endpoints; each process has rooms of its own. */
export async function chat(self: Process): Promise<void> {
  const server = createEventServer();
  server.onConnection(serveChat);
  await server.run(self);
}

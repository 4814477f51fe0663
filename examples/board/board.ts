/**
 * A board that everybody paints on: one process holds it and tells every connection.
 *
 * Run it with `deno run -A main.ts --config examples/board/troupe.jsonc`.
 * On `/board` each connection gets `{"board":[["",…],…]}` first, then one
 * `{"x":0,"y":0,"colour":"red"}` for each stroke of anybody, and sends such
 * strokes itself. The board lives as long as the process.
 *
 * @module
 */

import {
  type Alias,
  type FromConnection,
  isConnect,
  isDataMessage,
  isDisconnect,
  json,
  type Process,
} from "@troupe/troupe";

interface Stroke {
  readonly x: number;
  readonly y: number;
  readonly colour: string;
}

const COLOURS = ["", "black", "red", "green", "blue", "yellow"];

/** Reads a stroke; `undefined` when the text is anything else or off the board. */
function readStroke(text: string | Uint8Array, size: number): Stroke | undefined {
  if (typeof text !== "string") return undefined;
  try {
    const { x, y, colour } = JSON.parse(text) ?? {};
    const onBoard = [x, y].every((at) => Number.isInteger(at) && at >= 0 && at < size);
    return onBoard && COLOURS.includes(colour) ? { x, y, colour } : undefined;
  } catch {
    return undefined;
  }
}

function readSize(size: unknown): number {
  if (typeof size === "number" && Number.isInteger(size) && size > 0 && size <= 64) return size;
  throw new RangeError(`Cannot make a board of size ${String(size)}: expected 1 to 64`);
}

export default async function board(self: Process<FromConnection>): Promise<void> {
  const size = readSize(self.env.size ?? 8);
  const cells = Array.from({ length: size }, () => Array<string>(size).fill(""));
  const connections = new Set<Alias>();
  const tell = (id: Alias, value: unknown) => self.send(id, json(value));

  for await (const { message } of self) {
    if (isConnect(message)) {
      connections.add(message.id);
      tell(message.id, { board: cells });
    } else if (isDisconnect(message)) {
      connections.delete(message.id);
    } else if (isDataMessage(message)) {
      const stroke = readStroke(message.body, size);
      if (stroke === undefined) {
        tell(message.id, {
          error: `expected x and y below ${size} and a colour`,
          colours: COLOURS,
        });
        continue;
      }
      cells[stroke.y]![stroke.x] = stroke.colour;
      for (const id of connections) tell(id, stroke);
    }
  }
}

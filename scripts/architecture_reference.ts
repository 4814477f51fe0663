/**
 * The rooms of the source as a table: what each is, and which it may import.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import { ARROWS } from "../tests/structure/arrows.ts";

/** Text of a room's door, or nothing where the room is not built yet. */
function doorOf(room: string): string | undefined {
  const path = fileURLToPath(new URL(`../src/${room}/mod.ts`, import.meta.url));
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** The first sentence of a module's documentation, on one line. */
export function firstSentence(text: string): string {
  const doc = /^\/\*\*([\s\S]*?)\*\//.exec(text)?.[1] ?? "";
  const lines = doc.split("\n").map((line) => line.replace(/^\s*\* ?/, ""));
  const [paragraph = ""] = lines.join("\n").trim().split("\n\n");
  return paragraph.replaceAll("\n", " ").split(/(?<=\.) /)[0]!;
}

/** One row for each room that there is, in the order of the table of arrows. */
export function renderArchitecture(): string {
  const doors = [...ARROWS].map(([room, arrows]) => ({ room, arrows, door: doorOf(room) }));
  const built = new Set(doors.filter(({ door }) => door !== undefined).map(({ room }) => room));
  const rows = doors.flatMap(({ room, arrows, door }) => {
    if (door === undefined) return [];
    const imports = arrows.filter((arrow) => built.has(arrow)).map((arrow) => `\`${arrow}\``);
    return [`| \`${room}\` | ${firstSentence(door)} | ${imports.join(", ") || "no other room"} |`];
  });
  return `| Room of \`src\` | What it is | May import |
| ------------- | ---------- | ---------- |
${rows.join("\n")}
`;
}

/**
 * A client that reads and writes as the original one does, with its quirks.
 *
 * @module
 */

/** Prefix that the original client has built in. */
export const ORIGINAL_PREFIX = "iris-websocket-message:";

/**
 * What the original client writes. Everything that becomes a number when 0 is
 * subtracted goes as type 1: numbers, but also `"42"` and `true`.
 */
export function writeAsOriginal(event: string, data?: unknown): string {
  const [type, text] = classify(data);
  return `${ORIGINAL_PREFIX}${event};${type};${text}`;
}

function classify(data: unknown): [type: number, text: string] {
  const excluded = data === null || data === "" || data === false;
  if (!excluded && !Number.isNaN((data as number) - 0)) return [1, String(data)];
  if (typeof data === "boolean") return [2, String(data)];
  if (typeof data === "string") return [0, data];
  if (typeof data === "object") return [4, JSON.stringify(data)];
  return [0, ""];
}

/**
 * What the original client makes of a message: an event if the prefix is
 * anywhere in it, always with the text of its data; else a native message.
 */
export function readAsOriginal(message: string): { event?: string; text: string } {
  if (message.indexOf(ORIGINAL_PREFIX) === -1) return { text: message };
  const rest = message.substring(ORIGINAL_PREFIX.length);
  const event = rest.substring(0, rest.indexOf(";"));
  if (event === "") return { text: message };
  const at = message.indexOf(`${event};`);
  return { event, text: message.substring(at + event.length + 1 + 2) };
}

/**
 * Identities of nodes, processes, meta-processes and references.
 *
 * Every identity is a branded string, so it is a Map key, JSON, a log field
 * and structured-cloneable as it stands:
 *
 * - Pid: `<name@host/incarnation/counter>`
 * - Alias: `Alias#<name@host/incarnation/counter>`
 * - Ref: `Ref#<name@host/incarnation/counter>`
 *
 * A counter never repeats within an incarnation, and each start of a node has
 * a new incarnation, so an identity never names two things.
 *
 * @module
 */

/**
 * Address of a process that takes messages of a type; without one it is not told, and
 * anything may be sent.
 */
// deno-lint-ignore no-explicit-any -- of unknown, an address that knows would be none that does not
export type Pid<M = any> = string & {
  readonly __identity: "pid";
  /** For the compiler alone, as the line above: there is nothing of it at run time. */
  readonly __accepts: (message: M) => void;
};

/** Address of a meta-process, for example of one WebSocket connection. */
// deno-lint-ignore no-explicit-any -- as of a Pid
export type Alias<M = any> = string & {
  readonly __identity: "alias";
  readonly __accepts: (message: M) => void;
};

/** Address of an actor of either kind. */
// deno-lint-ignore no-explicit-any -- as of a Pid
export type Address<M = any> = Pid<M> | Alias<M>;

/**
 * What may be sent to a target: to an address what it takes, to a name anything, and to one
 * of several addresses what all of them take.
 */
export type MessageOf<T> = [T] extends [never] ? unknown
  : (T extends { readonly __accepts: infer F } ? F : (message: unknown) => void) extends
    (message: infer M) => void ? M
  : unknown;

/** Name of one monitor, or of one call that crosses between nodes. */
export type Ref = string & { readonly __identity: "ref" };

/** What messages can be addressed to: an identity, a name, or a name on a node. */
export type Target = Pid | Alias | string | { readonly name: string; readonly node: string };

/** The parts of an identity. */
export interface IdentityParts {
  /** What it names. */
  readonly kind: "pid" | "alias" | "ref";
  /** Node name, `name@host`. */
  readonly node: string;
  /** The start of the node that made it. */
  readonly incarnation: string;
  /** Position in the order of creation on that node, from 1. */
  readonly counter: number;
}

const PREFIXES = { pid: "<", alias: "Alias#<", ref: "Ref#<" } as const;
const IDENTITY = /^(Alias#|Ref#)?<([^/<>@]+(?:\/[0-9]+)?@[^/<>]+)\/([0-9a-z]+)\/([0-9]+)>$/;
// With the number of a worker, where one machine has several.
const NODE_NAME = /^[A-Za-z0-9_.-]+(?:\/[0-9]+)?@[A-Za-z0-9_.-]+$/;
const PROCESS_NAME = /^[A-Za-z0-9_][A-Za-z0-9_.:-]*$/;

/** Longest node and process names, in bytes. */
export const MAX_NAME_BYTES = 255;

/** Formats an identity; the inverse of {@linkcode parseIdentity}. */
export function formatIdentity(parts: IdentityParts): string {
  return `${PREFIXES[parts.kind]}${parts.node}/${parts.incarnation}/${parts.counter}>`;
}

/** Parses an identity; `undefined` for any other string, such as a name. */
export function parseIdentity(text: string): IdentityParts | undefined {
  const match = IDENTITY.exec(text);
  if (match === null) return undefined;
  const kind = match[1] === "Alias#" ? "alias" : match[1] === "Ref#" ? "ref" : "pid";
  return { kind, node: match[2]!, incarnation: match[3]!, counter: Number(match[4]) };
}

/**
 * Checks a node name: `name@host` of letters, digits, `_`, `.` and `-`.
 *
 * @throws {TypeError} If it has another form or more than 255 bytes.
 */
export function assertNodeName(name: string): void {
  if (NODE_NAME.test(name) && name.length <= MAX_NAME_BYTES) return;
  throw new TypeError(
    `Cannot name a node ${JSON.stringify(name)}: expected name@host with one "@", ` +
      `of letters, digits, "_", "." and "-", at most ${MAX_NAME_BYTES} bytes`,
  );
}

/** Whether a process can be registered under `name`. */
export function isProcessName(name: string): boolean {
  return PROCESS_NAME.test(name) && name.length <= MAX_NAME_BYTES;
}

/**
 * Checks the name of a process: letters, digits, `_`, `.`, `:` and `-`, of
 * which the last three do not begin it.
 *
 * @throws {TypeError} If it has another form or more than 255 bytes.
 */
export function assertProcessName(name: string): void {
  if (isProcessName(name)) return;
  throw new TypeError(
    `Cannot register a process as ${JSON.stringify(name)}: expected letters, digits, ` +
      `"_", ".", ":" and "-", beginning with one of the first three, at most ${MAX_NAME_BYTES} bytes`,
  );
}

/** Makes a new incarnation: 12 random base-36 digits. */
export function createIncarnation(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return Array.from(bytes, (byte) => (byte % 36).toString(36)).join("");
}

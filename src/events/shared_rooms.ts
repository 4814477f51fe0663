/**
 * The rooms of an event server on the other nodes where one of its name runs.
 *
 * @module
 */

import { askNodes, assertComplete, type Process, type Subjects } from "../actor/mod.ts";
import type { Emission } from "./codec.ts";
import { isFinal, isGathered, mergeAnswers } from "./gather.ts";
import type { ConnectionInfo, EventCommand } from "./messages.ts";
import { ALL, BROADCAST } from "./rooms.ts";

/** Connections that a node is asked for at a time: an answer has its bounds. */
const PAGE = 200;

/** What crosses between event servers. */
export type Shared =
  /** As `emit` of the server. */
  | ({
    readonly kind: "emit";
    readonly to: string;
    readonly from: string | undefined;
    readonly except: readonly string[] | undefined;
  } & Emission)
  /** A connection of this id has come elsewhere. */
  | { readonly kind: "replaced"; readonly id: string };

/** An emission as it crosses: without names of fields, which would be most of its bytes. */
type Crossing = readonly [
  to: string,
  body: string | Uint8Array,
  head: string | null,
  from: string | null,
  except: readonly string[] | null,
];

/** What acts on this node. */
export interface SharedRoomsHost {
  /** All rooms that have a member here. */
  subjects(): Iterable<string>;
  /** Takes in what comes from another node; counts who accepted it. */
  share(shared: Shared): number | void;
}

/** Implements what crosses nodes; a server without a name is alone. */
export class SharedRooms {
  readonly #host: SharedRoomsHost;
  #self: Process | undefined;
  #subjects: Subjects | undefined;

  constructor(host: SharedRoomsHost) {
    this.#host = host;
  }

  /** The server runs. */
  open(self: Process): void {
    if (self.name === undefined) return;
    this.#self = self;
    this.#subjects = self.openSubjects(`events ${self.name}`, {
      subjects: () => this.#host.subjects(),
      deliver: (_, message) => this.#host.share(readShared(message)),
    });
  }

  /** It does not any more. */
  close(): void {
    this.#self = this.#subjects = undefined;
  }

  /** A room has got its first member here, or lost its last. */
  tell(kind: "joined" | "left", room: string): void {
    this.#subjects?.[kind](room);
  }

  /** Emits on the other nodes. */
  emit(
    to: string,
    from: string | undefined,
    except: readonly string[] | undefined,
    emission: Emission,
  ): void {
    if (this.#subjects === undefined || this.#subjects.isAlone) return;
    this.#subjects.publish(subjectOf(to), cross(to, from, except, emission));
  }

  /** As `emit`; counts who accepted it there and `here`. */
  emitCounted(
    to: string,
    from: string | undefined,
    except: readonly string[] | undefined,
    emission: Emission,
    here: number,
  ): number | Promise<number> {
    if (this.#subjects === undefined || this.#subjects.isAlone) return here;
    const crossing = cross(to, from, except, emission);
    return this.#subjects.publishCounted(subjectOf(to), crossing, here);
  }

  /** A connection has come, in place of one that may be elsewhere. */
  replace(id: string): void {
    this.#subjects?.publish(id, { kind: "replaced", id } satisfies Shared);
  }

  /**
   * The answer of all nodes to a command, from that of this one; `undefined` if that is all.
   *
   * Rejects with an `IncompleteAnswerError` where the answer of a node is missing.
   */
  ask(command: EventCommand, here: unknown): Promise<unknown> | undefined {
    if (!isGathered(command)) return undefined;
    const nodes = this.#subjects?.nodes ?? [];
    return nodes.length === 0 ? undefined : this.#ask(nodes, command, here);
  }

  async #ask(nodes: readonly string[], command: EventCommand, here: unknown): Promise<unknown> {
    const asked = await askNodes(
      nodes,
      (node) =>
        command.kind === "connections" && command.limit === undefined
          ? this.#list(node, command)
          : this.#call(node, command),
    );
    const merged = mergeAnswers(command, [here, ...asked.answers]);
    return isFinal(merged) ? merged : assertComplete(merged, asked);
  }

  async #list(
    node: string,
    command: Extract<EventCommand, { kind: "connections" }>,
  ): Promise<ConnectionInfo[]> {
    const all: ConnectionInfo[] = [];
    for (;;) {
      const window = { ...command, after: all.at(-1)?.id ?? command.after, limit: PAGE };
      const page = await this.#call(node, window) as ConnectionInfo[];
      all.push(...page);
      if (page.length < PAGE) return all;
    }
  }

  #call(node: string, command: EventCommand): Promise<unknown> {
    const { name } = this.#self!;
    return this.#self!.call({ name: name!, node }, { ...command, scope: "node" });
  }
}

function subjectOf(to: string): string {
  return to === BROADCAST ? ALL : to;
}

function cross(
  to: string,
  from: string | undefined,
  except: readonly string[] | undefined,
  { head, body }: Emission,
): Crossing {
  return [to, body, head ?? null, from ?? null, except ?? null];
}

/** @throws {TypeError} If it is not what event servers say to each other. */
function readShared(message: unknown): Shared {
  if (Array.isArray(message)) return readEmission(message);
  const { kind, id } = (message ?? {}) as Record<string, unknown>;
  if (kind === "replaced" && typeof id === "string") return { kind, id };
  throw new TypeError(`Cannot take a message of kind ${JSON.stringify(kind)}: it is not known`);
}

function readEmission([to, body, head, from, except]: readonly unknown[]): Shared {
  const isSound = typeof to === "string" && isTextOrNull(head) && isTextOrNull(from) &&
    (typeof body === "string" || body instanceof Uint8Array) &&
    (except === null || Array.isArray(except));
  if (!isSound) throw new TypeError("Cannot take an emission: it has not the form of one");
  return {
    kind: "emit",
    to,
    from: from ?? undefined,
    except: except ?? undefined,
    body,
    ...head === null ? {} : { head },
  };
}

function isTextOrNull(value: unknown): value is string | null {
  return value === null || typeof value === "string";
}

/**
 * The topics of a process on the other nodes where one of its name runs.
 *
 * @module
 */

import { askNodes, assertComplete, type Process, type Subjects } from "../actor/mod.ts";
import type { TopicInfo, TopicsCommand } from "./commands.ts";

/** What acts on this node. */
export interface SharedTopicsHost {
  /** Topics that have a subscriber here. */
  subjects(): Iterable<string>;
  /** Gives the text of a publication to the subscribers here; how many they are. */
  deliver(topic: string, text: string): number;
}

/** Implements what crosses nodes; a process without a name is alone. */
export class SharedTopics {
  readonly #self: Process;
  readonly #subjects: Subjects | undefined;

  constructor(self: Process, host: SharedTopicsHost) {
    this.#self = self;
    this.#subjects = self.name === undefined
      ? undefined
      : self.openSubjects(`topics ${self.name}`, {
        subjects: () => host.subjects(),
        deliver: (topic, text) => {
          if (typeof text === "string") return host.deliver(topic, text);
          throw new TypeError(`Cannot publish a ${typeof text}: expected a text`);
        },
      });
  }

  /** A topic has got its first subscriber here, or lost its last. */
  tell(kind: "joined" | "left", topic: string): void {
    this.#subjects?.[kind](topic);
  }

  /** Gives the text of a publication to the other nodes. */
  publish(topic: string, text: string): void {
    this.#subjects?.publish(topic, text);
  }

  /** As `publish`; counts the subscribers there and `here`. */
  publishCounted(topic: string, text: string, here: number): number | Promise<number> {
    if (this.#subjects === undefined || this.#subjects.isAlone) return here;
    return this.#subjects.publishCounted(topic, text, here);
  }

  /**
   * The answer of all nodes to a command, from that of this one; `undefined` if that is all.
   *
   * Rejects with an `IncompleteAnswerError` where the answer of a node is missing.
   */
  ask(command: TopicsCommand, here: unknown): Promise<unknown> | undefined {
    if (command.scope === "node" || command.kind === "publish") return undefined;
    const nodes = this.#subjects?.nodes ?? [];
    return nodes.length === 0 ? undefined : this.#ask(nodes, command, here);
  }

  async #ask(nodes: readonly string[], command: TopicsCommand, here: unknown): Promise<unknown> {
    const name = this.#self.name!;
    const asked = await askNodes(
      nodes,
      (node) => this.#self.call({ name, node }, { ...command, scope: "node" }),
    );
    const answers = [here, ...asked.answers];
    const merged = command.kind === "topics"
      ? sumTopics((answers as TopicInfo[][]).flat())
      : (answers as number[]).reduce((sum, each) => sum + each, 0);
    return assertComplete(merged, asked);
  }
}

/** Each topic once, in the order in which they come. */
function sumTopics(all: readonly TopicInfo[]): TopicInfo[] {
  const sums = new Map<string, number>();
  for (const { topic, subscribers } of all) {
    sums.set(topic, (sums.get(topic) ?? 0) + subscribers);
  }
  return Array.from(sums, ([topic, subscribers]) => ({ topic, subscribers }));
}

/**
 * Subjects: what several nodes have members of, a room or a topic each.
 *
 * @module
 */

import type { Ref } from "../identities.ts";

/** What a process has of a space of subjects, on its own node. */
export interface SubjectSource {
  /** All subjects that have a member here now. */
  subjects(): Iterable<string>;
  /**
   * Takes in what was published on another node; there may be no member any more. Returns how
   * many it reached, for who asks.
   */
  deliver(subject: string, message: unknown): number | void;
}

/**
 * A space of subjects that is open on this node, and on others under the same name.
 *
 * A node tells the others which of its subjects have members: so a publication crosses a link
 * once, in order with what else is sent there, and a node without members gets nothing. That a
 * subject has lost its last member is told 5 s later.
 */
export interface Subjects {
  /** Whether there is no other node: then nothing that is said here has an effect. */
  readonly isAlone: boolean;
  /** Names of the other nodes on which the space is open. */
  readonly nodes: readonly string[];
  /** A subject has got its first member here. */
  joined(subject: string): void;
  /** A subject has lost its last member here. */
  left(subject: string): void;
  /**
   * Gives a message to the other nodes that have members of a subject, at most once; returns
   * how many links took it. It is encoded once for all of them.
   *
   * @throws {TypeError} If the message is not plain data that structured clone accepts.
   */
  publish(subject: string, message: unknown): number;
  /**
   * As `publish`; resolves with how many it reached on the other nodes and `here`. Each node has
   * 5 s to tell.
   *
   * Rejects with an `IncompleteAnswerError` where one did not get it, or did not tell.
   *
   * @throws {TypeError} If the message is not plain data that structured clone accepts.
   */
  publishCounted(subject: string, message: unknown, here?: number): Promise<number>;
}

/**
 * What a node tells another one of subjects.
 *
 * Of its interest it tells all first, between `interestBegins` and `interestEnds`, and then what
 * changes. It may begin anew: what was said before counts until the end of that.
 */
export type SubjectMessage =
  /** To a node that wants the subject. */
  | {
    readonly kind: "publication";
    readonly space: string;
    readonly subject: string;
    readonly message: unknown;
    /** What the number of those that it reached is addressed to. */
    readonly replyTo?: Ref;
  }
  | { readonly kind: "interestBegins" | "interestEnds" }
  /** The space is open there; subjects that are wanted, and such that are not any more. */
  | {
    readonly kind: "interest";
    readonly space: string;
    readonly add: readonly string[];
    readonly drop: readonly string[];
  }
  /** The space is not open there any more. */
  | { readonly kind: "interestGone"; readonly space: string };

/** Something that was published, as it crosses to another node. */
export type Publication = Extract<SubjectMessage, { kind: "publication" }>;

/** The rest of them. */
export type InterestChange = Exclude<SubjectMessage, Publication>;

/**
 * The children of a supervisor: those that a decision is about.
 *
 * @module
 */

import type { ResolvedSupervisor } from "./options.ts";
import {
  type ChildState,
  stepSupervision,
  type SupervisionEffect,
  type SupervisionEvent,
} from "./supervision.ts";

/**
 * Keeps the state of the decisions by child.
 *
 * Children of a `"simple-one-for-one"` supervisor do not concern each other, so
 * a decision gets only the one that it is about: it costs the same however many
 * there are.
 */
export class Children {
  readonly #options: ResolvedSupervisor;
  readonly #states: Map<string, ChildState>;
  /** Of a simple supervisor: those to be started again. */
  readonly #waiting = new Set<string>();
  #restartsMs: readonly number[] = [];

  constructor(options: ResolvedSupervisor) {
    this.#options = options;
    const first = this.#isSimple ? [] : options.children;
    this.#states = new Map(
      first.map(({ id, restart }) => [id, { id, restart, phase: "running" }]),
    );
  }

  /** How many there are. */
  get size(): number {
    return this.#states.size;
  }

  /** Whether there is such a child. */
  has(id: string): boolean {
    return this.#states.has(id);
  }

  /** All, in the order of their declaration or first start. */
  all(): Iterable<ChildState> {
    return this.#states.values();
  }

  /** Takes note of what happened; returns what is to be done about it. */
  step(event: SupervisionEvent): readonly SupervisionEffect[] {
    const { strategy, limits } = this.#options;
    const before = this.concernedBy(event);
    const restartsMs = this.#restartsMs;
    const [after, effects] = stepSupervision(
      { strategy, limits, children: before, restartsMs },
      event,
    );
    this.#restartsMs = after.restartsMs;
    const left = new Set(after.children.map(({ id }) => id));
    for (const { id } of before) if (!left.has(id)) this.#remove(id);
    for (const child of after.children) this.#set(child);
    return effects;
  }

  /** The children that the decision about an event looks at. */
  concernedBy(event: SupervisionEvent): ChildState[] {
    if (!this.#isSimple) return [...this.#states.values()];
    const ids = event.kind === "restart" ? [...this.#waiting] : [event.id];
    return ids.map((id) => this.#states.get(id)).filter((child) => child !== undefined);
  }

  get #isSimple(): boolean {
    return this.#options.strategy === "simple-one-for-one";
  }

  #set(child: ChildState): void {
    this.#states.set(child.id, child);
    if (!this.#isSimple) return;
    if (child.phase === "waiting") this.#waiting.add(child.id);
    else this.#waiting.delete(child.id);
  }

  #remove(id: string): void {
    this.#states.delete(id);
    this.#waiting.delete(id);
  }
}

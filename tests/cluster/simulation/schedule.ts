/**
 * Random schedules: what users do, what goes wrong, and what must hold in the end.
 *
 * @module
 */

import fc from "fast-check";
import { KEYS } from "./owner_node.ts";
import { type Fault, type Mutation, type Start, World } from "./world.ts";

/** What a user does on a node. */
export interface Act {
  readonly kind: "send" | "monitor" | "link" | "exit" | "end";
  readonly atMs: number;
  readonly a: number;
  readonly b: number;
}

/** One run, from its values alone. */
export interface Schedule {
  readonly nodes: number;
  readonly seed: number;
  readonly faults: readonly Fault[];
  readonly acts: readonly Act[];
}

/** Until then things go wrong. */
const FAULTS_MS = 16_000;
/** Then the nodes have the time to find each other and to take over what nobody owns. */
const HORIZON_MS = 29_000;

const byte = fc.integer({ min: 0, max: 255 });
const atMs = fc.integer({ min: 2_000, max: 11_000 });

/** Any schedule of 3 to 5 nodes. */
export const schedules: fc.Arbitrary<Schedule> = fc.record({
  nodes: fc.integer({ min: 3, max: 5 }),
  seed: fc.integer(),
  faults: fc.array(
    fc.record({
      kind: fc.constantFrom<Fault["kind"]>(
        "cut",
        "partition",
        "brokerCut",
        "brokerDown",
        "pause",
        "kill",
        "stop",
        "loss",
        "twin",
      ),
      atMs,
      forMs: fc.integer({ min: 50, max: 8_000 }),
      a: byte,
      b: byte,
    }),
    { maxLength: 6 },
  ),
  acts: fc.array(
    fc.record({
      kind: fc.constantFrom<Act["kind"]>("send", "send", "send", "monitor", "link", "exit", "end"),
      atMs: fc.integer({ min: 2_500, max: 18_000 }),
      a: byte,
      b: byte,
    }),
    { maxLength: 40 },
  ),
});

/** Runs a schedule; gives the first invariant that did not hold. */
export function run({ nodes, seed, faults, acts }: Schedule, mutation: Mutation): World {
  const world = new World(nodes, seed, mutation, HORIZON_MS);
  for (const fault of faults) {
    const forMs = Math.min(fault.forMs, FAULTS_MS - fault.atMs);
    world.timeline.after(fault.atMs, () => world.apply({ ...fault, forMs }));
  }
  for (const act of acts) world.timeline.after(act.atMs, () => perform(world, act));
  world.timeline.run();
  judgeEnd(world, faults);
  return world;
}

function perform(world: World, { kind, a, b }: Act): void {
  const from = a % world.size;
  const to = (from + 1 + b % (world.size - 1)) % world.size;
  const start = world.starts[from]!;
  if (start.isDead) return;
  const target = `actor ${b % 3}`;
  world.runOn(start, () => {
    if (kind === "send") start.links.send(to);
    else if (kind === "monitor") start.links.monitor(to, target);
    else if (kind === "link") start.links.link(to, target);
    else if (kind === "exit") start.links.exit(to);
    else start.links.endTarget(target);
  });
}

/** What can be said only when all has become quiet. */
function judgeEnd(world: World, faults: readonly Fault[]): void {
  for (const start of world.starts) {
    for (const index of start.links.peers.keys()) judgePair(world, start, index, faults);
    const { ties } = start.links;
    for (const { ref, ...tie } of ties.monitors()) judgeTie(world, `monitor ${ref}`, tie);
    for (const { linker, ...tie } of ties.links()) judgeTie(world, `link of ${linker}`, tie);
  }
  if (faults.some(({ kind }) => kind === "twin")) return;
  for (const [at, key] of KEYS.entries()) {
    if (!world.starts.some(({ owner }) => owner.owns(at))) world.fail(`nobody owns ${key}`);
  }
}

/** One direction of one pair of nodes. */
function judgePair(world: World, start: Start, index: number, faults: readonly Fault[]): void {
  const peer = start.links.peers[index];
  if (peer === undefined) return;
  const other = world.starts[index]!;
  const mirror = other.links.peers[start.index];
  if (peer.incarnation !== other.incarnation || mirror?.incarnation !== start.incarnation) {
    return world.fail(`${start.index} and ${index} have not met`);
  }
  if (peer.reachability.phase !== "up") world.fail(`${index} is not up for ${start.index}`);
  const lost = peer.lostOut + mirror.lostIn;
  if (mirror.delivered + lost < peer.accepted) {
    world.fail(`${peer.accepted} sent, ${mirror.delivered} arrived, ${lost} counted as lost`);
  }
  if (faults.length === 0 && lost > 0) world.fail(`${lost} counted as lost, nothing was`);
  for (const { id, linkEpoch } of peer.exits) {
    // Of a link that was given up, what was under way is counted.
    if (linkEpoch === peer.link.linkEpoch && !mirror.exitsSeen.has(id)) {
      world.fail(`exit signal ${id} from ${start.index} to ${index} never came`);
    }
  }
}

/** Whoever waits for an end waits for one that is still to come. */
function judgeTie(world: World, what: string, tie: { node: string; target: string }): void {
  const other = world.starts.find(({ index, incarnation }) =>
    `n${index}/${incarnation}` === tie.node
  );
  if (other === undefined || other.links.ended.has(tie.target)) {
    world.fail(`${what} waits for what has ended`);
  }
}

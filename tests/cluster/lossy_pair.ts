/**
 * Two nodes whose link loses what a test wants lost.
 *
 * @module
 */

import { createNode, type Node } from "../../src/actor/mod.ts";
import { linkPort } from "../../src/cluster/mod.ts";
import { decodeBatch } from "../../src/cluster/wire.ts";
import { settleBetween } from "./stage.ts";

function countMessages(bytes: Uint8Array): number {
  const decoded = decodeBatch(bytes);
  return decoded.ok ? decoded.batch.envelopes.length : 0;
}

/** Links two nodes. `loses` decides about each batch, from either side; by default none is lost. */
export function linkLossy(here: Node, there: Node, loses: () => boolean = () => false) {
  const [one, other] = [new MessageChannel(), new MessageChannel()];
  let left = 0;
  let allLost = Promise.withResolvers<void>();
  const passes = (data: Uint8Array) => {
    if (left === 0) return !loses();
    left = Math.max(0, left - countMessages(data));
    if (left === 0) allLost.resolve();
    return false;
  };
  one.port2.onmessage = ({ data }) => passes(data) && other.port1.postMessage(data);
  other.port1.onmessage = ({ data }) => passes(data) && one.port2.postMessage(data);
  const links = [linkPort(here, there, one.port1), linkPort(there, here, other.port2)] as const;
  return {
    links,
    /** Loses what `run` makes the nodes say to each other: so many messages. */
    async losing(run: () => void, messages = 1) {
      allLost = Promise.withResolvers();
      left = messages;
      run();
      await allLost.promise;
    },
    [Symbol.dispose]() {
      for (const link of links) link.close();
      for (const { port1, port2 } of [one, other]) {
        port1.close();
        port2.close();
      }
    },
  };
}

/** Two nodes that are linked so. */
export function openLossy(loses?: () => boolean) {
  const here = createNode({ name: "here@host" });
  const there = createNode({ name: "there@host" });
  const link = linkLossy(here, there, loses);
  return {
    here,
    there,
    links: link.links,
    losing: link.losing,
    settle: () => settleBetween(here, there),
    async [Symbol.asyncDispose]() {
      link[Symbol.dispose]();
      await Promise.all([here.stop(), there.stop()]);
    },
  };
}

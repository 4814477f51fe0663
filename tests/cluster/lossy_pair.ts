/**
 * Two nodes whose link loses what a test wants lost.
 *
 * @module
 */

import { createNode } from "../../src/actor/mod.ts";
import { linkPort } from "../../src/cluster/mod.ts";
import { settleBetween } from "./stage.ts";

/** Opens it. `loses` decides about each batch, from either side; by default none is lost. */
export function openLossy(loses: () => boolean = () => false) {
  const here = createNode({ name: "here@host" });
  const there = createNode({ name: "there@host" });
  const [one, other] = [new MessageChannel(), new MessageChannel()];
  let isLosing = false;
  one.port2.onmessage = ({ data }) => isLosing || loses() || other.port1.postMessage(data);
  other.port1.onmessage = ({ data }) => loses() || one.port2.postMessage(data);
  const links = [linkPort(here, there, one.port1), linkPort(there, here, other.port2)] as const;
  return {
    here,
    there,
    links,
    settle: () => settleBetween(here, there),
    /** Loses what `run` has said to the other node. */
    async losing(run: () => void) {
      isLosing = true;
      run();
      // It leaves with the end of this turn, and arrives before whatever is asked next.
      await new Promise((resolve) => setTimeout(resolve, 20));
      isLosing = false;
    },
    async [Symbol.asyncDispose]() {
      for (const link of links) link.close();
      for (const { port1, port2 } of [one, other]) {
        port1.close();
        port2.close();
      }
      await Promise.all([here.stop(), there.stop()]);
    },
  };
}

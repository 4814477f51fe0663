import { createNode } from "../../src/actor/mod.ts";
import { settle } from "../../src/testing/manual_clock.ts";
import { testPeerContract } from "./peer_contract.ts";

testPeerContract("an actor of one's own node", () => {
  const node = createNode({ name: "one@host" });
  return Promise.resolve({
    here: node,
    there: node,
    settle,
    [Symbol.asyncDispose]: () => node.stop(),
  });
}, "outcome");

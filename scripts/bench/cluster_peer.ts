/**
 * The other side of the comparison `cluster`: a node that counts what it gets, in a process of its
 * own (`cluster_peer.ts URL`), or each of two workers.
 *
 * @module
 */

import { createNode, type Node } from "../../src/actor/mod.ts";
import { joinCluster } from "../../src/cluster/mod.ts";
import { connect } from "../../src/cluster/nats/socket_transport.ts";
import { runWorker } from "../../src/workers/mod.ts";

const [url] = Deno.args;
const MAILBOX = 1_000_000;

function count(node: Node): void {
  let received = 0;
  node.spawn(async (self) => {
    for await (const { reply } of self) {
      if (reply === undefined) received++;
      else reply(received);
    }
  }, { name: "sink", mailboxSize: MAILBOX });
}

/** Sends so many messages as fast as there is credit for them. */
function send(node: Node): void {
  node.spawn(async (self) => {
    for await (const { message, reply } of self) {
      const { to, messages } = message as { to: { name: string; node: string }; messages: number };
      for (let sent = 0; sent < messages;) {
        if (self.send(to, { n: sent, text: "sixteen letters." }) === "accepted") sent++;
        else await new Promise((resolve) => setTimeout(resolve));
      }
      reply?.(true);
    }
  }, { name: "source" });
}

if (url?.startsWith("nats:")) {
  const node = createNode({ name: "peer@bench" });
  count(node);
  await joinCluster(node, { name: "bench", nats: { servers: url } });
  const bare = await connect({ servers: url.slice("nats://".length) });
  let received = 0;
  bare.subscribe("bare", { callback: () => void received++ });
  bare.subscribe("bare.count", { callback: (_, message) => void message.respond(`${received}`) });
  await bare.flush();
  console.log("ready");
} else {
  runWorker(({ name, join }) => {
    const node = createNode({ name });
    join(node);
    count(node);
    send(node);
  });
}

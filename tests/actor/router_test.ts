import { assertEquals, assertThrows } from "../helpers/assert.ts";
import type { Absence, Peer, Pid, Recipient, RemoteNode, Target } from "../../src/actor/mod.ts";
import { Registry } from "../../src/actor/registry.ts";
import { Router } from "../../src/actor/router.ts";

/** A node that tells by its stand-ins what they stand for. */
function createRemote(name: string, incarnation: string): RemoteNode {
  return {
    name,
    incarnation,
    peer: (address) => ({ node: name, address }) as Peer,
    named: (process) => ({ node: `${process} on ${name}` }) as Recipient,
    answer() {},
    capacity: () => undefined,
    tell: () => "accepted",
  };
}

function createRouter(): { router: Router; own: (counter: number) => Pid } {
  const registry = new Registry("here@host");
  const own = (counter: number) => `<here@host/${registry.incarnation}/${counter}>` as Pid;
  return { router: new Router(registry), own };
}

const OTHER = "<there@host/abc/7>" as Pid;

Deno.test("Router.find() says why there is nobody", () => {
  const { router, own } = createRouter();
  const cases: [Target, Absence][] = [
    ["nobody", "unknown"],
    [own(1), "unknown"],
    ["<here@host/earlier/1>", "unknown"],
    [OTHER, "unreachable"],
    [{ name: "any", node: "there@host" }, "unreachable"],
    [{ name: "any", node: "here@host" }, "unknown"],
  ];
  for (const [target, why] of cases) assertEquals(router.find(target), why, String(target));
  assertThrows(() => router.find(null as unknown as Target), TypeError, "got null");
});

Deno.test("Router.find() gives stand-ins of the start of a node that is attached", () => {
  const { router } = createRouter();
  const remote = createRemote("there@host", "abc");
  router.attach(remote);
  assertEquals((router.find(OTHER) as Peer).address, OTHER);
  assertEquals(router.find("<there@host/xyz/7>"), "unknown");
  assertEquals(router.find("Ref#<there@host/abc/7>"), "unknown");
  const named = router.find({ name: "any", node: "there@host" }) as Recipient;
  assertEquals(named.node, "any on there@host");
  assertEquals(router.findLocal(OTHER), "unreachable");
  router.detach(createRemote("there@host", "abc"));
  assertEquals(router.remotePeer(OTHER)?.address, OTHER);
  router.detach(remote);
  assertEquals([router.find(OTHER), router.remotePeer(OTHER)], ["unreachable", undefined]);
});

Deno.test("Router.find() follows a global name, until it is taken back", () => {
  const { router } = createRouter();
  router.attach(createRemote("there@host", "abc"));
  router.setGlobal("clock", OTHER);
  assertEquals([(router.find("clock") as Peer).address, router.whereis("clock")], [OTHER, OTHER]);
  assertEquals(router.findLocal("clock"), "unknown");
  router.setGlobal("clock", undefined);
  assertEquals([router.find("clock"), router.whereis("clock")], ["unknown", undefined]);
});

Deno.test("Router.attach() refuses this node and a second one of a name", () => {
  const { router } = createRouter();
  assertThrows(() => router.attach(createRemote("here@host", "x")), TypeError, "this node");
  router.attach(createRemote("there@host", "abc"));
  assertThrows(() => router.attach(createRemote("there@host", "x")), TypeError, "is attached");
  assertEquals((router.find(OTHER) as Peer).address, OTHER);
});

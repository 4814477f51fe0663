import { fileURLToPath } from "node:url";
import { CallUnreachableError, type Node } from "../../src/actor/mod.ts";
import { assert, assertEquals, assertGreater } from "../helpers/assert.ts";
import { testWith } from "../helpers/needs.ts";
import { Program } from "../helpers/program.ts";
import { addUp, Load, type Report } from "./load.ts";
import { eventually, join, NATS, withBroker } from "./stage.ts";

const PROGRAM = fileURLToPath(new URL("./load_program.ts", import.meta.url));
const NAMES = ["one@host", "two@host", "three@host"];
const SAY_MS = 4;

/** A client that says something all the while, as long as its node is there. */
async function talk(url: string): Promise<void> {
  const socket = new WebSocket(url);
  let timer: ReturnType<typeof setInterval> | undefined;
  socket.onopen = () => timer = setInterval(() => socket.send("something"), SAY_MS);
  await new Promise((resolve) => socket.onclose = resolve);
  clearInterval(timer);
}

async function startLoaded(name: string, broker: string, stack: AsyncDisposableStack) {
  const program = stack.use(new Program({ args: ["run", "-A", PROGRAM, name, broker] }));
  const port = await program.port();
  return { program, talking: talk(`ws://127.0.0.1:${port}/load`) };
}

/** Ends a program in good order; what it says at its end. */
async function end({ program, talking }: Awaited<ReturnType<typeof startLoaded>>) {
  program.signal("SIGTERM");
  const report = await program.find("its report", (line) => /^report (.+)$/.exec(line)?.[1]);
  await talking;
  assertEquals(await program.exitCode(), 0);
  return JSON.parse(report) as Report;
}

/** Nothing where it cannot be reached at this moment. */
async function ask(node: Node, name: string, what: string): Promise<Report | undefined> {
  try {
    return await node.call({ name: "sink", node: name }, what) as Report;
  } catch (error) {
    if (error instanceof CallUnreachableError) return undefined;
    throw error;
  }
}

testWith(
  NATS,
  "under a rolling restart of three nodes that send to each other all is received or counted, once",
  async (executable) => {
    await using broker = await withBroker(executable);
    await using here = await join("here@host", broker.url);
    await using stack = new AsyncDisposableStack();
    // Whatever is sent to it is counted from the beginning.
    const load = new Load(here.node, here.cluster);
    stack.defer(() => load.stop());
    const programs = new Map<string, Awaited<ReturnType<typeof startLoaded>>>();
    for (const name of NAMES) programs.set(name, await startLoaded(name, broker.url, stack));
    const ended: Report[] = [];
    for (const name of NAMES) {
      await here.cluster.whenUp(name);
      await eventually("it is under load", async () => {
        const report = await ask(here.node, name, "how many");
        return report !== undefined && report.received > 300 && report.ofClients > 100;
      });
      ended.push(await end(programs.get(name)!));
      programs.set(name, await startLoaded(name, broker.url, stack));
    }
    load.stop();
    for (const name of NAMES) {
      await eventually("it stops", async () => await ask(here.node, name, "stop") !== undefined);
    }
    let total = addUp(ended);
    await eventually("each is received or counted", async () => {
      const now = await Promise.all(NAMES.map((name) => ask(here.node, name, "how many")));
      if (now.includes(undefined)) return false;
      total = addUp([...ended, ...now as Report[], load.report()]);
      return total.received + total.lost >= total.accepted;
    });
    const { accepted, received, misplaced, lost, ofClients } = total;
    assertEquals(misplaced, 0);
    assert(received <= accepted, `${accepted} accepted, ${received} received, ${lost} lost`);
    assertGreater(accepted, 3_000);
    assertGreater(ofClients, 500);
    for (const { program } of programs.values()) program.signal("SIGTERM");
    await Promise.all([...programs.values()].map(({ talking }) => talking));
  },
);

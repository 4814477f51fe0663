/**
 * What an idle connection takes of the server's resident memory.
 *
 * @module
 */

import { open } from "./load.ts";
import { startSubject, type Subject } from "./subject.ts";

const CONNECTIONS = 9_000;
const BATCH = 200;
/** Bytes for a connection of engine `ws`. */
const GOAL = 13_000;
/** Files that a process has open besides its connections. */
const OTHER_FILES = 100;
/** Time for the server to come to rest, in milliseconds. */
const REST_MS = 2_000;

const SUBJECTS: readonly (readonly [title: string, name: string, args: readonly string[]])[] = [
  ["npm ws on node:http", "plain_ws", []],
  ["Troupe, engine native", "troupe", ["native"]],
  ["Troupe, engine ws", "troupe", ["ws"]],
];

/** Measures each and prints it. */
export async function memory(): Promise<void> {
  const count = Math.min(CONNECTIONS, openFiles() - OTHER_FILES);
  console.log(`\nMemory of an idle connection, at ${count.toLocaleString("en-US")} connections`);
  if (count < CONNECTIONS) {
    console.log(`  this process may open ${openFiles()} files; wanted ${CONNECTIONS} connections`);
  }
  for (const [title, name, args] of SUBJECTS) {
    await using subject = await startSubject(name, args);
    const bytes = await bytesPerConnection(subject, count);
    const goal = name === "troupe" && args[0] === "ws" ? showGoal(bytes) : "";
    console.log(`  ${title.padEnd(28)} ${showBytes(bytes)}${goal}`);
  }
}

/** Files that a process may open; the subjects inherit it. */
function openFiles(): number {
  try {
    const limits = Deno.readTextFileSync("/proc/self/limits");
    return Number(/^Max open files +(\d+)/m.exec(limits)?.[1] ?? Infinity);
  } catch {
    return Infinity;
  }
}

async function bytesPerConnection(subject: Subject, count: number): Promise<number | undefined> {
  // What the first ones make the server load is not theirs.
  const connections = await openBatch(subject, BATCH);
  await rest();
  const before = subject.residentBytes();
  while (connections.length < count) {
    connections.push(...await openBatch(subject, Math.min(BATCH, count - connections.length)));
  }
  await rest();
  const after = subject.residentBytes();
  for (const connection of connections) connection.close();
  if (before === undefined || after === undefined) return undefined;
  return (after - before) / (count - BATCH);
}

function openBatch({ port }: Subject, count: number): Promise<Deno.TcpConn[]> {
  return Promise.all(Array.from({ length: count }, () => open(port)));
}

function rest(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, REST_MS));
}

function showBytes(bytes: number | undefined): string {
  return bytes === undefined
    ? "unknown: this system does not tell"
    : `${Math.round(bytes).toLocaleString("en-US").padStart(7)} bytes`;
}

function showGoal(bytes: number | undefined): string {
  if (bytes === undefined) return "";
  return ` (goal ${GOAL.toLocaleString("en-US")}: ${bytes <= GOAL ? "reached" : "MISSED"})`;
}

/**
 * The answers of one node to the questions of the API.
 *
 * @module
 */

import type { Address, Pid } from "../actor/mod.ts";
import { close, type ListedConnection, type OutgoingMessage } from "../websocket/mod.ts";
import { compareTexts, firstOf, namesIn, type NameWindow } from "../text/mod.ts";
import { listActors, listChildren } from "./actor_windows.ts";
import { traceDelivery } from "./deliveries.ts";
import { type ApiHost, SERVICES } from "./host.ts";
import { bodyOf, toOutgoing } from "./messages.ts";
import type {
  ConnectionFilter,
  ConnectionRow,
  Publication,
  Published,
  Question,
} from "./questions.ts";

/** Time that a process with rooms or topics has to answer, in milliseconds. */
const CALL_TIMEOUT_MS = 5_000;

/** Answers a question about this node; what it delivers is a span below the request's. */
export async function answerQuestion(
  host: ApiHost,
  question: Exclude<Question, { kind: "logLevel" }>,
): Promise<unknown> {
  const trace = "trace" in question ? question.trace : undefined;
  return await traceDelivery(host, trace, () => answer(host, question), (answer) => ({
    "troupe.connections": typeof answer === "number" ? answer : (answer as Published).connections,
  }));
}

async function answer(
  host: ApiHost,
  question: Exclude<Question, { kind: "logLevel" }>,
): Promise<unknown> {
  switch (question.kind) {
    case "actors":
      return listActors(host, question);
    case "connections":
      return listConnections(host, question);
    case "close":
      return closeConnections(host, question);
    case "send":
      return sendToUser(host, question.user, toOutgoing(question.message));
    case "rooms":
      return await listRooms(host, question);
    case "members":
      return await listMembers(host, question);
    case "publish":
      return await publish(host, question.rooms, question.publication);
    case "topics":
      return await listTopics(host);
    case "publishTopics":
      return await publishTopics(host, question.topics, question.data);
    case "tree":
      return listChildren(host, question);
    case "relations":
      return host.node.observer.relations(question.id as Address, question.limit);
    case "log":
      return host.logs?.lines(0, question.limit) ?? null;
    case "node":
      return await describeNode(host);
  }
}

// Connections

/** A connection with its endpoint. */
interface Meant {
  readonly connection: ListedConnection;
  readonly endpoint: string;
}

/** Those of each endpoint, in the order in which they were opened. */
function* meantConnections(
  { endpoints }: Pick<ApiHost, "endpoints">,
  { endpoint, user, ip }: ConnectionFilter,
  mostOfEach = Infinity,
  isMeant: (connection: ListedConnection) => boolean = () => true,
): Iterable<Meant> {
  for (const { path, list } of endpoints) {
    if (endpoint !== undefined && path !== endpoint) continue;
    let left = mostOfEach;
    for (const connection of list({ user, ip })) {
      if (!isMeant(connection)) continue;
      yield { connection, endpoint: path };
      if (--left <= 0) break;
    }
  }
}

function counterOf(id: string): number {
  return Number(id.slice(id.lastIndexOf("/") + 1, -1));
}

/** Looks at no more of each endpoint than are listed: their order is that of their numbers. */
function listConnections(
  host: ApiHost,
  { after, limit, ...filter }: Extract<Question, { kind: "connections" }>,
): ConnectionRow[] {
  const last = after === undefined ? 0 : counterOf(after);
  const isMeant = ({ id }: ListedConnection) => last === 0 || counterOf(id) > last;
  return Array.from(meantConnections(host, filter, limit, isMeant))
    .map((meant) => ({ ...meant, number: counterOf(meant.connection.id) }))
    .toSorted((one, other) => one.number - other.number)
    .slice(0, limit)
    .map(({ connection: { id, remoteAddr, user = "", openMs }, endpoint }) => (
      { id, node: host.node.name, endpoint, remoteAddr, user, openMs }
    ));
}

function closeConnections(
  host: ApiHost,
  { code, reason, endpoint, user, ip }: Extract<Question, { kind: "close" }>,
): number {
  return sendEach(host, { endpoint, user, ip }, close(code, reason));
}

function sendToUser(host: ApiHost, user: string, message: OutgoingMessage): number {
  return sendEach(host, { user }, message);
}

/** Returns how many accepted it. */
function sendEach(host: ApiHost, filter: ConnectionFilter, message: OutgoingMessage): number {
  let accepted = 0;
  const ids = Array.from(meantConnections(host, filter), ({ connection: { id } }) => id);
  for (const id of ids) {
    if (host.node.send(id, message) === "accepted") accepted++;
  }
  return accepted;
}

// Rooms and topics

/** Asks every process that provides a service; who does not answer is left out. */
async function askProviders(
  { node }: ApiHost,
  service: string,
  command: object,
): Promise<unknown[]> {
  const providers: Pid[] = node.observer.providers(service);
  // Each node is asked of its own: they would ask each other.
  const asked = { ...command, scope: "node" };
  const answers = await Promise.allSettled(
    providers.map((pid) => node.call(pid, asked, { timeoutMs: CALL_TIMEOUT_MS })),
  );
  return answers.flatMap((each) => each.status === "fulfilled" ? [each.value] : []);
}

async function listRooms(
  host: ApiHost,
  { after, prefix, limit }: NameWindow,
): Promise<{ room: string; members: number }[]> {
  const answers = await askProviders(host, SERVICES.rooms, { kind: "rooms", after, prefix, limit });
  const members = new Map<string, number>();
  for (const each of answers.flat() as { room: string; members: number }[]) {
    members.set(each.room, (members.get(each.room) ?? 0) + each.members);
  }
  return namesIn(members.keys(), { limit })
    .map((room) => ({ room, members: members.get(room)! }));
}

/** A connection in a room. */
interface Member {
  readonly id: string;
  readonly alias: string;
  readonly remoteAddr: string;
}

async function listMembers(
  host: ApiHost,
  { room, after, limit }: Extract<Question, { kind: "members" }>,
): Promise<Member[]> {
  const answers = await askProviders(host, SERVICES.rooms, { kind: "members", room, after, limit });
  return firstOf(
    answers.flat() as Member[],
    limit,
    (one, other) => compareTexts(one.id, other.id),
    ({ id, alias, remoteAddr }) => ({ id, alias, remoteAddr }),
  );
}

async function publish(
  host: ApiHost,
  rooms: readonly string[],
  { event, data, except, ...given }: Publication,
): Promise<Published> {
  const commands = rooms.map((to) =>
    event === undefined
      ? { kind: "emitMessage", to, body: bodyOf(given), except }
      : { kind: "emit", to, event, data, except }
  );
  const answers = await Promise.all(
    commands.map((command) => askProviders(host, SERVICES.rooms, command)),
  );
  return sumPublished(answers as number[][]);
}

function sumPublished(answers: readonly (readonly number[])[]): Published {
  const counts = answers.flat();
  return {
    takers: Math.max(0, ...answers.map(({ length }) => length)),
    connections: counts.reduce((sum, count) => sum + count, 0),
  };
}

/** A topic with the number of its subscribers. */
export interface TopicRow {
  readonly topic: string;
  readonly subscribers: number;
}

async function listTopics(host: ApiHost): Promise<TopicRow[]> {
  const answers = await askProviders(host, SERVICES.topics, { kind: "topics" });
  return sumTopics(answers.flat() as TopicRow[]);
}

/** Each topic once, in the order of the names. */
export function sumTopics(rows: readonly TopicRow[]): TopicRow[] {
  const sums = new Map<string, number>();
  for (const { topic, subscribers } of rows) {
    sums.set(topic, (sums.get(topic) ?? 0) + subscribers);
  }
  return [...sums.keys()].toSorted(compareTexts)
    .map((topic) => ({ topic, subscribers: sums.get(topic)! }));
}

async function publishTopics(
  host: ApiHost,
  topics: readonly string[],
  data: unknown,
): Promise<Published> {
  const answers = await Promise.all(
    topics.map((topic) => askProviders(host, SERVICES.topics, { kind: "publish", topic, data })),
  );
  return sumPublished(answers as number[][]);
}

async function describeNode(host: ApiHost): Promise<Readonly<Record<string, unknown>>> {
  const { kind: _, id, ...record } = await host.node.inspect();
  const connections = host.endpoints.reduce((sum, each) => sum + each.connections, 0);
  const { version, workers } = host.info();
  const { rss: rssBytes } = Deno.memoryUsage();
  const totals = host.node.telemetry.totals();
  return { name: id, ...record, connections, version, workers, rssBytes, ...totals };
}

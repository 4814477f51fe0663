/**
 * The actors of a node that an operator looks at: a window of the table, or a part of the tree.
 *
 * @module
 */

import type { ActorRow, ActorWindow, Address, Node } from "../actor/mod.ts";
import { compareTexts, firstOf } from "../text/mod.ts";
import type { ApiHost } from "./host.ts";
import type { ActorInfo, ActorsQuestion, Question } from "./questions.ts";

/** What each order goes by. */
const ORDERS: Readonly<Record<ActorsQuestion["sort"], ActorWindow["by"]>> = {
  // They come in this order.
  id: undefined,
  name: "name",
  mailbox: "mailboxDepth",
  accepted: "accepted",
  overflows: "overflows",
};

function toActorInfo({ name: node, telemetry }: Node): (row: ActorRow) => ActorInfo {
  return (
    { address, kind, name, parent, state, mailboxDepth, mailboxSize, accepted, overflows },
  ) => ({
    ...{ id: address, node, kind, name, parent, state, mailbox: mailboxDepth, mailboxSize },
    ...{ accepted, overflows, restarts: name === "" ? 0 : telemetry.restartsOf(name) },
  });
}

/** Answers a window of the table. */
export function listActors(host: ApiHost, question: ActorsQuestion): ActorInfo[] {
  const toInfo = toActorInfo(host.node);
  const isMeant = filterOf(host, question);
  const { after, limit, sort, parent } = question;
  if (after !== undefined || sort === "id" && isMeant === undefined && parent === undefined) {
    return goOn(host, question, isMeant).map(toInfo);
  }
  const id = `actors ${JSON.stringify(question)}`;
  const [rows] = host.node.observer.windows([{ id, limit, by: ORDERS[sort], parent, isMeant }]);
  return rows!.map(toInfo);
}

type Filter = (row: ActorRow) => boolean;

/** Which actors are meant, whatever their parent; absent for all. */
function filterOf(
  { endpoints }: Pick<ApiHost, "endpoints">,
  { of, prefix, q, sort }: ActorsQuestion,
): Filter | undefined {
  const filters: Filter[] = [];
  if (sort === "name") filters.push(({ name }) => name !== "");
  if (of === "connection") {
    filters.push(({ behavior }) =>
      behavior !== undefined && endpoints.some((endpoint) => endpoint.has(behavior))
    );
  } else if (of !== undefined) filters.push(({ kind }) => kind === of);
  if (prefix !== undefined) filters.push(({ name }) => name.startsWith(prefix));
  if (q !== undefined) filters.push(({ name, address }) => name.includes(q) || address.includes(q));
  if (filters.length === 0) return undefined;
  return (row) => filters.every((each) => each(row));
}

/** The window after one that was seen: nobody looks at that again and again. */
function goOn(
  { node }: ApiHost,
  { sort, limit, after, parent }: ActorsQuestion,
  isMeant: Filter | undefined,
): ActorRow[] {
  const isByName = sort === "name";
  const rows = meantRows(
    node.observer.rows(isByName ? undefined : after as Address | undefined),
    (row) =>
      (parent === undefined || row.parent === parent) && (isMeant?.(row) ?? true) &&
      (!isByName || after === undefined || row.name > after),
  );
  const byName = (one: ActorRow, other: ActorRow) => compareTexts(one.name, other.name);
  if (isByName) return firstOf(rows, limit, byName, copyOf);
  const taken: ActorRow[] = [];
  for (const row of rows) if (taken.push(copyOf(row)) >= limit) break;
  return taken;
}

function* meantRows(rows: Iterable<ActorRow>, isMeant: Filter): Iterable<ActorRow> {
  for (const row of rows) if (isMeant(row)) yield row;
}

function copyOf(row: ActorRow): ActorRow {
  const { address, kind, name, parent, state, mailboxDepth, mailboxSize } = row;
  const { accepted, overflows } = row;
  return { address, kind, name, parent, state, mailboxDepth, mailboxSize, accepted, overflows };
}

/** The first children of several actors; `none` has those without a parent. */
export function listChildren(
  { node }: ApiHost,
  { open, limit }: Extract<Question, { kind: "tree" }>,
): Record<string, ActorInfo[]> {
  const ids = [...new Set(open)];
  const branches = node.observer.windows(ids.map((each) => ({
    id: `children ${limit} ${each}`,
    limit,
    parent: each === "none" ? "" : each,
  })));
  const toInfo = toActorInfo(node);
  return Object.fromEntries(ids.map((each, index) => [each, branches[index]!.map(toInfo)]));
}

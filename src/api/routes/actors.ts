/**
 * Routes of single actors and of the table of all of them.
 *
 * @module
 */

import * as z from "zod";
import {
  type Address,
  parseIdentity,
  type RelationLists,
  type SendResult,
  type Target,
} from "../../actor/mod.ts";
import type { SpanAttributes } from "../../telemetry/mod.ts";
import { compareTexts } from "../../text/mod.ts";
import type { Api } from "../core.ts";
import { traceDelivery } from "../deliveries.ts";
import * as fields from "../fields.ts";
import { toJson, toOutgoing } from "../messages.ts";
import { ACTOR_ORDERS, type ActorInfo } from "../questions.ts";
import { ApiError, type ApiRoute, defineRoute } from "../route.ts";
import { answerSend, missingNodes, SEND_ANSWERS, SEND_STATUS, toApiError } from "./answer_docs.ts";

/** Longest wait for an answer, and the usual one, in milliseconds. */
const ASK_MOST_MS = 60_000;
const ASK_DEFAULT = "5s";

/** Relations of one kind, and children, that are listed of one actor. */
const MOST_RELATIONS = 100;

const params = z.strictObject({ target: fields.target });
const FORMS = ["message", ...Object.keys(fields.WEBSOCKET_FORMS)];

const message = fields.oneOf(
  z.strictObject({
    message: z.unknown().optional().meta({ description: "Any value, for a process." }),
    ...fields.WEBSOCKET_FORMS,
  }),
  FORMS,
).meta({
  id: "Message",
  description: "Exactly one of these: `message` for a process, the others for a connection.",
});

const actor = z.object({
  id: z.string(),
  node: z.string(),
  kind: z.enum(["process", "meta"]),
  name: z.string(),
  parent: z.string(),
  state: z.string(),
  mailbox: z.int(),
  mailboxSize: z.int(),
  accepted: z.int(),
  overflows: z.int(),
  restarts: z.int(),
}).meta({ id: "Actor" });

const addresses = z.array(z.string());

function isAlias(target: string): boolean {
  return parseIdentity(target)?.kind === "alias";
}

/** The message for a target, in the form that it takes. */
function messageFor(target: string, body: z.output<typeof message>): unknown {
  if (Object.hasOwn(body, "message")) return body.message;
  if (isAlias(target)) return toOutgoing(body);
  const [form = ""] = fields.formsIn(body, FORMS);
  const text = `${form} is for connections, whose address is an alias; expected message`;
  throw new ApiError(422, text, { errors: [{ path: form, message: text }] });
}

function showResult(result: SendResult): SpanAttributes {
  return { "troupe.send.result": result };
}

const send = defineRoute({
  id: "send",
  method: "POST",
  path: "/actors/{target}/send",
  scope: "send",
  summary: "Send a message to a process or a connection",
  params,
  body: message,
  answers: SEND_ANSWERS,
  example: { path: "/actors/echo_1/send", body: { message: { hello: "world" } } },
  async run({ host }, { params: { target }, body, trace }) {
    const given = messageFor(target, body);
    const deliver = () => host.node.send(target as Target, given);
    try {
      return answerSend(await traceDelivery(host, trace, deliver, showResult));
    } catch (error) {
      throw error instanceof ApiError ? error : toApiError(error);
    }
  },
});

/** A question to a connection has its own message; a process is called. */
function questionFor(target: string, body: z.output<typeof message>): unknown {
  if (!isAlias(target)) return messageFor(target, body);
  if (Object.hasOwn(body, "base64")) {
    const text = "A question is JSON: expected message, json or text";
    throw new ApiError(422, text, { errors: [{ path: "base64", message: text }] });
  }
  const question = body.message ?? body.json ?? body.text ?? null;
  return { kind: "ask", question };
}

const ask = defineRoute({
  id: "ask",
  method: "POST",
  path: "/actors/{target}/ask",
  scope: "send",
  summary: "Ask a process or the client of a connection, and wait for the answer",
  description: 'A process is called. The client of a connection gets `{"ask": ID, "message": …}` ' +
    'and answers `{"answer": ID, "value": …}` or `{"answer": ID, "error": TEXT}`; with ' +
    "`/troupe.js` that is `ws.OnAsk((message) => value)`.",
  params,
  query: z.strictObject({
    timeout: fields.duration(ASK_MOST_MS, "a time to wait").prefault(ASK_DEFAULT).meta({
      description: "How long to wait.",
    }),
  }),
  body: message,
  answers: {
    200: {
      description: "The answer.",
      schema: z.object({ answer: z.unknown() }).meta({ id: "Answer" }),
    },
    404: SEND_ANSWERS[404]!,
    410: { description: "It has ended, or did before it answered." },
    429: SEND_ANSWERS[429]!,
    502: { description: "It answered with an error." },
    503: SEND_ANSWERS[503]!,
    504: { description: "No answer came in time." },
  },
  example: { path: "/actors/board/ask?timeout=5s", body: { message: { kind: "rows" } } },
  async run({ host }, { params: { target }, query: { timeout }, body, trace }) {
    const question = questionFor(target, body);
    const deliver = () => host.node.call(target as Target, question, { timeoutMs: timeout });
    try {
      const answer = await traceDelivery(host, trace, deliver, () => showResult("accepted"));
      return { status: 200, body: { answer: toJson(answer) } };
    } catch (error) {
      throw error instanceof ApiError ? error : toApiError(error);
    }
  },
});

const token = defineRoute({
  id: "renewToken",
  method: "POST",
  path: "/actors/{target}/token",
  scope: "send",
  summary: "Give a connection a fresh token of its user",
  params,
  body: z.strictObject({ token: z.string({ error: "a token" }).min(1, { error: "a token" }) })
    .meta({ id: "Token" }),
  answers: {
    200: {
      description: "It is good, and the connection stays as long as it is.",
      schema: z.object({ renewed: z.literal(true) }).meta({ id: "Renewed" }),
    },
    404: SEND_ANSWERS[404]!,
    410: SEND_ANSWERS[410]!,
    429: SEND_ANSWERS[429]!,
    502: { description: "The token is not good, or of another user." },
    503: SEND_ANSWERS[503]!,
    504: { description: "It could not be checked in time." },
  },
  example: { path: "/actors/Alias%23%3Ctroupe@localhost%2F0%2F1%3E/token", body: { token: "…" } },
  async run({ host }, { params: { target }, body }) {
    if (!isAlias(target)) {
      const text = "Only connections have logins; expected the address of one";
      throw new ApiError(422, text, { errors: [{ path: "target", message: text }] });
    }
    try {
      await host.node.call(target as Target, { kind: "token", token: body.token });
      return { status: 200, body: { renewed: true } };
    } catch (error) {
      throw toApiError(error);
    }
  },
});

const end = defineRoute({
  id: "end",
  method: "DELETE",
  path: "/actors/{target}",
  scope: "admin",
  summary: "Close a connection, or ask a process to stop",
  params,
  query: z.strictObject({
    code: fields.closeCode,
    reason: fields.closeReason,
  }),
  answers: {
    202: { description: "It was asked to end.", schema: SEND_ANSWERS[202]!.schema! },
    404: SEND_ANSWERS[404]!,
    410: SEND_ANSWERS[410]!,
    429: SEND_ANSWERS[429]!,
    503: SEND_ANSWERS[503]!,
    504: { description: "Its node did not answer in time." },
  },
  example: { path: "/actors/echo_3" },
  async run({ host }, { params: { target }, query: { code, reason }, trace }) {
    const { node } = host;
    if (isAlias(target)) {
      try {
        const frame = { kind: "message", type: 8, code, reason };
        const deliver = () => node.send(target as Target, frame);
        return answerSend(await traceDelivery(host, trace, deliver, showResult));
      } catch (error) {
        throw toApiError(error);
      }
    }
    // Who is told to stop may take its time; who is not there is told of at once.
    const { id } = await node.inspect(target as Target).catch((error) => {
      throw toApiError(error);
    });
    void node.exit(id as Address);
    return { status: SEND_STATUS.accepted, body: { result: "accepted" } };
  },
});

const ORDERS: Readonly<
  Record<(typeof ACTOR_ORDERS)[number], (one: ActorInfo, other: ActorInfo) => number>
> = {
  id: () => 0,
  name: (one, other) => compareTexts(one.name, other.name),
  mailbox: (one, other) => other.mailbox - one.mailbox,
  accepted: (one, other) => other.accepted - one.accepted,
  overflows: (one, other) => other.overflows - one.overflows,
};

/** Nodes that have something after a cursor, in the order of the list. */
function nodesAfter(api: Api, after: string | undefined): readonly string[] {
  const nodes = [...api.nodes].toSorted(compareTexts);
  const node = after === undefined ? undefined : parseIdentity(after)?.node;
  return node === undefined ? nodes : nodes.filter((each) => each >= node);
}

const list = defineRoute({
  id: "listActors",
  method: "GET",
  path: "/actors",
  scope: "read",
  summary: "A window of the table of actors",
  query: z.strictObject({
    kind: z.enum(["process", "connection", "meta"], {
      error: "one of process, connection, meta",
    }).optional().meta({ description: "Only processes, connections, or all meta-processes." }),
    sort: z.enum(ACTOR_ORDERS, { error: `one of ${ACTOR_ORDERS.join(", ")}` }).default("id").meta({
      description: "By what; numbers have the largest first.",
    }),
    limit: fields.limit,
    after: fields.after,
    prefix: fields.prefix,
    q: fields.named("a part of a name or an address").optional().meta({
      description: "Only those whose name or address has it.",
    }),
    parent: fields.named("an address").optional().meta({ description: "Only its children." }),
    node: fields.named("the name of a node").optional().meta({ description: "Only of this node." }),
  }).refine(({ sort, after }) => after === undefined || sort === "id" || sort === "name", {
    error: "only with sort=id or sort=name",
    path: ["after"],
  }),
  answers: {
    200: {
      description: "Some of the actors.",
      schema: z.object({ actors: z.array(actor), missing: missingNodes }).meta({ id: "Actors" }),
    },
    404: { description: "There is no such node." },
  },
  example: { path: "/actors?kind=process&sort=mailbox&limit=10" },
  async run(api, { query: { kind: of, node, ...query } }) {
    if (node !== undefined && !api.nodes.includes(node)) {
      throw new ApiError(404, `There is no node ${JSON.stringify(node)}`);
    }
    const nodes = node === undefined ? nodesAfter(api, query.after) : [node];
    const cursorNode = query.after === undefined ? undefined : parseIdentity(query.after)?.node;
    const gathered = await Promise.all(nodes.map((each) => {
      const after = query.sort === "name" || each === cursorNode ? query.after : undefined;
      return api.ask<ActorInfo[]>({ kind: "actors", of, ...query, after }, [each]);
    }));
    const rows = gathered.flatMap(({ answers }) => answers.flat());
    const actors = rows.toSorted(ORDERS[query.sort]).slice(0, query.limit);
    return { status: 200, body: { actors, missing: gathered.flatMap(({ missing }) => missing) } };
  },
});

/** Actors whose children are asked for at once. */
const MOST_OPEN = 100;

const openList = "addresses, or none, separated by commas";

const tree = defineRoute({
  id: "actorTree",
  method: "GET",
  path: "/tree",
  scope: "read",
  summary: "The children of several actors at once: a part of the tree",
  query: z.strictObject({
    open: z.string({ error: openList })
      .transform((text) => text.split(",").filter((each) => each !== ""))
      .refine(({ length }) => length <= MOST_OPEN, { error: `at most ${MOST_OPEN} addresses` })
      .prefault("none").meta({
        description: "Whose: addresses separated by commas, `none` for those without a parent.",
        override: { type: "string", default: "none" },
      }),
    limit: fields.limit,
  }),
  answers: {
    200: {
      description: "Of each one its first children, by its address.",
      schema: z.object({ branches: z.record(z.string(), z.array(actor)), missing: missingNodes })
        .meta({ id: "ActorTree" }),
    },
  },
  example: { path: "/tree?open=none&limit=10" },
  async run(api, { query: { open, limit } }) {
    const { answers, missing } = await api.ask<Record<string, ActorInfo[]>>({
      kind: "tree",
      open,
      limit,
    });
    const branches = Object.fromEntries(
      open.map((id) => [id, answers.flatMap((each) => each[id] ?? []).slice(0, limit)]),
    );
    return { status: 200, body: { branches, missing } };
  },
});

const NO_RELATIONS: RelationLists = { links: [], linkedBy: [], monitors: [], monitoredBy: [] };

const inspect = defineRoute({
  id: "inspectActor",
  method: "GET",
  path: "/actors/{target}",
  scope: "read",
  summary: "What one actor says of itself, its relations and some of its children",
  params,
  answers: {
    200: {
      description: "The actor. Of relations and children the first 100 are listed.",
      schema: z.object({
        inspect: z.record(z.string(), z.unknown()),
        links: addresses,
        linkedBy: addresses,
        monitors: addresses,
        monitoredBy: addresses,
        parent: z.string(),
        children: z.array(actor),
      }).meta({ id: "ActorDetails" }),
    },
    404: SEND_ANSWERS[404]!,
    410: SEND_ANSWERS[410]!,
    503: SEND_ANSWERS[503]!,
    504: { description: "It did not answer in time." },
  },
  example: { path: "/actors/echo_1" },
  async run(api, { params: { target } }) {
    const { node } = api.host;
    const record = await node.inspect(target as Target).catch((error) => {
      throw toApiError(error);
    });
    const id = String(record.id) as Address;
    const parent = String(record.parent ?? "");
    // Its own node alone knows its children, and whom it is tied to.
    const owner = parseIdentity(id)?.node ?? node.name;
    const limit = MOST_RELATIONS;
    const question = { kind: "actors", sort: "id", limit, parent: id } as const;
    const [{ answers }, { answers: [relations] }] = await Promise.all([
      api.ask<ActorInfo[]>(question, [owner]),
      api.ask<RelationLists>({ kind: "relations", id, limit }, [owner]),
    ]);
    const body = {
      inspect: toJson(record),
      ...relations ?? NO_RELATIONS,
      parent,
      children: answers.flat(),
    };
    return { status: 200, body };
  },
});

/** In the order of the reference. */
export const ACTOR_ROUTES: readonly ApiRoute[] = [send, ask, token, end, list, tree, inspect];

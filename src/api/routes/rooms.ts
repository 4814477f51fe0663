/**
 * Routes that reach many: rooms, topics, and all connections of a user.
 *
 * @module
 */

import * as z from "zod";
import { compareTexts } from "../../text/mod.ts";
import { sumTopics, type TopicRow } from "../answers.ts";
import type { Api, Gathered } from "../core.ts";
import * as fields from "../fields.ts";
import type { Publication, Published, Question } from "../questions.ts";
import { type Answer, ApiError, type ApiRoute, defineRoute } from "../route.ts";
import { missingNodes, published } from "./answer_docs.ts";

/** Rooms, topics and users of one broadcast. */
const MOST_TARGETS = 1_000;

const FORMS = ["event", ...Object.keys(fields.WEBSOCKET_FORMS)];

const eventName = z.string({ error: "the name of an event" })
  .regex(/^[^;]+$/, { error: 'the name of an event: not empty, without ";"' });

const PUBLICATION = {
  event: eventName.optional().meta({ description: "An event, with `data`." }),
  data: z.unknown().optional().meta({ description: "Data of the event: any value." }),
  ...fields.WEBSOCKET_FORMS,
};

const publication = fields.oneOf(
  z.strictObject({ ...PUBLICATION, except: fields.except }),
  FORMS,
).meta({
  id: "Publication",
  description: "Exactly one of `event`, `text`, `base64` and `json`.",
});

const room = z.strictObject({ room: fields.named("the name of a room") });
const topic = z.strictObject({ topic: fields.named("the name of a topic") });
const user = z.strictObject({ user: fields.named("a user: the subject of a token") });

const PUBLISHED = { 200: { description: "It was published.", schema: published } };

/** Adds up what the nodes published. */
function sum(gathered: readonly Gathered<Published>[]): Answer {
  const answers = gathered.flatMap(({ answers }) => answers);
  const perNode = gathered.map(({ answers }) => answers.filter(({ takers }) => takers > 0).length);
  const connections = answers.reduce((total, each) => total + each.connections, 0);
  const missing = [...new Set(gathered.flatMap((each) => each.missing))];
  return { status: 200, body: { nodes: Math.max(0, ...perNode), connections, missing } };
}

const publishRoom = defineRoute({
  id: "publishRoom",
  method: "POST",
  path: "/rooms/{room}/publish",
  scope: "publish",
  summary: "Publish to everyone in a room",
  params: room,
  body: publication,
  answers: PUBLISHED,
  example: { path: "/rooms/lobby/publish", body: { event: "news", data: "It works" } },
  async run(api, { params, body, trace }) {
    const rooms = [params.room];
    const question = { kind: "publish", rooms, publication: body, trace } as const;
    return sum([await api.ask<Published>(question)]);
  },
});

async function assertTopics(api: Api, topics: readonly string[]): Promise<void> {
  const { answers } = await api.ask<TopicRow[]>({ kind: "topics" });
  const known = new Set(answers.flat().map(({ topic }) => topic));
  // Its publications are the server's own.
  known.delete("heartbeat");
  const unknown = topics.find((each) => !known.has(each));
  if (unknown === undefined) return;
  throw new ApiError(404, `There is no topic ${JSON.stringify(unknown)} to publish to`);
}

const publishTopic = defineRoute({
  id: "publishTopic",
  method: "POST",
  path: "/topics/{topic}/publish",
  scope: "publish",
  summary: "Publish to the subscribers of a topic",
  params: topic,
  body: z.strictObject({
    data: z.unknown().optional().meta({ description: "Any value; null if it is left out." }),
  }).meta({ id: "TopicPublication" }),
  answers: { ...PUBLISHED, 404: { description: "There is no such topic." } },
  example: { path: "/topics/news/publish", body: { data: { headline: "It works" } } },
  async run(api, { params, body: { data = null }, trace }) {
    await assertTopics(api, [params.topic]);
    const question = { kind: "publishTopics", topics: [params.topic], data, trace } as const;
    return sum([await api.ask<Published>(question)]);
  },
});

const sendUser = defineRoute({
  id: "sendUser",
  method: "POST",
  path: "/users/{user}/send",
  scope: "send",
  summary: "Send a message to all connections of a user",
  params: user,
  body: fields.oneOf(z.strictObject(fields.WEBSOCKET_FORMS), Object.keys(fields.WEBSOCKET_FORMS))
    .meta({ id: "WebSocketMessage", description: "Exactly one of these." }),
  answers: { ...PUBLISHED, 404: { description: "The user has no connection." } },
  example: { path: "/users/alice/send", body: { json: { hello: "Alice" } } },
  async run(api, { params, body, trace }) {
    const { answers, missing } = await api.ask<number>({
      kind: "send",
      user: params.user,
      message: body,
      trace,
    });
    const connections = answers.reduce((total, each) => total + each, 0);
    if (connections === 0) {
      throw new ApiError(404, `The user ${JSON.stringify(params.user)} has no connection`);
    }
    const nodes = answers.filter((each) => each > 0).length;
    return { status: 200, body: { nodes, connections, missing } };
  },
});

const names = (what: string) =>
  z.array(fields.named(what), { error: `a list with ${what}` }).max(MOST_TARGETS).default([]);

const broadcastBody = z.strictObject({
  rooms: names("names of rooms"),
  topics: names("names of topics"),
  ...PUBLICATION,
  except: fields.except,
}).superRefine((body, context) => {
  const refuse = (path: string, message: string) =>
    context.addIssue({ code: "custom", path: [path], message });
  if (body.rooms.length + body.topics.length === 0) refuse("rooms", "rooms or topics");
  const forms = fields.formsIn(body, FORMS).length;
  if (body.rooms.length > 0 && forms !== 1) refuse("event", `exactly one of ${FORMS.join(", ")}`);
  if (body.rooms.length === 0 && forms !== 0) refuse("data", "only data, as there are no rooms");
}).meta({
  id: "Broadcast",
  description: "Rooms get the event or the message, topics the `data`.",
});

const broadcast = defineRoute({
  id: "broadcast",
  method: "POST",
  path: "/broadcast",
  scope: "publish",
  summary: "Publish to several rooms and topics at once",
  body: broadcastBody,
  answers: { ...PUBLISHED, 404: { description: "There is no such topic." } },
  example: {
    path: "/broadcast",
    body: { rooms: ["lobby", "staff"], topics: [], event: "news", data: "It works" },
  },
  async run(api, { body: { rooms, topics, ...rest }, trace }) {
    if (topics.length > 0) await assertTopics(api, topics);
    const { data = null } = rest;
    const publication: Publication = rest;
    const questions: Question[] = [
      ...rooms.length > 0 ? [{ kind: "publish", rooms, publication, trace } as const] : [],
      ...topics.length > 0 ? [{ kind: "publishTopics", topics, data, trace } as const] : [],
    ];
    return sum(await Promise.all(questions.map((each) => api.ask<Published>(each))));
  },
});

const roomRow = z.object({ room: z.string(), members: z.int() });

const listRooms = defineRoute({
  id: "listRooms",
  method: "GET",
  path: "/rooms",
  scope: "read",
  summary: "A window of the rooms, by name",
  query: z.strictObject({ limit: fields.limit, after: fields.after, prefix: fields.prefix }),
  answers: {
    200: {
      description: "Some of the rooms.",
      schema: z.object({ rooms: z.array(roomRow), missing: missingNodes }).meta({ id: "Rooms" }),
    },
  },
  example: { path: "/rooms?limit=10" },
  async run(api, { query }) {
    const { answers, missing } = await api.ask<z.output<typeof roomRow>[]>({
      kind: "rooms",
      ...query,
    });
    const members = new Map<string, number>();
    for (const each of answers.flat()) {
      members.set(each.room, (members.get(each.room) ?? 0) + each.members);
    }
    const rooms = [...members.keys()].toSorted(compareTexts).slice(0, query.limit)
      .map((room) => ({ room, members: members.get(room)! }));
    return { status: 200, body: { rooms, missing } };
  },
});

const memberRow = z.object({ id: z.string(), alias: z.string(), remoteAddr: z.string() });

const listMembers = defineRoute({
  id: "listMembers",
  method: "GET",
  path: "/rooms/{room}/members",
  scope: "read",
  summary: "A window of the connections in a room, by id",
  params: room,
  query: z.strictObject({ limit: fields.limit, after: fields.after }),
  answers: {
    200: {
      description: "Some of its members; none if there is no such room.",
      schema: z.object({ members: z.array(memberRow), missing: missingNodes })
        .meta({ id: "Members" }),
    },
  },
  example: { path: "/rooms/lobby/members" },
  async run(api, { params, query }) {
    const question = { kind: "members", room: params.room, ...query } as const;
    const { answers, missing } = await api.ask<z.output<typeof memberRow>[]>(question);
    const members = answers.flat().toSorted((one, other) => compareTexts(one.id, other.id))
      .slice(0, query.limit);
    return { status: 200, body: { members, missing } };
  },
});

const topicRow = z.object({ topic: z.string(), subscribers: z.int() });

const listTopics = defineRoute({
  id: "listTopics",
  method: "GET",
  path: "/topics",
  scope: "read",
  summary: "A window of the topics, by name",
  query: z.strictObject({ limit: fields.limit, after: fields.after, prefix: fields.prefix }),
  answers: {
    200: {
      description: "Some of the topics.",
      schema: z.object({ topics: z.array(topicRow), missing: missingNodes }).meta({ id: "Topics" }),
    },
  },
  example: { path: "/topics" },
  async run(api, { query: { limit, after, prefix = "" } }) {
    const { answers, missing } = await api.ask<TopicRow[]>({ kind: "topics" });
    const topics = sumTopics(answers.flat())
      .filter(({ topic }) => topic.startsWith(prefix) && (after === undefined || topic > after))
      .slice(0, limit);
    return { status: 200, body: { topics, missing } };
  },
});

/** In the order of the reference. */
export const ROOM_ROUTES: readonly ApiRoute[] = [
  publishRoom,
  publishTopic,
  sendUser,
  broadcast,
  listRooms,
  listMembers,
  listTopics,
];

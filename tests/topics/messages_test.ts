import { isTopicName, REQUEST_SCHEMAS } from "../../src/topics/messages.ts";
import {
  RESPONSE_STATUS,
  SERVER_MESSAGE_SCHEMA,
  TOPIC_HEARTBEAT,
  TOPICS_ERROR,
  TOPICS_MESSAGE_TYPE,
} from "../../src/topics/mod.ts";
import { assert, assertEquals } from "../helpers/assert.ts";

Deno.test("the constants have the values of seed 004", () => {
  assertEquals({ ...TOPICS_MESSAGE_TYPE }, {
    error: "error", // MSG_TYPE_ERROR
    subscribeRequest: "subscribe_request", // MSG_TYPE_SUBSCRIBE_REQUEST
    subscribeResponse: "subscribe_response", // MSG_TYPE_SUBSCRIBE_RESPONSE
    unsubscribeRequest: "unsubscribe_request", // MSG_TYPE_UNSUBSCRIBE_REQUEST
    unsubscribeResponse: "unsubscribe_response", // MSG_TYPE_UNSUBSCRIBE_RESPONSE
    echoRequest: "echo_request", // MSG_TYPE_ECHO_REQUEST
    echoResponse: "echo_response", // MSG_TYPE_ECHO_RESPONSE
    heartbeat: "heartbeat", // MSG_TYPE_HEARTBEAT
  });
  assertEquals(TOPIC_HEARTBEAT, "heartbeat");
  assertEquals({ ...RESPONSE_STATUS }, { ok: "OK", error: "ERROR" }); // RESPONSE_STATUS_…
  assertEquals({ ...TOPICS_ERROR }, {
    alreadySubscribed: "ALREADY_SUBSCRIBED", // ERROR_ALREADY_SUBSCRIBED
    notSubscribed: "NOT_SUBSCRIBED", // ERROR_NOT_SUBSCRIBED
    askedByClient: "ASKED_BY_CLIENT", // ERROR_ECHO_ASKED_BY_CLIENT
    topicNotFound: "TOPIC_NOT_FOUND", // ERROR_TOPIC_NOT_FOUND
    unknownMessageType: "UNKNOWN_MESSAGE_TYPE", // ERROR_UNKNOWN_MESSAGE_TYPE
    badRequest: "BAD_REQUEST", // ERROR_BAD_REQUEST
  });
});

Deno.test("REQUEST_SCHEMAS have the field names of seed 004 and ignore further fields", () => {
  const echo = { type: "echo_request", reqId: "1", echo: "a", err: false } as const;
  assertEquals(REQUEST_SCHEMAS.echo_request.parse({ ...echo, more: 1 }), echo);
  for (const type of ["subscribe_request", "unsubscribe_request"] as const) {
    assertEquals(REQUEST_SCHEMAS[type].parse({ type, topic: "t" }), { type, topic: "t" } as never);
  }
});

Deno.test("SERVER_MESSAGE_SCHEMA refuses other fields and values", () => {
  const heartbeat = {
    type: "heartbeat",
    timestamp: "2026-01-31T12:00:00.000Z",
    uptime_seconds: "5",
  };
  const wrong = [
    { ...heartbeat, uptime_seconds: 5 },
    { ...heartbeat, timestamp: "31 January" },
    { type: "echo_response", status: "ok" },
    { type: "error", code: "BAD_REQUEST" },
    { type: "other" },
  ];
  assert(SERVER_MESSAGE_SCHEMA.safeParse(heartbeat).success);
  for (const message of wrong) assert(!SERVER_MESSAGE_SCHEMA.safeParse(message).success);
});

Deno.test("isTopicName() takes names that are no message types", () => {
  for (const name of ["news", "a b", "x".repeat(255), "__proto__"]) assert(isTopicName(name), name);
  for (const name of ["", "x".repeat(256), "heartbeat", "error", "echo_response", 5, undefined]) {
    assert(!isTopicName(name), String(name));
  }
});

import { assertEquals, assertStringIncludes } from "../helpers/assert.ts";
import { SERVER_MESSAGE_SCHEMA } from "../../src/topics/mod.ts";
import type { TopicsRequest } from "../../src/topics/mod.ts";
import { heartbeatMessage, stepRequest } from "../../src/topics/protocol.ts";

function step(request: TopicsRequest, ...subscriptions: string[]) {
  const state = { subscriptions: new Set(subscriptions), declared: new Set(["news"]) };
  const answer = stepRequest(state, request);
  SERVER_MESSAGE_SCHEMA.parse(answer.response);
  return answer;
}

Deno.test("stepRequest() echoes with and without reqId", () => {
  assertEquals(step({ type: "echo_request", echo: "a", reqId: "1" }), {
    response: { type: "echo_response", reqId: "1", status: "OK", data: { echo: "a" } },
  });
  for (const reqId of [undefined, ""]) {
    assertEquals(step({ type: "echo_request", echo: "", reqId, err: false }), {
      response: { type: "echo_response", status: "OK", data: { echo: "" } },
    });
  }
});

Deno.test("stepRequest() answers an echo with err by ASKED_BY_CLIENT", () => {
  const { response } = step({ type: "echo_request", echo: "a", reqId: "1", err: true });
  assertEquals(response, {
    type: "echo_response",
    reqId: "1",
    status: "ERROR",
    error: {
      message: "Cannot echo: the client asked for an error",
      code: "ASKED_BY_CLIENT",
      reqId: "1",
    },
  });
});

for (const topic of ["heartbeat", "news"]) {
  Deno.test(`stepRequest() subscribes to ${topic} once`, () => {
    const request = { type: "subscribe_request", reqId: "1", topic } as const;
    assertEquals(step(request), {
      response: { type: "subscribe_response", reqId: "1", status: "OK", data: { topic } },
      change: { kind: "subscribe", topic },
    });
    const { response, change } = step(request, topic);
    assertEquals([response.type, response.status], ["subscribe_response", "ERROR"]);
    assertEquals([response.error?.code, response.error?.reqId], ["ALREADY_SUBSCRIBED", "1"]);
    assertEquals([response.data, change], [undefined, undefined]);
  });

  Deno.test(`stepRequest() unsubscribes from ${topic} once`, () => {
    const request = { type: "unsubscribe_request", reqId: "1", topic } as const;
    assertEquals(step(request, topic), {
      response: { type: "unsubscribe_response", reqId: "1", status: "OK", data: { topic } },
      change: { kind: "unsubscribe", topic },
    });
    const { response, change } = step(request);
    assertEquals([response.type, response.status], ["unsubscribe_response", "ERROR"]);
    assertEquals([response.error?.code, response.error?.reqId], ["NOT_SUBSCRIBED", "1"]);
    assertEquals(change, undefined);
  });
}

Deno.test("stepRequest() finds no topic that nobody declared", () => {
  for (const type of ["subscribe_request", "unsubscribe_request"] as const) {
    const { response, change } = step({ type, topic: "weather" });
    assertEquals([response.status, response.error?.code], ["ERROR", "TOPIC_NOT_FOUND"]);
    assertStringIncludes(response.error!.message, '"weather": there is no such topic');
    assertEquals([response.reqId, change], [undefined, undefined]);
  }
});

Deno.test("heartbeatMessage() has the time in UTC and whole seconds as a text", () => {
  const at = Date.UTC(2026, 0, 31, 12, 0, 0, 5);
  const expected = { type: "heartbeat", timestamp: "2026-01-31T12:00:00.005Z" };
  for (
    const [uptimeMs, uptime_seconds] of [[0, "0"], [999, "0"], [5000, "5"], [-1, "0"]] as const
  ) {
    assertEquals({ ...heartbeatMessage(at, uptimeMs) }, { ...expected, uptime_seconds } as never);
  }
});

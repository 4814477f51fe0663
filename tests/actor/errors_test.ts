import { showError } from "../../src/actor/errors.ts";
import {
  CallError,
  CallFullError,
  CallHandlerError,
  CallTerminatedError,
  CallTimeoutError,
  CallUnknownError,
  CallUnreachableError,
  NameTakenError,
  NodeStoppedError,
  RestartIntensityError,
} from "../../src/actor/mod.ts";
import { assert, assertEquals } from "../helpers/assert.ts";
import { hostileThrows } from "../helpers/misbehaving.ts";

Deno.test("showError() shows whatever was thrown and throws nothing itself", () => {
  assertEquals(showError(new TypeError("bad")), "TypeError: bad");
  assertEquals(showError("text"), "text");
  for (const thrown of hostileThrows()) assertEquals(typeof showError(thrown), "string");
});

Deno.test("each error has its class, its name, a stable code and a text of one form", () => {
  const errors: [Error, string, string][] = [
    [new CallUnknownError("x"), "unknown", `Cannot call "x": no such process is known`],
    [new CallTerminatedError("x"), "terminated", `Cannot call "x": it has terminated`],
    [new CallFullError("x"), "full", `Cannot call "x": its mailbox is full`],
    [
      new CallUnreachableError({ name: "x", node: "a@b" }),
      "unreachable",
      `Cannot call "x on a@b": its node cannot be reached`,
    ],
    [new CallTimeoutError("x\n", 5), "timeout", `Cannot call "x\\n": no reply within 5 ms`],
    [
      new CallHandlerError("x", new Error("boom")),
      "handler_error",
      `Cannot call "x": its handler failed: Error: boom`,
    ],
    [
      new NameTakenError("x", "<a@b/0/1>"),
      "name_taken",
      `Cannot register "x": the name belongs to <a@b/0/1>`,
    ],
    [
      new NodeStoppedError("spawn a process", "a@b"),
      "node_stopped",
      "Cannot spawn a process: node a@b is stopping or has stopped",
    ],
    [
      new RestartIntensityError("x", 5, 5000),
      "restart_intensity",
      `Cannot restart "x": more than 5 restarts in 5000 ms`,
    ],
  ];
  for (const [error, code, text] of errors) {
    assertEquals(error.message, text);
    assertEquals((error as CallError).code, code);
    assertEquals(error.name, error.constructor.name);
    assertEquals(error instanceof CallError, text.startsWith("Cannot call"));
  }
  assert(new CallHandlerError("x", "cause").cause === "cause");
});
